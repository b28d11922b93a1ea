"""Plans, proofs, execution and undo, on a real Git repository with a real signing key."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import identity
from core.errors import BranchMoved, Declined, NoBlueprint, ProofFailed
from core.ports import Forge
from core.types import (
    Estate,
    Evidence,
    Finding,
    FixPlan,
    FixState,
    Link,
    Person,
    Resource,
    Severity,
    Status,
)
from remediation import FakeForge, GitPlanner, LocalForge, create_key
from remediation.lint import Lint
from remediation.proof import Evaluate, Linter
from templates import edit

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
DANA = Person(team="T1", user="U1", enterprise="E1", name="Dana")
PATH = "stacks/shop.yaml"
TEMPLATE = b"""\
# The shop. Do not reorder.
Resources:
  Uploads:  # customers' files
    Type: AWS::S3::Bucket
    Properties:
      BucketName: 'shop-uploads'

  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {Variables: {DB_PASSWORD: hunter2hunter2}}

  Other:
    Type: AWS::SQS::Queue
Outputs:
  Uploads: {Value: !Ref Uploads}
"""


def finding_of(resource: Resource, check_id: str = "PL-S3-001", **facts: object) -> Finding:
    finding = Finding(
        uid=identity.finding_uid(check_id, resource.uid),
        check_id=check_id,
        control="s3-encryption",
        title="Buckets declare server-side encryption",
        severity=Severity.HIGH,
        resource_uid=resource.uid,
        resource_type=resource.type,
        resource_name=resource.name,
        evidence=Evidence("it has none"),
        source=resource.source,
    )
    return replace(finding, **facts)  # type: ignore[arg-type]


def unencrypted(resources: Sequence[Resource]) -> tuple[Finding, ...]:
    """Stand in for the policies: buckets without encryption."""
    return tuple(
        finding_of(r)
        for r in resources
        if r.type == "AWS::S3::Bucket" and "BucketEncryption" not in r.properties
    )


def clean(_before: bytes, _after: bytes) -> Lint:
    return Lint()


def planner_for(
    forge: Forge, *, evaluate: Evaluate = unencrypted, lint: Linter = clean
) -> GitPlanner:
    return GitPlanner(
        {"shop": forge},
        evaluate=evaluate,
        estate=Estate(),
        clock=lambda: NOW,
        secret_key=KEY,
        lint=lint,
        policy_commit=lambda _check: "abc1234",
    )


LIVE = Resource(
    uid="arn:aws:s3:::shop-uploads",
    type="AWS::S3::Bucket",
    name="shop-uploads",
    properties={},
    account="111122223333",
    region="eu-west-1",
)
LINK = Link(LIVE.uid, "shop", PATH, "Uploads", "stack tags")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_key(tmp_path_factory.mktemp("keys") / "signing")


@pytest.fixture
def forge(tmp_path: Path, key: Path) -> LocalForge:
    return LocalForge.create(
        tmp_path / "shop.git",
        files={PATH: TEMPLATE, "other.yaml": b"x: 1\n"},
        url="http://forge.test/shop",
        signing_key=key,
        repository="shop",
        clock=lambda: NOW,
    )


def planned(forge: Forge, data: bytes = TEMPLATE) -> tuple[FixPlan, bytes]:
    plan = planner_for(forge).plan(finding_of(LIVE), LINK)
    return plan, edit.apply(data, plan.changes[0].edits)


def test_a_live_finding_is_planned_where_its_link_says_it_is_declared(forge: LocalForge) -> None:
    plan, after = planned(forge)

    assert b"SSEAlgorithm: AES256" in after
    assert plan.finding_uid == identity.finding_uid("PL-S3-001", LIVE.uid)
    assert plan.base_commit == forge.head("main")
    assert plan.changes[0].before_sha256 == identity.sha256(TEMPLATE)
    assert plan.changes[0].after_sha256 == identity.sha256(after)
    assert "Uploads, stacks/shop.yaml:3" in plan.summary


def test_a_plan_changes_only_the_lines_it_adds(forge: LocalForge) -> None:
    plan, after = planned(forge)

    kept = [x for x in after.splitlines() if x in TEMPLATE.splitlines()]
    assert kept == TEMPLATE.splitlines()
    assert [x for x in plan.diff.splitlines()[2:] if x.startswith("-")] == []
    assert edit.apply(after, edit.inverse(TEMPLATE, plan.changes[0].edits)) == TEMPLATE


def test_every_proof_is_named_and_held(forge: LocalForge) -> None:
    plan, _ = planned(forge)

    assert {p.name: p.held for p in plan.proofs} == {
        "template parses": True,
        "template lints": True,
        "finding gone": True,
        "nothing new": True,
        "nothing lost": True,
        "undo is exact": True,
    }


def test_a_plan_is_valid_for_eight_hours(forge: LocalForge) -> None:
    plan, _ = planned(forge)

    assert plan.valid_until - plan.created_at == timedelta(hours=8)


def test_the_same_plan_has_the_same_digest_and_another_commit_another(forge: LocalForge) -> None:
    first, _ = planned(forge)
    again, _ = planned(forge)
    forge.push_files({"other.yaml": b"x: 2\n"}, branch="main", message="Later")
    moved, _ = planned(forge)

    assert first.digest == again.digest
    assert moved.digest != first.digest


def test_a_secret_near_the_change_is_not_shown() -> None:
    template = TEMPLATE.replace(
        b"BucketName: 'shop-uploads'", b"Tags: [{Key: a, Value: b}]"
    ).replace(
        b"\n  Worker:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        b"      Environment: {Variables: {DB_PASSWORD: hunter2hunter2}}\n",
        b"  Worker:\n    Type: AWS::Lambda::Function\n    DB_PASSWORD: hunter2hunter2\n"
        b"    Note: 'see AKIAIOSFODNN7EXAMPLE'\n",
    )
    forge = FakeForge("shop", {PATH: template})

    plan, after = planned(forge, template)
    fix = planner_for(forge).execute(plan, approvers=[DANA], audit_head="h")

    assert fix.pull_request is not None
    shown = plan.diff + str(plan.proofs) + forge.texts[fix.pull_request.number][1]
    assert "hunter2" not in shown
    assert "AKIAIOSFODNN7EXAMPLE" not in shown
    assert b"hunter2hunter2" in after


def test_a_check_without_a_blueprint_says_so(forge: LocalForge) -> None:
    with pytest.raises(NoBlueprint):
        planner_for(forge).plan(finding_of(LIVE, "XX-1"), LINK)


def test_a_check_that_only_a_person_can_fix_is_declined_with_what_to_do(forge: LocalForge) -> None:
    planner = planner_for(forge)

    assert not planner.can_fix("PL-LAMBDA-006")
    with pytest.raises(Declined, match="rotate it"):
        planner.plan(finding_of(LIVE, "PL-LAMBDA-006"), LINK)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (replace(LINK, generated_by="cdk"), "generated by cdk"),
        (replace(LINK, path="main.tf"), "Terraform"),
        (replace(LINK, repository="unknown"), "No forge"),
        (replace(LINK, address="Gone"), "no longer declares"),
    ],
)
def test_a_link_that_cannot_be_edited_is_declined(
    forge: LocalForge, link: Link, words: str
) -> None:
    with pytest.raises(Declined, match=words):
        planner_for(forge).plan(finding_of(LIVE), link)


def test_a_template_that_cdk_wrote_is_declined_even_when_the_link_does_not_know() -> None:
    data = b'{"Resources": {"Uploads": {"Type": "AWS::S3::Bucket", "Metadata": {"aws:cdk:path": "a/b"}}}}'
    forge = FakeForge("shop", {PATH: data})

    with pytest.raises(Declined, match="generated by cdk"):
        planner_for(forge).plan(finding_of(LIVE), LINK)


def test_a_template_that_already_passes_is_drift_and_is_declined() -> None:
    data = TEMPLATE.replace(b"BucketName:", b"BucketEncryption: {}\n      BucketName:")
    forge = FakeForge("shop", {PATH: data})

    with pytest.raises(Declined, match="already passes"):
        planner_for(forge).plan(finding_of(LIVE), LINK)


def test_a_check_that_cannot_be_decided_on_the_template_is_declined(forge: LocalForge) -> None:
    def undecided(resources: Sequence[Resource]) -> tuple[Finding, ...]:
        return tuple(replace(f, status=Status.UNKNOWN) for f in unencrypted(resources))

    with pytest.raises(Declined, match="cannot be decided"):
        planner_for(forge, evaluate=undecided).plan(finding_of(LIVE), LINK)


def test_a_template_that_is_gone_is_declined_in_a_clear_sentence() -> None:
    forge = FakeForge("shop", {"else.yaml": b""})

    with pytest.raises(Declined, match="no longer in main"):
        planner_for(forge).plan(finding_of(LIVE), LINK)


def test_a_template_that_does_not_parse_is_declined_in_a_clear_sentence() -> None:
    forge = FakeForge("shop", {PATH: b"Resources: [\n"})

    with pytest.raises(Declined, match=r"shop\.yaml cannot be read"):
        planner_for(forge).plan(finding_of(LIVE), LINK)


def test_a_fix_that_the_linter_refuses_is_not_shown(forge: LocalForge) -> None:
    def refuse(_before: bytes, _after: bytes) -> Lint:
        return Lint(errors=("E3002 no such property",))

    with pytest.raises(ProofFailed, match="E3002"):
        planner_for(forge, lint=refuse).plan(finding_of(LIVE), LINK)


def test_a_linter_without_an_answer_is_shown_as_not_proved(forge: LocalForge) -> None:
    def crash(_before: bytes, _after: bytes) -> Lint:
        return Lint(failed="cfn-lint crashed: KeyError")

    plan = planner_for(forge, lint=crash).plan(finding_of(LIVE), LINK)

    lints = next(p for p in plan.proofs if p.name == "template lints")
    assert (lints.held, lints.detail) == (False, "not proved: cfn-lint crashed: KeyError")


def test_a_fix_that_leaves_the_finding_is_not_shown(forge: LocalForge) -> None:
    def stubborn(resources: Sequence[Resource]) -> tuple[Finding, ...]:
        return tuple(finding_of(r) for r in resources if r.type == "AWS::S3::Bucket")

    with pytest.raises(ProofFailed, match="finding gone"):
        planner_for(forge, evaluate=stubborn).plan(finding_of(LIVE), LINK)


@pytest.mark.parametrize("hygiene", [False, True])
def test_a_fix_that_brings_another_finding_is_not_shown(forge: LocalForge, hygiene: bool) -> None:
    def touchy(resources: Sequence[Resource]) -> tuple[Finding, ...]:
        changed = [r for r in resources if "BucketEncryption" in r.properties]
        more = (replace(finding_of(r, "XX-2"), hygiene=hygiene) for r in changed)
        return (*unencrypted(resources), *more)

    with pytest.raises(ProofFailed, match="nothing new"):
        planner_for(forge, evaluate=touchy).plan(finding_of(LIVE), LINK)


def test_nothing_is_written_while_planning(forge: LocalForge) -> None:
    before = forge.store.text("for-each-ref")

    planned(forge)

    assert forge.store.text("for-each-ref") == before


def test_an_approved_plan_becomes_one_signed_commit_and_one_pull_request(
    forge: LocalForge,
) -> None:
    plan, after = planned(forge)

    fix = planner_for(forge).execute(plan, approvers=[DANA], audit_head="0xhead")

    assert fix.state is FixState.PULL_REQUEST
    assert forge.file(PATH, commit=fix.commit) == after
    assert forge.store.verified(fix.commit)
    assert forge.store.trailers(fix.commit) == {
        "Finding": plan.finding_uid,
        "Check": "PL-S3-001",
        "Plan-Digest": plan.digest,
        "Approved-by": "Dana <E1/T1/U1>",
        "Policy-Commit": "abc1234",
        "Audit-Head": "0xhead",
    }
    assert fix.pull_request is not None
    assert fix.pull_request.branch == f"plumbline/PL-S3-001-{plan.digest[:12]}"


def test_the_pull_request_says_what_was_proved_and_what_may_break(forge: LocalForge) -> None:
    plan, _ = planned(forge)
    plan = replace(plan, may_break=("Readers `x`",), risk_before=87.0, risk_after=12.0)

    planner_for(forge).execute(plan, approvers=[DANA], audit_head="h")

    body = forge.details(1).body
    for part in ("AES256", "finding gone: yes", "Readers", "87 of 100 before, 12 of 100", "Dana"):
        assert part in body


def test_executing_twice_is_executing_once(forge: LocalForge) -> None:
    plan, _ = planned(forge)
    planner = planner_for(forge)

    first = planner.execute(plan, approvers=[DANA], audit_head="h")
    again = planner.execute(plan, approvers=[DANA], audit_head="a later head")

    assert (first.commit, first.pull_request) == (again.commit, again.pull_request)
    assert len(forge.pull_requests()) == 1


def test_two_workers_at_once_make_one_commit(forge: LocalForge) -> None:
    plan, _ = planned(forge)
    commits: list[str] = []

    def work() -> None:
        commits.append(planner_for(forge).execute(plan, approvers=[DANA], audit_head="h").commit)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(commits) == 3
    assert len(set(commits)) == 1
    assert len(forge.pull_requests()) == 1


def test_a_file_that_changed_since_the_plan_is_refused(forge: LocalForge) -> None:
    plan, _ = planned(forge)
    forge.push_files({PATH: TEMPLATE + b"# more\n"}, branch="main", message="Later")

    with pytest.raises(BranchMoved):
        planner_for(forge).execute(plan, approvers=[DANA], audit_head="h")
    assert forge.find_branch(f"plumbline/PL-S3-001-{plan.digest[:12]}") is None


def test_another_file_that_changed_does_not_matter(forge: LocalForge) -> None:
    plan, after = planned(forge)
    forge.push_files({"other.yaml": b"x: 2\n"}, branch="main", message="Later")

    fix = planner_for(forge).execute(plan, approvers=[DANA], audit_head="h")

    assert forge.file("other.yaml", commit=fix.commit) == b"x: 2\n"
    assert forge.file(PATH, commit=fix.commit) == after


def test_a_plan_whose_edits_were_tampered_with_is_refused(forge: LocalForge) -> None:
    plan, _ = planned(forge)
    change = plan.changes[0]
    evil = replace(change.edits[0], replacement=b"\n      AccessControl: PublicRead\n")
    tampered = replace(plan, changes=(replace(change, edits=(evil,)),))

    with pytest.raises(ProofFailed):
        planner_for(forge).execute(tampered, approvers=[DANA], audit_head="h")


def test_a_pull_request_that_people_closed_is_not_opened_again(forge: LocalForge) -> None:
    plan, _ = planned(forge)
    planner = planner_for(forge)
    planner.execute(plan, approvers=[DANA], audit_head="h")
    forge.close_pull_request(1)

    assert planner.execute(plan, approvers=[DANA], audit_head="h").state is FixState.CLOSED


def test_a_merged_plan_whose_branch_was_deleted_is_found_again(forge: LocalForge) -> None:
    plan, _ = planned(forge)
    planner = planner_for(forge)
    fix = planner.execute(plan, approvers=[DANA], audit_head="h")
    forge.merge(1, by="Dana")
    forge.store.run("update-ref", "-d", f"refs/heads/plumbline/PL-S3-001-{plan.digest[:12]}")

    again = planner.execute(plan, approvers=[DANA], audit_head="h")

    assert (again.state, again.commit) == (FixState.MERGED, fix.commit)
    assert len(forge.pull_requests()) == 1


def _merged(forge: LocalForge) -> FixPlan:
    plan, _ = planned(forge)
    planner_for(forge).execute(plan, approvers=[DANA], audit_head="h")
    forge.merge(1, by="Dana")
    return plan


def test_undoing_a_merged_fix_gives_the_old_bytes_back(forge: LocalForge) -> None:
    plan = _merged(forge)
    planner = planner_for(forge)

    undo = planner.revert(plan)
    fix = planner.execute(undo, approvers=[DANA], audit_head="h")

    assert undo.reverts == plan.digest
    assert undo.digest != plan.digest
    assert forge.file(PATH, commit=fix.commit) == TEMPLATE
    assert forge.store.trailers(fix.commit)["Reverts-Plan"] == plan.digest


def test_an_undo_keeps_an_unrelated_later_edit_of_the_same_file(forge: LocalForge) -> None:
    plan = _merged(forge)
    now = forge.file(PATH, commit=forge.head("main"))
    later = b"# later\n" + now.replace(b"Type: AWS::SQS::Queue", b"Type: AWS::SNS::Topic")
    forge.push_files({PATH: later}, branch="main", message="Later")
    planner = planner_for(forge)

    fix = planner.execute(planner.revert(plan), approvers=[DANA], audit_head="h")

    expected = b"# later\n" + TEMPLATE.replace(b"Type: AWS::SQS::Queue", b"Type: AWS::SNS::Topic")
    assert forge.file(PATH, commit=fix.commit) == expected


def test_an_undo_of_lines_that_were_edited_since_is_declined(forge: LocalForge) -> None:
    plan = _merged(forge)
    now = forge.file(PATH, commit=forge.head("main"))
    forge.push_files({PATH: now.replace(b"AES256", b"aws:kms")}, branch="main", message="Later")

    with pytest.raises(Declined):
        planner_for(forge).revert(plan)


def test_an_undo_before_the_merge_is_declined(forge: LocalForge) -> None:
    plan, _ = planned(forge)

    with pytest.raises(Declined, match="nothing to undo"):
        planner_for(forge).revert(plan)


_CHILD = """
import os, pickle, signal, sys
from pathlib import Path
from remediation import LocalForge
from tests.unit.test_remediation_planner import DANA, NOW, planner_for

path, key, plan_file, step = sys.argv[1:]
def die(*_a, **_k):
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(LocalForge):
    def _publish(self, branch, commit):
        if step == "before push":
            die()
        super()._publish(branch, commit)
        if step == "after push":
            die()

    def _save(self, record):
        if step == "before the pull request is written":
            die()
        super()._save(record)
        if step == "after the pull request is written":
            die()

forge = Dying(Path(path), url="http://forge.test/shop", signing_key=Path(key), repository="shop",
              clock=lambda: NOW)
plan = pickle.loads(Path(plan_file).read_bytes())
planner_for(forge).execute(plan, approvers=[DANA], audit_head="h")
if step == "before it is recorded":
    die()
"""


@pytest.mark.parametrize(
    "step",
    [
        "before push",
        "after push",
        "before the pull request is written",
        "after the pull request is written",
        "before it is recorded",
    ],
)
def test_killed_at_any_step_and_called_again_it_is_done_exactly_once(
    forge: LocalForge, key: Path, tmp_path: Path, step: str
) -> None:
    plan, after = planned(forge)
    plan_file = tmp_path / "plan"
    plan_file.write_bytes(pickle.dumps(plan))
    root = Path(__file__).parents[2]

    died = subprocess.run(
        [sys.executable, "-c", _CHILD, str(forge.store.path), str(key), str(plan_file), step],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
        capture_output=True,
    )
    fix = planner_for(forge).execute(plan, approvers=[DANA], audit_head="h")

    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    refs = forge.store.text("for-each-ref", "--format=%(refname)", "refs/heads/plumbline")
    assert refs.splitlines() == [f"refs/heads/plumbline/PL-S3-001-{plan.digest[:12]}"]
    assert forge.store.text("rev-list", "--count", f"main..{fix.commit}") == "1"
    assert len(forge.pull_requests()) == 1
    assert forge.file(PATH, commit=fix.commit) == after
    assert forge.store.verified(fix.commit)


def test_killed_while_merging_the_forge_finds_out_what_git_says(forge: LocalForge) -> None:
    plan, _ = planned(forge)
    planner_for(forge).execute(plan, approvers=[DANA], audit_head="h")
    real, saves = forge._save, []

    def dying(record: object) -> None:
        saves.append(record)
        if len(saves) == 2:
            raise KeyboardInterrupt  # the branch has moved; the record has not been written
        real(record)  # type: ignore[arg-type]

    forge._save = dying  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        forge.merge(1, by="Dana")
    forge._save = real  # type: ignore[method-assign]

    assert forge.details(1).state == "merged"
    assert (forge.details(1).merged_by, forge.details(1).merge_commit) == (
        "Dana",
        forge.head("main"),
    )
