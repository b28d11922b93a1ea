"""Execution and undo, on a real Git repository with a real signing key; also when killed midway."""

import os
import pickle
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import BranchMoved, Declined, NotFound, ProofFailed
from core.types import FixPlan, FixState
from remediation import LocalForge, Review
from tests.remediation_world import DANA, PATH, TEMPLATE, planned, planner_for


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
    for part in ("AES256", "finding gone: yes", "Readers", "87 of 100 now, 12 after", "Dana"):
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
from remediation import LocalForge, Review
from tests.remediation_world import DANA, NOW, planner_for

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


def test_the_pull_request_is_labelled_and_its_owners_are_asked(forge: LocalForge) -> None:
    owners = {"CODEOWNERS": f"* @all\n/{PATH} @acme/orders @dana\n".encode()}
    forge.push_files(owners, branch="main", message="Who owns what")
    plan, _ = planned(forge)
    review = Review(labels=("plumbline", "severity: high"), reviewers=("@dana", "@omar"))

    fix = planner_for(forge, review=lambda _plan: review).execute(
        plan, approvers=[DANA], audit_head="h"
    )

    assert forge.details(1).labels == ("plumbline", "severity: high")
    assert forge.details(1).reviewers == ("@acme/orders", "@dana", "@omar")
    assert fix.detail == ""


def test_the_owners_are_left_alone_where_the_settings_say_so(forge: LocalForge) -> None:
    forge.push_files({"CODEOWNERS": b"* @all\n"}, branch="main", message="Who owns what")
    plan, _ = planned(forge)
    review = Review(code_owners=False)

    planner_for(forge, review=lambda _plan: review).execute(plan, approvers=[DANA], audit_head="h")

    assert forge.details(1).reviewers == ()


def test_whom_the_forge_refuses_is_noted_and_fails_nothing(
    forge: LocalForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, _ = planned(forge)
    monkeypatch.setattr(forge, "ask_review", lambda *_, **__: ("@gone is not known", "nor is @x"))

    fix = planner_for(forge).execute(plan, approvers=[DANA], audit_head="h")

    assert fix.state is FixState.PULL_REQUEST
    assert fix.detail == "@gone is not known; nor is @x"


def test_a_plan_is_outdated_once_its_lines_changed_in_the_base_and_not_before(
    forge: LocalForge,
) -> None:
    plan, _ = planned(forge)
    planner = planner_for(forge)
    planner.execute(plan, approvers=[DANA], audit_head="h")
    untouched = planner.is_outdated(plan)
    forge.push_files(
        {PATH: TEMPLATE.replace(b"# The shop.", b"# Our shop.")}, branch="main", message="Elsewhere"
    )
    elsewhere = planner.is_outdated(plan), forge.pull_request(1).has_conflict

    forge.push_files(
        {PATH: TEMPLATE.replace(b"'shop-uploads'", b"'uploads'")}, branch="main", message="There"
    )

    assert (untouched, elsewhere) == (False, (False, False))
    assert planner.is_outdated(plan)
    assert forge.pull_request(1).has_conflict


def test_a_plan_whose_file_is_gone_is_outdated(
    forge: LocalForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, _ = planned(forge)
    read = forge.file

    def gone(path: str, *, commit: str) -> bytes:
        if commit == forge.head("main"):
            raise NotFound(path)
        return read(path, commit=commit)

    forge.push_files({"README.md": b"x"}, branch="main", message="Elsewhere")
    monkeypatch.setattr(forge, "file", gone)

    assert planner_for(forge).is_outdated(plan)
