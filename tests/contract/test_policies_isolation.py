"""Evaluation in a child process: the same verdicts, and none lost to a policy that misbehaves."""

import os
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.types import Estate, Finding, Gap, Resource, Snapshot, unknown
from policies import PolicySet, check, evaluate, load

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LOOP = """package acme.loop

deny contains "never" if {
	input.resource.Properties.%s
	some x in numbers.range(1, 100000)
	some y in numbers.range(1, 100000)
	x * y == input.never
}
"""
HOG = """package acme.hog

deny contains "never" if {
	input.resource.Properties.BucketName
	count({[x, y] | some x in numbers.range(1, 20000); some y in numbers.range(1, 20000)}) < 0
}
"""
GOOD = """package acme.good

deny contains msg if msg := sprintf("seen %s", [input.resource.Name])
"""


def _estate(count: int = 3) -> Snapshot:
    buckets = [
        Resource(f"arn:aws:s3:::b{n}", "AWS::S3::Bucket", f"b{n}", {"BucketName": f"b{n}"})
        for n in range(count)
    ]
    queue = Resource("arn:q", "AWS::SQS::Queue", "q", {"KmsMasterKeyId": unknown("denied")})
    allows = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": unknown("imported")}
    document = {"Statement": [allows, {**allows, "Action": "*"}]}
    role = Resource("arn:r", "AWS::IAM::Role", "r", {"Policies": [{"PolicyDocument": document}]})
    return Snapshot("s", NOW, (*buckets, queue, role))


def _said(policy_set: PolicySet, snapshot: Snapshot, **limits: float) -> list[Finding | Gap]:
    run = check(policy_set, estate=Estate(), clock=lambda: NOW, **limits)  # type: ignore[arg-type]
    return list(run(snapshot))


def _with(tmp_path: Path, *texts: str) -> PolicySet:
    for n, text in enumerate(texts):
        (tmp_path / f"p{n}.rego").write_text(text, encoding="utf-8")
    return load([tmp_path])


def _uids(said: Sequence[Finding | Gap]) -> set[str]:
    return {item.uid for item in said if isinstance(item, Finding)}


def test_the_child_says_what_this_process_says() -> None:
    snapshot = _estate(600)  # more than two batches

    inside = list(evaluate(load(), snapshot.resources, estate=Estate(), now=NOW))

    assert _said(load(), snapshot) == inside
    assert inside


@pytest.mark.parametrize(("text", "name"), [(LOOP % "BucketName", "ACME-LOOP"), (HOG, "ACME-HOG")])
def test_a_policy_without_end_is_stopped_and_named_and_the_others_are_heard(
    tmp_path: Path, text: str, name: str
) -> None:
    loaded = _with(tmp_path, text, GOOD)

    said = _said(loaded, _estate(), timeout_s=3, memory_mb=256)

    [gap] = [item for item in said if isinstance(item, Gap)]
    assert gap.scope == name
    assert gap.reason in ("timeout", "failed")
    seen = {f.resource_uid for f in said if isinstance(f, Finding) and f.check_id == "ACME-GOOD"}
    assert seen == {resource.uid for resource in _estate().resources}
    assert _uids(_said(load(), _estate())) <= _uids(said)


def test_two_policies_without_end_are_both_named(tmp_path: Path) -> None:
    second = (LOOP % "BucketName").replace("acme.loop", "acme.spin")

    said = _said(_with(tmp_path, LOOP % "BucketName", second), _estate(), timeout_s=2)

    assert {item.scope for item in said if isinstance(item, Gap)} == {"ACME-LOOP", "ACME-SPIN"}


def test_a_policy_that_never_ends_on_anything_is_warned_of_at_load(tmp_path: Path) -> None:
    everywhere = (LOOP % "X").replace("\tinput.resource.Properties.X\n", "")

    loaded = _with(tmp_path, everywhere)

    assert any("ACME-LOOP" in note and "stopped" in note for note in loaded.notes)


def test_policies_see_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-for-policies")
    from policies.isolate import _Child

    child = _Child()
    try:
        environment = Path(f"/proc/{child._process.pid}/environ")
        if not environment.exists():
            pytest.skip("this system does not show a process's environment")
        assert b"SLACK_BOT_TOKEN" not in environment.read_bytes()
    finally:
        child.kill()


def test_no_child_is_left_behind() -> None:
    run = check(load(), estate=Estate(), clock=lambda: NOW)
    stream = run(_estate())
    next(stream)
    stream.close()  # type: ignore[attr-defined]

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_checks_run_side_by_side_in_threads() -> None:
    results: list[set[str]] = []
    threads = [
        threading.Thread(target=lambda: results.append(_uids(_said(load(), _estate()))))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert results[0] == results[1]
    assert results[0]
