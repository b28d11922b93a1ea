"""Every blueprint on Terraform of our own, judged by the real policies; and what is declined."""

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

import policies
from bench import terraform_fixes
from core.errors import AlreadyDeclared, Declined, FixError
from core.types import Estate, Finding, FixPlan, Link, Resource, Status
from remediation import FakeForge, GitPlanner
from remediation.blueprint import BLUEPRINTS, TERRAFORM, load
from templates.patch import apply, inverse
from templates.terraform import read_tree

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
FILES = Path(__file__).parent / "test_terraform_fix_files"
OURS = ("api.tf", "beside.tf", "compute.tf", "stated.tf", "storage.tf")
# Its owner is a fact of the finding, which our files do not give.
APART = {"PL-LAMBDA-002"}


@cache
def policy_set() -> policies.PolicySet:
    return policies.load()


KNOWN: dict[int, tuple[Finding, ...]] = {}


def evaluate(resources: Sequence[Resource]) -> tuple[Finding, ...]:
    key = hash(repr(resources))  # every plan of a file asks for the same file before it
    if key not in KNOWN:
        said = policies.evaluate(policy_set(), resources, estate=Estate(), now=NOW)
        KNOWN[key] = tuple(x for x in said if isinstance(x, Finding))
    return KNOWN[key]


def planner_for(files: Mapping[str, bytes]) -> GitPlanner:
    return GitPlanner(
        {"infra": FakeForge("infra", dict(files))},
        evaluate=evaluate,
        estate=Estate(),
        clock=lambda: NOW,
        secret_key=KEY,
    )


def fixable(files: Mapping[str, bytes]) -> list[Finding]:
    load()
    tree = read_tree(files, repository="infra", secret_key=KEY)
    every = [f for module in tree.modules for f in evaluate(module.resources)]
    return [f for f in every if f.check_id in TERRAFORM and f.status is Status.OPEN and f.source]


def plan_of(
    files: Mapping[str, bytes], check_id: str, address: str = "", **facts: object
) -> FixPlan:
    found = [f for f in fixable(files) if f.check_id == check_id]
    finding = next(f for f in found if f.source and address in ("", f.source.address))
    assert finding.source is not None
    link = Link(finding.resource_uid, "infra", finding.source.file, finding.source.address, "t")
    return planner_for(files).plan(replace(finding, **facts), link)  # type: ignore[arg-type]


def after_of(files: Mapping[str, bytes], plan: FixPlan) -> dict[str, str]:
    """Return the changed files, once the inverse is seen to give back the old bytes."""
    made = {}
    for change in plan.changes:
        data = files[change.path]
        after = apply(data, change.edits)
        assert apply(after, inverse(data, change.edits)) == data
        made[change.path] = after.decode()
    return made


def fixed(text: str, check_id: str, address: str = "", **facts: object) -> str:
    files = {"main.tf": text.encode()}
    return after_of(files, plan_of(files, check_id, address, **facts))["main.tf"]


@cache
def outcomes(name: str) -> tuple[tuple[FixPlan, ...], tuple[tuple[str, FixError], ...]]:
    files = {name: (FILES / name).read_bytes()}
    plans: list[FixPlan] = []
    refused: list[tuple[str, FixError]] = []
    planner = planner_for(files)
    for finding in fixable(files):
        assert finding.source is not None
        link = Link(finding.resource_uid, "infra", name, finding.source.address, "test")
        try:
            plans.append(planner.plan(finding, link))
        except FixError as error:
            refused.append((finding.check_id, error))
    return tuple(plans), tuple(refused)


@pytest.mark.parametrize("name", OURS)
def test_every_fix_of_our_files_holds_its_proofs_and_undoes_exactly(name: str) -> None:
    data = (FILES / name).read_bytes()

    plans, refused = outcomes(name)

    assert {check for check, _ in refused} <= APART
    for plan in plans:
        assert all(proof.held for proof in plan.proofs)
        after = after_of({name: data}, plan)[name]
        # Moving `=` to align changes only white space; a value or two may be replaced.
        kept = {" ".join(line.split()) for line in after.splitlines()}
        lost = [x for x in data.decode().splitlines() if " ".join(x.split()) not in kept]
        assert len(lost) <= 2, plan.diff


def test_every_fix_is_written_as_the_golden_file_has_it() -> None:
    """Read the golden file when this fails; PLUMBLINE_GOLDEN=1 writes it anew."""
    chosen: dict[object, FixPlan] = {}  # checks that say the same share one function
    for name in OURS:
        for plan in outcomes(name)[0]:
            chosen.setdefault((TERRAFORM[plan.check_id], name), plan)
    written = "".join(
        f"### {p.check_id} {p.source.address if p.source else ''}\n{p.diff}"
        for p in sorted(chosen.values(), key=lambda p: (p.check_id, p.summary))
    )
    golden = FILES / "golden.diff"
    if os.environ.get("PLUMBLINE_GOLDEN"):
        golden.write_text(written)

    assert written == golden.read_text()


def test_our_files_show_every_blueprint_at_work() -> None:
    shown = {p.check_id for n in OURS for p in outcomes(n)[0]}

    # Checks that say the same share one function.
    unseen = {*TERRAFORM.values()} - {TERRAFORM[check] for check in shown}
    assert unseen == {TERRAFORM[check] for check in APART}


def test_each_has_its_words_from_the_blueprint_of_the_check() -> None:
    load()

    assert set(TERRAFORM) <= set(BLUEPRINTS)


QUEUE = 'resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n'


def test_a_dead_letter_queue_is_made_with_what_names_it() -> None:
    after = fixed(QUEUE, "PL-SQS-002")

    assert after.startswith(
        'resource "aws_sqs_queue" "q" {\n  name = "q"\n  redrive_policy = jsonencode({\n'
        "    deadLetterTargetArn = aws_sqs_queue.q_dead_letter.arn\n"
        "    maxReceiveCount     = 5\n  })\n}\n\n"
        'resource "aws_sqs_queue" "q_dead_letter" {\n'
    )


def test_a_bucket_of_for_each_gets_as_many_companions() -> None:
    text = (
        'resource "aws_s3_bucket" "b" {\n  for_each = toset(["x", "y"])\n  bucket = each.key\n}\n'
    )

    after = fixed(text, "PL-S3-004")

    assert (
        after
        == text
        + (
            '\nresource "aws_s3_bucket_versioning" "b" {\n'
            '  for_each = toset(["x", "y"])\n'
            "  bucket   = aws_s3_bucket.b[each.key].id\n\n"
            '  versioning_configuration {\n    status = "Enabled"\n  }\n}'
        )
        + "\n"
    )


def test_a_counted_bucket_gets_as_many_companions_under_its_provider() -> None:
    text = 'resource "aws_s3_bucket" "b" {\n  provider = aws.west\n  count = 2\n}\n'

    after = fixed(text, "PL-S3-002")

    assert (
        "  provider                = aws.west\n  count                   = 2\n"
        "  bucket                  = aws_s3_bucket.b[count.index].id\n"
    ) in after


def test_a_setting_in_a_block_apart_is_changed_there() -> None:
    part = (
        '\nresource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.b.id\n'
        '  versioning_configuration {\n    status = "Suspended" # to save\n  }\n}\n'
    )
    text = 'resource "aws_s3_bucket" "b" {}\n' + part

    assert fixed(text, "PL-S3-004") == text.replace('"Suspended"', '"Enabled"')


def test_windows_line_ends_stay() -> None:
    after = fixed(QUEUE.replace("\n", "\r\n"), "PL-SQS-004")

    assert after.count("\n") == after.count("\r\n") > 5


TABLE = (
    'resource "aws_dynamodb_table" "t" {\n  name = "t"\n  hash_key = "id"\n'
    "  point_in_time_recovery {\n    enabled = %s\n  }\n}\n"
)


@pytest.mark.parametrize(
    ("value", "source"),
    [
        ("var.on", 'variable "on" {\n  default = %s # why\n}\n'),
        ("local.on", "locals {\n  other = 1\n  on    = %s # why\n}\n"),
        ("local.on", 'locals {\n  on = var.on\n}\nvariable "on" {\n  default = %s\n}\n'),
    ],
)
def test_a_value_is_changed_where_it_comes_from(value: str, source: str) -> None:
    text = TABLE % value + source % "false"

    assert fixed(text, "PL-DYNAMODB-001") == TABLE % value + source % "true"


def test_a_value_that_a_module_is_given_is_changed_at_its_call() -> None:
    call = b'module "t" {\n  source = "./t"\n  on = false\n}\n'
    files = {
        "main.tf": call,
        "t/main.tf": (TABLE % "var.on" + 'variable "on" {}\n').encode(),
    }

    plan = plan_of(files, "PL-DYNAMODB-001")

    assert after_of(files, plan) == {"main.tf": call.decode().replace("false", "true")}


def test_a_value_of_a_variable_file_is_changed_there() -> None:
    files = {
        "main.tf": (TABLE % "var.on" + 'variable "on" {}\n').encode(),
        "terraform.tfvars": b"on = false\n",
    }

    assert after_of(files, plan_of(files, "PL-DYNAMODB-001")) == {"terraform.tfvars": "on = true\n"}


@pytest.mark.parametrize(
    ("value", "more", "reason"),
    [
        (
            "var.on",
            'variable "on" {\n  default = false\n}\noutput "on" {\n  value = var.on\n}\n',
            "1 other places use too",
        ),
        ("!local.off", "locals {\n  off = true\n}\n", "is computed: !local.off"),
        (
            "var.on",
            'variable "on" {\n  default = false\n  validation {\n    condition = !var.x\n  }\n}\n',
            "has a validation",
        ),
    ],
)
def test_a_value_that_is_not_this_ones_alone_is_left(value: str, more: str, reason: str) -> None:
    with pytest.raises(Declined, match=reason):
        fixed(TABLE % value + more, "PL-DYNAMODB-001")


def test_a_module_called_twice_is_not_given_another_value() -> None:
    call = 'module "%s" {\n  source = "./t"\n  on = false\n}\n'
    files = {
        "main.tf": (call % "a" + call % "b").encode(),
        "t/main.tf": (TABLE % "var.on" + 'variable "on" {}\n').encode(),
    }

    with pytest.raises(Declined, match="2 calls of the module decide it"):
        plan_of(files, "PL-DYNAMODB-001")


def test_a_block_of_a_module_called_twice_is_changed_for_both_and_says_so() -> None:
    call = 'module "%s" {\n  source = "./t"\n}\n'
    files = {
        "main.tf": (call % "a" + call % "b").encode(),
        "t/main.tf": (TABLE % "false").encode(),
    }

    plan = plan_of(files, "PL-DYNAMODB-001")

    assert "The block stands for 2 resources: all change with it" in plan.may_break


def test_a_role_that_is_declared_elsewhere_is_not_guessed() -> None:
    text = (
        'variable "role" {}\nresource "aws_lambda_function" "f" {\n  function_name = "f"\n'
        '  role = var.role\n  runtime = "python3.13"\n  handler = "a.b"\n  filename = "a.zip"\n}\n'
    )

    with pytest.raises(Declined, match=r"The role \(var.role\) is declared elsewhere"):
        fixed(text, "PL-LAMBDA-009")


def test_a_key_in_a_module_belongs_to_the_account_and_its_data_source_gets_a_free_name() -> None:
    group = (
        'data "aws_caller_identity" "current" {\n  provider = aws.other\n}\n'
        'resource "aws_cloudwatch_log_group" "g" {\n  name = "g"\n}\n'
    )
    files = {"main.tf": b'module "m" {\n  source = "./m"\n}\n', "m/main.tf": group.encode()}

    after = after_of(files, plan_of(files, "PL-LOGS-002"))["m/main.tf"]

    assert 'data "aws_caller_identity" "current_g" {}' in after


def test_a_policy_document_gets_a_statement_block() -> None:
    name = "storage.tf"
    files = {name: (FILES / name).read_bytes()}

    after = after_of(files, plan_of(files, "PL-S3-006", "aws_s3_bucket.public"))[name]

    assert (
        '  statement {\n    sid       = "DenyPlainHttp"\n    effect    = "Deny"\n'
        '    actions   = ["s3:*"]\n'
        '    resources = [aws_s3_bucket.public.arn, "${aws_s3_bucket.public.arn}/*"]\n'
    ) in after


def test_the_owner_is_written_where_it_is_known() -> None:
    text = (
        'resource "aws_lambda_function" "f" {\n  function_name = "f"\n  role = "r"\n'
        '  runtime = "python3.13"\n  handler = "a.b"\n  filename = "a.zip"\n}\n'
    )

    after = fixed(text, "PL-LAMBDA-002", owner="payments")

    assert '  tags = {\n    owner = "payments"\n  }\n' in after.lower()


def test_a_live_resource_of_a_state_is_fixed_in_the_folder_the_sources_name() -> None:
    files = {"terraform/queues.tf": QUEUE.encode(), "README.md": b"x"}
    finding = replace(fixable(files)[0], resource_uid="arn:aws:sqs:eu-west-1:1:q")
    wanted = next(f for f in fixable(files) if f.check_id == "PL-SQS-004")
    link = Link(finding.resource_uid, "infra", "terraform", "aws_sqs_queue.q", "state")

    plan = planner_for(files).plan(replace(wanted, resource_uid=link.live_uid), link)

    assert [change.path for change in plan.changes] == ["terraform/queues.tf"]


def test_what_passes_already_needs_no_edit() -> None:
    text = 'resource "aws_sqs_queue" "q" {\n  sqs_managed_sse_enabled = true\n}\n'
    files = {"main.tf": text.encode()}
    finding = next(f for f in fixable({"main.tf": QUEUE.encode()}) if f.check_id == "PL-SQS-004")
    link = Link("arn:aws:sqs:eu-west-1:1:q", "infra", "main.tf", "aws_sqs_queue.q", "state")

    with pytest.raises(AlreadyDeclared):
        planner_for(files).plan(replace(finding, check_id="PL-SQS-001"), link)


def test_a_fix_is_undone_after_an_unrelated_edit_and_refused_after_one_beside_it() -> None:
    files = {"main.tf": QUEUE.encode()}
    plan = plan_of(files, "PL-SQS-004")
    forge = FakeForge("infra", files)
    assert forge.head("main") == plan.base_commit
    merged = after_of(files, plan)["main.tf"]

    later = "locals {\n  a = 1\n}\n\n# more\n" + merged
    undone = planner_with(forge, later).revert(plan)

    assert apply(later.encode(), undone.changes[0].edits).decode() == later.replace(merged, QUEUE)
    with pytest.raises(Declined):
        planner_with(forge, later.replace("DenyPlainHttp", "Mine")).revert(plan)


def planner_with(forge: FakeForge, content: str) -> GitPlanner:
    forge.push_files({"main.tf": content.encode()}, branch="main", message="later")
    return GitPlanner(
        {"infra": forge},
        evaluate=evaluate,
        estate=Estate(),
        clock=lambda: NOW,
        secret_key=KEY,
    )


SAMPLE, SEED = 3, 4


def test_every_fix_of_real_terraform_holds_its_proofs_or_says_why_not(shared_data: Path) -> None:
    """PLUMBLINE_SAMPLE takes more trees; `python -m bench.terraform_fixes` prints the table."""
    found = terraform_fixes.trees(shared_data / "templates")
    wanted = min(int(os.environ.get("PLUMBLINE_SAMPLE", SAMPLE)), len(found))

    tally = terraform_fixes.run(random.Random(SEED).sample(found, wanted))

    assert not tally.broken
    assert tally.fixed.total() > tally.declined.total()
    assert all(reason for _, reason in tally.declined)
