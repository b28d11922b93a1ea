"""Drift: what counts as different, which side is ahead, and the commit that records what is live."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.drift import CHECK_ID, Ahead, Seen, Side, ahead, since
from core.errors import AlreadyDeclared, Declined, ProofFailed
from core.types import Evidence, Finding, Gap, Link, Resource, Snapshot, unknown
from detectors.drift import Pair, drifted
from remediation import FakeForge
from templates import edit
from templates.difference import differences
from tests.remediation_world import DANA, KEY, planner_for

NAMES = {
    "Orders": ("https://sqs/1/orders", "orders", "arn:aws:sqs:eu-west-1:1:orders"),
    "Orders.Arn": ("arn:aws:sqs:eu-west-1:1:orders",),
    "AWS::Region": ("eu-west-1",),
}
FUNCTION = "AWS::Lambda::Function"


def found(declared: Mapping[str, Any], live: Mapping[str, Any], kind: str = FUNCTION) -> list[str]:
    return [".".join(each.path) for each in differences(kind, declared, live, NAMES)]


@pytest.mark.parametrize(
    ("declared", "live"),
    [
        ({"Timeout": 3}, {"Timeout": "3", "MemorySize": 128}),
        ({"Timeout": unknown("parameter")}, {"Timeout": 9}),
        ({"Timeout": "${Param}"}, {"Timeout": 9}),
        ({"Layers": "${Param}"}, {"Layers": ["a", "b"]}),
        ({"Layers": ["${Param}"]}, {"Layers": ["a", "b"]}),
        ({"Layers": ["b", "a"]}, {"Layers": ["a", "b"]}),
        ({"Target": "${Orders.Arn}"}, {"Target": "arn:aws:sqs:eu-west-1:1:orders"}),
        ({"Name": "x-${AWS::Region}-${Orders}"}, {"Name": "x-eu-west-1-orders"}),
        ({"VpcConfig": {"SubnetIds": []}}, {}),
        ({"Code": {"S3Key": "a"}}, {"Code": {"S3Key": "b"}}),
        ({"Tags": [{"Key": "a", "Value": "b"}]}, {"Tags": []}),
        ({"Description": "nobody collects this"}, {}),
        (
            {"Environment": {"Variables": {"A": "secret:plain:0123456789abcdef"}}},
            {"Environment": {"Variables": {"A": "secret:plain:fedcba9876543210"}}},
        ),
        ({"Policy": {"Statement": {"Effect": "Allow"}}}, {"Policy": '{"Statement": [{"Effect": "Allow"}]}'}),
        ({"Enabled": True}, {"Enabled": "true"}),
    ],
)  # fmt: skip
def test_what_is_no_difference(declared: Mapping[str, Any], live: Mapping[str, Any]) -> None:
    assert found(declared, live) == []


@pytest.mark.parametrize(
    ("declared", "live", "paths"),
    [
        ({"Timeout": 3}, {"Timeout": 30}, ["Timeout"]),
        ({"TracingConfig": {"Mode": "Active"}}, {"TracingConfig": {"Mode": "PassThrough"}}, ["TracingConfig.Mode"]),
        ({"DeadLetterConfig": {"TargetArn": "${Orders.Arn}"}}, {}, ["DeadLetterConfig"]),
        ({"Layers": ["a"]}, {"Layers": ["a", "b"]}, ["Layers"]),
        ({"Target": "${Orders.Arn}"}, {"Target": "arn:aws:sqs:eu-west-1:1:other"}, ["Target"]),
        (
            {"Environment": {"Variables": {"A": "secret:plain:0123456789abcdef"}}},
            {"Environment": {"Variables": {"A": "secret:plain:0123456789abcdef", "B": "secret:plain:0123456789abcdef"}}},
            ["Environment.Variables.B"],
        ),
        ({"Policy": {"Statement": [{"Effect": "Deny"}]}}, {"Policy": {"Statement": [{"Effect": "Allow"}]}}, ["Policy"]),
    ],
)  # fmt: skip
def test_what_is_a_difference_and_where(
    declared: Mapping[str, Any], live: Mapping[str, Any], paths: list[str]
) -> None:
    assert found(declared, live) == paths


NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("committed", "seen", "changed_at", "side"),
    [
        (at(-9), Seen(at(0), at(-6)), None, Side.LIVE),
        (at(1), Seen(at(0), at(-6)), None, Side.TEMPLATE),
        (at(-3), Seen(at(0), at(-6)), None, Side.UNKNOWN),
        (at(1), Seen(at(0)), None, Side.TEMPLATE),
        (at(-9), Seen(at(0)), None, Side.UNKNOWN),
        (at(-9), Seen(at(0)), at(-2), Side.LIVE),
        (at(-9), Seen(at(0)), at(-12), Side.UNKNOWN),
        (None, Seen(at(0), at(-6)), None, Side.UNKNOWN),
        (at(-9), None, None, Side.UNKNOWN),
    ],
)
def test_which_side_is_ahead_is_said_only_where_the_times_tell(
    committed: datetime | None, seen: Seen | None, changed_at: datetime | None, side: Side
) -> None:
    said = ahead(committed, seen, changed_at)

    assert said.side is side
    assert ("cannot be told" in said.why) == (side is Side.UNKNOWN)


def test_since_when_a_value_is_so_is_told_from_the_scans_that_saw_it_otherwise() -> None:
    scans = [at(-12), at(-6), at(0), at(6)]

    assert since([(at(-12), False), (at(0), True)], scans) == Seen(at(0), at(-6))
    assert since([(at(-12), True)], scans) == Seen(at(-12))
    assert since([(at(-12), True), (at(-6), False), (at(0), True)], scans) == Seen(at(0), at(-6))
    assert since([(at(-12), True), (at(0), False)], scans) is None
    assert since([], scans) is None


LIVE = Resource(
    "arn:aws:lambda:eu-west-1:111122223333:function:worker", FUNCTION, "worker",
    {"Timeout": 60, "MemorySize": 256}, account="111122223333", region="eu-west-1",
)  # fmt: skip
LINK = Link(LIVE.uid, "shop", "shop.yaml", "Worker", "stack tags")
DECLARED = replace(LIVE, uid="shop//shop.yaml//Worker", properties={"Timeout": 3})


def drift_of(live: Resource = LIVE, declared: Resource = DECLARED) -> list[Finding | Gap]:
    def pairs(_: Snapshot) -> Iterator[Pair | Gap]:
        yield Pair(live, declared, LINK, {}, "aws cloudformation ...", NOON)

    check = drifted(pairs, lambda _pair, _found: Ahead(Side.LIVE, "it changed last"))
    return list(check(Snapshot("s", NOON, (live,))))


def test_a_drift_is_a_finding_that_names_both_ways_out() -> None:
    [said] = drift_of()

    assert isinstance(said, Finding)
    assert said.check_id == CHECK_ID
    assert said.evidence.message == "Timeout is declared 3 and is 60"
    assert said.evidence.locations == ("Timeout",)
    assert "Ahead: live (it changed last)" in said.remediation
    assert "record what is live in the template" in said.remediation
    assert "aws cloudformation ..." in said.remediation
    assert drift_of(declared=replace(DECLARED, properties={"Timeout": 60})) == []


TEMPLATE = b"""\
# The shop. Do not reorder.
Parameters:
  Size: {Type: Number, Default: 128}
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Timeout: 3   # seconds
      MemorySize: !Ref Size
      TracingConfig: {Mode: Active}
"""


def finding(*differences: tuple[str, Any, Any]) -> Finding:
    facts = [{"path": p.split("."), "declared": d, "live": v} for p, d, v in differences]
    [usual] = drift_of()
    assert isinstance(usual, Finding)
    return replace(usual, evidence=Evidence("drift", {"differences": facts}))


@pytest.fixture
def forge() -> FakeForge:
    return FakeForge("shop", {"shop.yaml": TEMPLATE})


def test_what_is_live_is_recorded_byte_for_byte_and_proved(forge: FakeForge) -> None:
    planner = planner_for(forge, evaluate=lambda _: ())
    plan = planner.plan(
        finding(("Timeout", 3, 60), ("TracingConfig", {"Mode": "Active"}, None)), LINK
    )

    made = edit.apply(TEMPLATE, plan.changes[0].edits)
    assert made == TEMPLATE.replace(b"Timeout: 3 ", b"Timeout: 60 ").replace(
        b"      TracingConfig: {Mode: Active}\n", b""
    )
    assert {each.name: each.held for each in plan.proofs}["finding gone"]
    assert all(each.held for each in plan.proofs)
    assert planner.can_fix(CHECK_ID)
    fix = planner.execute(plan, approvers=[DANA], audit_head="a" * 64)
    assert fix.pull_request


@pytest.mark.parametrize(
    ("path", "declared", "live", "why"),
    [
        ("MemorySize", 128, 256, r"computed \(Ref\)"),
        ("Handler", "a.b", "c.d", "comes from elsewhere"),
        ("Timeout", 3, f"secret:plain:{'0' * 16}", "value that is not kept"),
    ],
)
def test_what_the_declaration_does_not_say_itself_is_declined(
    forge: FakeForge, path: str, declared: Any, live: Any, why: str
) -> None:
    with pytest.raises(Declined, match=why):
        planner_for(forge, evaluate=lambda _: ()).plan(finding((path, declared, live)), LINK)


def test_a_template_that_says_it_already_gets_no_commit(forge: FakeForge) -> None:
    with pytest.raises(AlreadyDeclared):
        planner_for(forge, evaluate=lambda _: ()).plan(finding(("Timeout", 2, 3)), LINK)


def test_a_live_state_that_breaks_a_policy_is_not_recorded(forge: FakeForge) -> None:
    def long_timeouts(resources: Any) -> tuple[Finding, ...]:
        usual = replace(finding(), check_id="PL-LAMBDA-999", uid="x")
        return tuple(
            replace(usual, resource_uid=r.uid, source=r.source)
            for r in resources
            if r.properties.get("Timeout") == 60
        )

    with pytest.raises(ProofFailed, match="nothing new"):
        planner_for(forge, evaluate=long_timeouts).plan(finding(("Timeout", 3, 60)), LINK)


def test_parameters_stand_for_what_is_not_known() -> None:
    import templates

    first = templates.read(TEMPLATE, file="shop.yaml", secret_key=KEY)
    again = templates.read(
        TEMPLATE, file="shop.yaml", secret_key=KEY, parameters=first.unknown_parameters
    )
    worker = again.resource("Worker")
    assert worker
    live = {"MemorySize": 1024, "Timeout": 3, "TracingConfig": {"Mode": "Active"}}
    assert differences(FUNCTION, worker.properties, live, {}) == ()
