"""Several good ways to fix one finding: each is exact, proved, named, and open to choice."""

import os
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from core.errors import Declined, FixError, ProofFailed
from core.types import Estate, Finding, FixPlan, Link
from remediation import FakeForge, GitPlanner
from remediation.blueprint import ALTERNATIVES, BLUEPRINTS, DEFAULT, load
from remediation.lint import Lint
from templates import edit
from tests.blueprint_world import FILES, KEY, NOW, content, evaluate, fixed, template_of

OURS = ("plain.yaml", "stated.yaml", "beside.yaml", "sam.yaml")


def planner_for(data: bytes, name: str) -> GitPlanner:
    return GitPlanner(
        {"infra": FakeForge("infra", {name: data})},
        evaluate=evaluate,
        estate=Estate(),
        clock=lambda: NOW,
        secret_key=KEY,
        lint=lambda _before, _after: Lint(),
    )


def choosable(name: str) -> dict[tuple[str, str], Finding]:
    """Return one open finding of each check and declaration that has alternatives."""
    load()
    found: dict[tuple[str, str], Finding] = {}
    for finding in evaluate(template_of(content(name), name).resources):
        if finding.check_id in ALTERNATIVES and finding.source:
            found.setdefault((finding.check_id, finding.source.address), finding)
    return found


def planned(name: str, finding: Finding, *order: str) -> FixPlan:
    assert finding.source
    link = Link(finding.resource_uid, "infra", name, finding.source.address, "test")
    return planner_for(content(name), name).plan(finding, link, order=order)


@cache
def plans_of(name: str) -> tuple[FixPlan, ...]:
    made: list[FixPlan] = []
    for (check_id, _), finding in choosable(name).items():
        for way in ALTERNATIVES[check_id]:
            try:
                made.append(planned(name, finding, way.alternative))
            except Declined:
                continue
    return tuple(made)


@pytest.mark.parametrize("name", OURS)
def test_every_alternative_on_our_templates_is_the_one_we_have_read(name: str) -> None:
    """PLUMBLINE_GOLDEN=1 writes what they are now; read the difference before you commit it."""
    said = "".join(
        f"{'=' * 8} {plan.check_id} {plan.alternative}: {plan.summary}\n{plan.diff}"
        for plan in plans_of(name)
    )
    golden = FILES / "golden" / f"{name}.alternatives.diff"
    if os.environ.get("PLUMBLINE_GOLDEN"):
        golden.write_text(said, encoding="utf-8")

    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OURS)
def test_every_alternative_holds_its_proofs_and_undoes_exactly(name: str) -> None:
    data = content(name)

    for plan in plans_of(name):
        edits = plan.changes[0].edits
        after = edit.apply(data, edits)
        assert all(proof.held for proof in plan.proofs)
        assert edit.apply(after, edit.inverse(data, edits)) == data


def test_our_templates_show_every_alternative_at_work() -> None:
    shown = {(plan.check_id, plan.alternative) for name in OURS for plan in plans_of(name)}
    functions = {
        way.apply
        for check_id, ways in ALTERNATIVES.items()
        for way in ways
        if (check_id, way.alternative) in shown
    }

    assert {way.apply for ways in ALTERNATIVES.values() for way in ways} == functions


def test_alternatives_belong_to_checks_that_have_a_default_and_say_what_they_cost() -> None:
    load()

    assert set(ALTERNATIVES) <= set(BLUEPRINTS)
    for check_id, ways in ALTERNATIVES.items():
        for way in ways:
            assert way.summary != BLUEPRINTS[check_id].summary
            assert way.cost
            assert way.may_break


def queue() -> Finding:
    return next(f for (check, _), f in choosable("plain.yaml").items() if check == "PL-SQS-001")


def test_a_plan_says_which_way_it_is_and_is_bound_to_it() -> None:
    usual, other = planned("plain.yaml", queue()), planned("plain.yaml", queue(), "customer-key")

    assert (usual.alternative, other.alternative) == (DEFAULT, "customer-key")
    assert usual.digest != other.digest
    assert other.summary.startswith("Encrypt the queue's messages with a key of its own")
    assert [way.name for way in usual.alternatives] == [DEFAULT, "customer-key"]
    assert usual.alternatives == other.alternatives


def test_a_way_that_fails_its_proofs_gives_way_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_right(target: Any) -> None:
        target.set(("DelaySeconds",), 1)

    load()
    broken = replace(BLUEPRINTS["PL-SQS-001"], apply=nothing_right)
    monkeypatch.setitem(BLUEPRINTS, "PL-SQS-001", broken)

    plan = planned("plain.yaml", queue())

    assert plan.alternative == "customer-key"
    assert plan.alternatives[0].refused.startswith("The fix does not hold")
    with pytest.raises(ProofFailed):
        planned("plain.yaml", queue(), DEFAULT)


def test_a_way_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(Declined, match="no fix named"):
        planned("plain.yaml", queue(), "magic")


def run(text: str, check_id: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    load()
    monkeypatch.setitem(BLUEPRINTS, check_id, ALTERNATIVES[check_id][0])
    raw, _ = fixed(text, check_id, "It")
    return dict(raw["Resources"])


def test_a_queue_key_admits_the_services_that_send_to_the_queue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = run(
        """
Resources:
  It:
    Type: AWS::SQS::Queue
    Properties: {SqsManagedSseEnabled: false}
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref It]
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: "sqs:SendMessage", Resource: "*"}
""",
        "PL-SQS-001",
        monkeypatch,
    )

    assert "SqsManagedSseEnabled" not in made["It"]["Properties"]
    users = [s["Principal"] for s in made["ItKey"]["Properties"]["KeyPolicy"]["Statement"]]
    assert {"Service": "sns.amazonaws.com"} in users


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ("    Properties: {WebsiteConfiguration: {IndexDocument: i.html}}\n", "website"),
        (
            "  Other:\n    Type: AWS::S3::Bucket\n    Properties: {LoggingConfiguration: {DestinationBucketName: !Ref It}}\n",
            "Access logs",
        ),
    ],
)
def test_a_bucket_that_readers_without_a_key_need_gets_none(
    other: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FixError, match=why):
        run(
            f"Resources:\n  It:\n    Type: AWS::S3::Bucket\n{other}",
            "PL-S3-001",
            monkeypatch,
        )


def test_a_function_whose_failures_are_configured_already_gets_no_second_configuration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = run(
        """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties: {Path: /}
  It:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn}
  Config:
    Type: AWS::Lambda::EventInvokeConfig
    Properties: {FunctionName: !Ref It, Qualifier: $LATEST, MaximumRetryAttempts: 1}
""",
        "PL-LAMBDA-010",
        monkeypatch,
    )

    configs = [r for r in made.values() if r["Type"] == "AWS::Lambda::EventInvokeConfig"]
    assert len(configs) == 1
    assert configs[0]["Properties"]["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": ["ItDeadLetterQueue", "Arn"]
    }
