"""Every blueprint on templates of our own: YAML, JSON and SAM, judged by the real policies."""

import csv
import json
import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import pytest

import policies
import remediation.table
from core import identity
from core.errors import Declined, FixError
from core.gate import Tier
from core.types import Estate, Evidence, Finding, FixPlan, Link, Resource, Severity, Status
from remediation import FakeForge, GitPlanner, changes
from remediation.blueprint import ADVICE, load
from remediation.draft import Draft, Target
from remediation.lint import Lint, compare
from templates import Template, edit, read
from templates.value import plain

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
FILES = Path(__file__).parent / "test_remediation_files"
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "templates"
SEED, SAMPLE = 4, 8
OURS = ("plain.yaml", "stated.yaml", "beside.yaml", "sam.yaml")
# These need a fact that our files do not give, and have tests of their own below.
APART = {"PL-LAMBDA-002", "PL-LAMBDA-017", "PL-LAMBDA-018"}


def content(name: str) -> bytes:
    if not name.endswith(".json"):
        return (FILES / name).read_bytes()
    source = name.replace(".json", ".yaml")
    raw = plain(template_of((FILES / source).read_bytes(), source).document.root)
    return json.dumps(raw, indent=2).encode() + b"\n"


def template_of(data: bytes, name: str = "t.yaml") -> Template:
    return read(data, file=name, repository="infra", secret_key=KEY)


@cache
def policy_set() -> policies.PolicySet:
    return policies.load()


KNOWN: dict[int, tuple[Finding, ...]] = {}


def evaluate(resources: Sequence[Resource]) -> tuple[Finding, ...]:
    key = hash(repr(resources))  # every plan of a file asks for the same file before it
    if key not in KNOWN:
        KNOWN[key] = judged(resources)
    return KNOWN[key]


def judged(resources: Sequence[Resource]) -> tuple[Finding, ...]:
    said = policies.evaluate(policy_set(), resources, estate=Estate(), now=NOW)
    return tuple(x for x in said if isinstance(x, Finding))


def clean(_before: bytes, _after: bytes) -> Lint:
    return Lint()


def planner_for(data: bytes, name: str) -> GitPlanner:
    return GitPlanner(
        {"infra": FakeForge("infra", {name: data})},
        evaluate=evaluate,
        estate=Estate(),
        clock=lambda: NOW,
        secret_key=KEY,
        lint=clean,
    )


def link_of(finding: Finding, name: str) -> Link:
    assert finding.source is not None
    return Link(finding.resource_uid, "infra", name, finding.source.address, "test")


def fixable(data: bytes, name: str) -> list[Finding]:
    """Return one open finding of each check and declaration that has a blueprint."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in evaluate(template_of(data, name).resources):
        if finding.check_id in load() and finding.status is Status.OPEN and finding.source:
            found.setdefault((finding.check_id, finding.source.address), finding)
    return list(found.values())


def outcomes(data: bytes, name: str) -> tuple[list[FixPlan], dict[tuple[str, str], FixError]]:
    planner = planner_for(data, name)
    plans: list[FixPlan] = []
    refused: dict[tuple[str, str], FixError] = {}
    for finding in fixable(data, name):
        try:
            plans.append(planner.plan(finding, link_of(finding, name)))
        except FixError as error:
            refused[finding.check_id, finding.resource_name] = error
    return plans, refused


def assert_exact(data: bytes, plan: FixPlan) -> None:
    """An edit adds lines or rewrites few; every other survives, and undo gives the bytes back."""
    edits = plan.changes[0].edits
    after = edit.apply(data, edits)
    assert edit.apply(after, edit.inverse(data, edits)) == data
    touched = sum(data[e.start : e.end].count(b"\n") for e in edits)
    assert touched <= 5, plan.diff
    assert all(p.held for p in plan.proofs)


@cache
def said_of(name: str) -> tuple[list[FixPlan], dict[tuple[str, str], FixError]]:
    return outcomes(content(name), name)


@pytest.mark.parametrize("name", OURS)
def test_every_fix_of_our_templates_is_the_one_we_have_read(name: str) -> None:
    """PLUMBLINE_GOLDEN=1 writes what the fixes are now; read the difference before you commit it."""
    said = "".join(
        f"{'=' * 8} {plan.check_id} {address_of(plan)}\n{plan.diff}" for plan in said_of(name)[0]
    )
    golden = FILES / "golden" / f"{name}.diff"
    if os.environ.get("PLUMBLINE_GOLDEN"):
        golden.write_text(said, encoding="utf-8")

    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["plain.yaml", "stated.yaml", "beside.yaml"])
def test_a_fix_says_in_json_what_it_says_in_yaml(name: str) -> None:
    for check, address in [(p.check_id, address_of(p)) for p in said_of(name)[0]]:
        in_json = name.replace(".yaml", ".json")
        before = content(in_json)

        yaml = fixed_draft(content(name), name, check, address).draft
        written = fixed_draft(before, in_json, check, address).draft

        assert written.raw == yaml.raw
        assert json.loads(written.data) == written.raw
        edits = changes.edits_between(before, written.data)
        assert edit.apply(written.data, edit.inverse(before, edits)) == before


def address_of(plan: FixPlan) -> str:
    return plan.summary.rsplit("(")[-1].split(",")[0]


@pytest.mark.parametrize("name", OURS)
def test_every_fix_of_our_templates_holds_its_proofs_and_undoes_exactly(name: str) -> None:
    data = content(name)

    plans, refused = said_of(name)

    for plan in plans:
        assert_exact(data, plan)
    assert not [e for e in refused.values() if not isinstance(e, Declined)]
    declined = {check for check, _ in refused} - {"PL-LAMBDA-002"}
    of_sam = {"PL-DYNAMODB-002", "PL-DYNAMODB-003", "PL-IAM-016"}  # what SAM makes has no place
    expected = of_sam if name == "sam.yaml" else set()
    assert declined == expected


def test_a_fix_that_also_gives_a_role_a_permission_counts_as_touching_identity() -> None:
    plans, _ = outcomes(content("plain.yaml"), "plain.yaml")
    granting = [p for p in plans if "+" in p.diff and "PolicyName: TraceWithXRay" in p.diff]

    assert {load()[p.check_id].tier for p in granting} == {Tier.OBSERVABILITY}
    assert {p.tier for p in granting} == {Tier.IDENTITY}
    assert Tier.OBSERVABILITY in {p.tier for p in plans}


def test_our_templates_show_every_blueprint_at_work() -> None:
    shown = {plan.check_id for name in OURS for plan in said_of(name)[0]}
    by_control = {p.check_id: p.control for p in policy_set().policies}
    # A Guard policy that has a twin in Rego is shown under the twin's id.
    controls = {by_control[check] for check in shown}

    assert {c for c in load() if by_control[c] not in controls} <= APART


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain.yaml", "stated.yaml", "beside.yaml", "sam.yaml"])
def test_a_file_with_all_its_fixes_lints_and_has_none_of_the_findings(name: str) -> None:
    before = content(name)
    data, declined = all_at_once(before, name)

    said = compare(before, data)
    declared = template_of(before, name).declared
    left = {f.check_id for f in fixable(data, name) if f.source and f.source.address in declared}
    assert (said.failed, said.errors) == ("", ())
    assert left - declined <= APART
    comments = [x for x in before.decode().splitlines() if "#" in x]
    assert all(c.split("#")[1] in data.decode() for c in comments)


def all_at_once(before: bytes, name: str) -> tuple[bytes, set[str]]:
    """Return a file with every fix that can be had, one after the other, and what was declined."""
    data, declined = before, set()
    for finding in fixable(before, name):
        try:
            plan = planner_for(data, name).plan(finding, link_of(finding, name))
        except Declined:  # an earlier fix of the same cause has done it, or it cannot be done
            declined.add(finding.check_id)
            continue
        data = edit.apply(data, plan.changes[0].edits)
    return data, declined


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.timeout(3600)
def test_fixes_of_real_templates_hold_their_proofs_and_undo_exactly() -> None:
    """PLUMBLINE_SAMPLE=329 takes every template; PLUMBLINE_LINT=1 lints each with all its fixes."""
    if not SHARED.exists():
        pytest.skip("the development templates are not beside the repository")
    rows = list(csv.DictReader((SHARED / "index.csv").read_text().splitlines()))
    files = [r["file"] for r in rows if r["kind"] != "terraform"]
    size = min(int(os.environ.get("PLUMBLINE_SAMPLE", SAMPLE)), len(files))
    seen: Counter[str] = Counter()
    lines: list[int] = []
    wrong: list[str] = []
    for name in random.Random(SEED).sample(files, size):
        data = (SHARED / name).read_bytes()
        plans, refused = outcomes(data, name)
        for plan in plans:
            assert_exact(data, plan)
            lines.append(sum(x[:1] in {"+", "-"} for x in plan.diff.splitlines()[2:]))
        for (check, resource), error in refused.items():
            seen["declined" if isinstance(error, Declined) else "failed"] += 1
            if not isinstance(error, Declined):
                wrong.append(f"{name} {check} {resource}: {error}")
        seen["planned"] += len(plans)
        seen["files"] += 1
        if os.environ.get("PLUMBLINE_LINT") and plans:
            said = compare(data, all_at_once(data, name)[0])
            seen["linted clean"] += not said.errors and not said.failed
            wrong += [f"{name} lint: {e}" for e in (*said.errors, said.failed) if e]

    print("development score:", dict(seen), "median changed lines", median(lines), wrong)
    assert wrong == []
    assert seen["planned"] > size


def test_hygiene_of_what_a_fix_adds_is_said_and_allowed() -> None:
    data = content("plain.yaml")
    planner = planner_for(data, "plain.yaml")
    [finding] = [f for f in fixable(data, "plain.yaml") if f.check_id == "PL-SQS-002"][:1]

    plan = planner.plan(finding, link_of(finding, "plain.yaml"))

    [proof] = [p for p in plan.proofs if p.name == "nothing new"]
    assert proof.held
    assert proof.detail.startswith("hygiene only: PL-SQS-005 on ")


# single blueprints, where the detail matters


def fixed(template: str, check_id: str, address: str, **facts: Any) -> tuple[Any, Target]:
    """Run one blueprint on one declaration; return the whole template after it, and the target."""
    target = fixed_draft(template.encode(), "t.yaml", check_id, address, **facts)
    return target.draft.raw, target


def fixed_draft(data: bytes, name: str, check_id: str, address: str, **facts: Any) -> Target:
    """Run one blueprint on one declaration; return the target."""
    start = template_of(data, name)
    resource = next(r for r in start.resources if r.source and r.source.address == address)
    finding = Finding(
        uid=identity.finding_uid(check_id, resource.uid),
        check_id=check_id,
        control="x",
        title="x",
        severity=Severity.LOW,
        resource_uid=resource.uid,
        resource_type=resource.type,
        resource_name=resource.name,
        evidence=Evidence("x"),
    )
    target = Target(
        Draft(data, read=lambda content: template_of(content, name)),
        logical_id=address,
        finding=replace(finding, **facts),
        resource=resource,
        estate=Estate(),
    )
    load()[check_id].apply(target)
    return target


ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}
"""
FUNCTION = """Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
"""
SAM = """Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.12, Handler: a.b, CodeUri: s/}
"""


def test_tracing_gives_the_role_what_it_needs() -> None:
    raw, _ = fixed(FUNCTION + ROLE, "PL-LAMBDA-009", "Fn")

    assert raw["Resources"]["Fn"]["Properties"]["TracingConfig"] == {"Mode": "Active"}
    (policy,) = raw["Resources"]["Role"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]


def test_a_role_that_is_declared_elsewhere_declines_the_fix() -> None:
    outside = FUNCTION.replace("!GetAtt Role.Arn", "arn:aws:iam::111122223333:role/shared")

    with pytest.raises(Declined, match="xray:PutTraceSegments"):
        fixed(outside, "PL-LAMBDA-009", "Fn")


def test_a_role_that_sam_makes_gets_its_permission_from_sam() -> None:
    raw, _ = fixed(SAM, "PL-LAMBDA-009", "Fn")

    assert raw["Resources"]["Fn"]["Properties"]["Tracing"] == "Active"
    assert "Policies" not in raw["Resources"]["Fn"]["Properties"]


def test_a_value_that_globals_state_is_set_in_globals_and_said() -> None:
    template = "Globals: {Function: {Tracing: PassThrough}}\n" + SAM
    template += SAM.split("Resources:\n")[1].replace("Fn:", "Second:")

    raw, target = fixed(template, "PL-LAMBDA-009", "Fn")

    assert raw["Globals"]["Function"]["Tracing"] == "Active"
    assert "Tracing" not in raw["Resources"]["Fn"]["Properties"]
    assert target.notes == ["Set in Globals, so 1 more of this template change with it"]


def test_a_role_stated_in_globals_is_the_one_that_gets_the_permission() -> None:
    template = "Globals: {Function: {Role: !GetAtt Role.Arn}}\n" + SAM + ROLE

    raw, _ = fixed(template, "PL-LAMBDA-009", "Fn")

    assert "Policies" in raw["Resources"]["Role"]["Properties"]


@pytest.mark.parametrize(
    ("function", "group"),
    [
        ("", "LogGroupName: !Sub '/aws/lambda/${Fn}'"),
        ("FunctionName: exports", "LogGroupName: /aws/lambda/exports"),
        ("LoggingConfig: {LogGroup: !Ref Logs}", "LogGroupName: elsewhere"),
    ],
)
def test_a_log_group_that_is_declared_gets_its_time(function: str, group: str) -> None:
    template = f"""Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Handler: a.b
      {function}
  Logs: {{Type: AWS::Logs::LogGroup, Properties: {{{group}}}}}
"""
    raw, _ = fixed(template, "PL-LAMBDA-013", "Fn")

    assert list(raw["Resources"]) == ["Fn", "Logs"]
    assert raw["Resources"]["Logs"]["Properties"]["RetentionInDays"] == 365


def test_a_dead_letter_queue_is_declared_and_may_be_sent_to() -> None:
    raw, _ = fixed(FUNCTION + ROLE, "PL-LAMBDA-010", "Fn")

    resources = raw["Resources"]
    arn = {"Fn::GetAtt": ["FnDeadLetterQueue", "Arn"]}
    assert resources["Fn"]["Properties"]["DeadLetterConfig"]["TargetArn"] == arn
    assert resources["FnDeadLetterQueue"]["Properties"]["SqsManagedSseEnabled"] is True
    (policy,) = resources["Role"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["sqs:SendMessage"], arn)


def test_a_companion_exists_under_the_same_condition() -> None:
    template = SAM.replace("    Properties:", "    Condition: Prod\n    Properties:", 1)
    template += "Conditions: {Prod: !Equals [a, a]}\n"

    raw, _ = fixed(template, "PL-LAMBDA-010", "Fn")

    assert raw["Resources"]["FnDeadLetterQueue"]["Condition"] == "Prod"
    assert raw["Resources"]["FnDeadLetterQueuePolicy"]["Condition"] == "Prod"


def test_sam_policies_written_as_a_name_become_a_list_that_keeps_it() -> None:
    template = SAM.replace("CodeUri: s/}", "CodeUri: s/, Policies: ReadOnlyAccess}")

    raw, _ = fixed(template, "PL-LAMBDA-007", "Fn")

    first, second = raw["Resources"]["Fn"]["Properties"]["Policies"]
    assert first == "ReadOnlyAccess"
    assert second["Statement"][0]["Action"] == ["kms:Decrypt"]


def test_a_first_in_first_out_queue_gets_a_dead_letter_queue_of_its_kind() -> None:
    template = "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}\n"

    raw, _ = fixed(template, "PL-SQS-002", "Q")

    assert raw["Resources"]["QDeadLetterQueue"]["Properties"]["FifoQueue"] is True


def test_a_topic_that_alarms_publish_to_gets_a_key_that_admits_them() -> None:
    template = """Resources:
  T: {Type: AWS::SNS::Topic}
  A: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [!Ref T]}}
"""
    raw, _ = fixed(template, "PL-SNS-001", "T")

    assert raw["Resources"]["T"]["Properties"]["KmsMasterKeyId"] == {"Ref": "TKey"}
    statements = raw["Resources"]["TKey"]["Properties"]["KeyPolicy"]["Statement"]
    assert {"Service": "cloudwatch.amazonaws.com"} in [s["Principal"] for s in statements]


def test_a_topic_without_publishing_services_uses_the_key_that_every_account_has() -> None:
    raw, _ = fixed("Resources:\n  T: {Type: AWS::SNS::Topic}\n", "PL-SNS-001", "T")

    assert raw["Resources"]["T"]["Properties"]["KmsMasterKeyId"] == "alias/aws/sns"


def test_a_bucket_policy_that_exists_is_extended() -> None:
    raw, _ = fixed(content("plain.yaml").decode(), "PL-S3-006", "Reports")

    statements = raw["Resources"]["ReportsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [s["Effect"] for s in statements] == ["Allow", "Deny"]
    assert "ReportsPolicy2" not in raw["Resources"]


def test_a_website_is_left_public_for_a_person_to_decide() -> None:
    template = "Resources:\n  B: {Type: AWS::S3::Bucket, Properties: {WebsiteConfiguration: {}}}\n"

    with pytest.raises(Declined, match="on purpose"):
        fixed(template, "PL-S3-002", "B")


def test_a_bucket_whose_policy_admits_everyone_is_not_blocked_blindly() -> None:
    template = """Resources:
  B: {Type: AWS::S3::Bucket}
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref B
      PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: s3:GetObject}]}
"""
    with pytest.raises(Declined, match="admits everyone"):
        fixed(template, "PL-S3-002", "B")


def test_a_log_group_waits_for_the_account_setting_it_needs() -> None:
    raw, _ = fixed(content("plain.yaml").decode(), "PL-APIGATEWAY-002", "ApiStage")

    assert raw["Resources"]["ApiStageLogGroup"]["DependsOn"] == "ApiStageAccount"


@pytest.mark.parametrize("extra", ["KeySpec: RSA_2048", "Origin: EXTERNAL"])
def test_a_key_that_kms_cannot_rotate_is_declined(extra: str) -> None:
    template = f"Resources:\n  K: {{Type: AWS::KMS::Key, Properties: {{{extra}}}}}\n"

    with pytest.raises(Declined, match="cannot rotate"):
        fixed(template, "PL-KMS-001", "K")


def test_an_owner_is_written_only_where_known() -> None:
    with pytest.raises(Declined, match="not known"):
        fixed(SAM, "PL-LAMBDA-002", "Fn")

    sam, _ = fixed(SAM, "PL-LAMBDA-002", "Fn", owner="team-orders")
    raw, _ = fixed(FUNCTION + ROLE, "PL-LAMBDA-002", "Fn", owner="team-orders")

    assert sam["Resources"]["Fn"]["Properties"]["Tags"] == {"owner": "team-orders"}
    tags = raw["Resources"]["Fn"]["Properties"]["Tags"]
    assert tags == [{"Key": "owner", "Value": "team-orders"}]


def test_an_owner_with_foreign_marks_stays_one_value() -> None:
    raw, _ = fixed(SAM, "PL-LAMBDA-002", "Fn", owner="a: {b}\n# c 'd' \"e\"")

    assert raw["Resources"]["Fn"]["Properties"]["Tags"] == {"owner": "a: {b}\n# c 'd' \"e\""}


def test_partial_batches_are_reported_for_mappings_and_sam_events() -> None:
    raw, _ = fixed(content("plain.yaml").decode(), "PL-LAMBDA-018", "FromQueue")
    sam, _ = fixed(content("sam.yaml").decode(), "PL-LAMBDA-018", "Export")

    value = ["ReportBatchItemFailures"]
    assert raw["Resources"]["FromQueue"]["Properties"]["FunctionResponseTypes"] == value
    events = sam["Resources"]["Export"]["Properties"]["Events"]
    assert events["Queue"]["Properties"]["FunctionResponseTypes"] == value
    assert "FunctionResponseTypes" not in events["List"]["Properties"]


def test_failed_batches_of_a_stream_are_kept_and_may_be_sent() -> None:
    raw, _ = fixed(content("plain.yaml").decode(), "PL-LAMBDA-017", "FromStream")
    sam, _ = fixed(content("sam.yaml").decode(), "PL-LAMBDA-017", "Export")

    mapping = raw["Resources"]["FromStream"]["Properties"]
    arn = {"Fn::GetAtt": ["FromStreamDeadLetterQueue", "Arn"]}
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == arn
    (policy,) = raw["Resources"]["ExportRole"]["Properties"]["Policies"]
    assert policy["PolicyDocument"]["Statement"][0]["Resource"] == arn
    stream = sam["Resources"]["Export"]["Properties"]["Events"]["Stream"]["Properties"]
    assert stream["DestinationConfig"]["OnFailure"]["Type"] == "SQS"


def test_a_permission_is_limited_to_the_one_source_there_is() -> None:
    text = content("plain.yaml").decode()

    raw, _ = fixed(text, "PL-LAMBDA-005", "ExportFromRule")
    assert raw["Resources"]["ExportFromRule"]["Properties"]["SourceArn"] == {
        "Fn::GetAtt": ["Nightly", "Arn"]
    }

    other = text.replace("events.amazonaws.com", "iot.amazonaws.com")
    with pytest.raises(Declined, match="not in this template"):
        fixed(other, "PL-LAMBDA-005", "ExportFromRule")


def test_every_policy_has_a_blueprint_or_says_what_a_person_should_do() -> None:
    checks = {p.check_id for p in policy_set().policies}

    assert checks - set(load()) - set(ADVICE) == set()
    assert (set(load()) | set(ADVICE)) - checks == set()
    assert set(load()) & set(ADVICE) == set()


def test_twins_are_put_right_alike() -> None:
    of_control: dict[str, set[Any]] = {}
    for policy in policy_set().policies:
        if policy.check_id in load():
            of_control.setdefault(policy.control, set()).add(load()[policy.check_id].apply)

    assert {c for c, functions in of_control.items() if len(functions) > 1} == set()


def test_every_blueprint_declares_what_it_touches() -> None:
    for blueprint in load().values():
        assert blueprint.summary[0].isupper()
        assert blueprint.tier in Tier
        assert blueprint.cost
        if blueprint.asks_who_calls:
            assert blueprint.tier is Tier.NETWORK
            assert blueprint.may_break


def test_the_page_of_blueprints_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "blueprints.md"

    assert page.read_text() == remediation.table.markdown()
