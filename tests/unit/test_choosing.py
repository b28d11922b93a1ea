"""The worker, when a person chose another way to fix a finding than the one that was shown."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from app.settings import Settings, SlackSettings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World
from core.decide import decide
from core.errors import StalePlan
from core.types import (
    Assessment,
    Basis,
    Card,
    Contribution,
    CostImpact,
    DecisionKind,
    Explanation,
    Fix,
    FixPlan,
    FixState,
    Person,
)
from remediation import FakeForge
from tests.remediation_world import DANA, LINK, LIVE, NOW, PATH, TEMPLATE, finding_of, planner_for
from tests.store_world import snapshot
from tests.worker_world import Heard

UID = finding_of(LIVE).uid


def now() -> datetime:
    return NOW


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Settings(slack=SlackSettings(zone="Europe/Zurich")))
    forge = FakeForge("shop", {PATH: TEMPLATE})
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=now)
    made.__dict__["planner"] = planner_for(forge)
    made.__dict__["forges"] = {"shop": forge}
    made.store.record_scan(snapshot(LIVE), [Card(finding_of(LIVE), None)])
    made.store.replace_links([LINK])
    yield made
    made.store.close()


@pytest.fixture
def chat() -> Heard:
    return Heard()


def shown(world: World, chat: Heard, name: str = "") -> tuple[FixPlan | None, str]:
    chosen = {"alternative": name} if name else {}
    world.store.enqueue("plan", UID, {"finding_uid": UID, "view_id": "V1", **chosen})
    Worker(world, chat, picture=lambda _: None, clock=now).drain()
    return chat.plans[-1]


def approve(world: World, digest: str, person: Person = DANA) -> None:
    decide(
        world.store,
        kind=DecisionKind.APPROVE_FIX,
        finding_uid=UID,
        person=person,
        now=NOW,
        plan_digest=digest,
        permit=lambda *_: "",
    )


def test_the_chosen_way_is_planned_and_becomes_the_plan_in_force(world: World, chat: Heard) -> None:
    usual, _ = shown(world, chat)
    other, refusal = shown(world, chat, "customer-key")

    assert refusal == ""
    assert usual
    assert other
    assert (usual.alternative, other.alternative) == ("default", "customer-key")
    assert world.store.current_plan(UID) == other
    assert "aws:kms" in other.diff


def test_an_approval_of_the_way_that_was_shown_before_does_not_count(
    world: World, chat: Heard
) -> None:
    usual, _ = shown(world, chat)
    other, _ = shown(world, chat, "customer-key")
    assert usual
    assert other

    with pytest.raises(StalePlan):
        approve(world, usual.digest)
    approve(world, other.digest)

    assert world.store.card(UID).fix


def test_nothing_else_can_be_chosen_once_a_fix_is_under_way(world: World, chat: Heard) -> None:
    usual, _ = shown(world, chat)
    assert usual
    world.store.save_fix(Fix(usual.digest, UID, FixState.PULL_REQUEST, NOW))

    _, refusal = shown(world, chat, "customer-key")

    assert "under way already" in refusal
    assert world.store.current_plan(UID) == usual


def test_a_way_that_does_not_exist_leaves_the_plan_in_force(world: World, chat: Heard) -> None:
    usual, _ = shown(world, chat)

    none, refusal = shown(world, chat, "magic")

    assert none is None
    assert "no fix named" in refusal
    assert "still stands" in refusal
    assert world.store.current_plan(UID) == usual


def test_a_fix_planned_again_after_the_file_moved_is_the_way_that_was_chosen(
    world: World, chat: Heard
) -> None:
    shown(world, chat)
    other, _ = shown(world, chat, "customer-key")
    assert other
    forge = world.forges["shop"]
    assert isinstance(forge, FakeForge)
    moved = TEMPLATE.replace(b"# customers' files", b"# files")
    forge.push_files({PATH: moved}, branch="main", message="Say less")
    world.store.enqueue("moved", other.digest, {"plan_digest": other.digest})
    Worker(world, chat, picture=lambda _: None, clock=now).drain()

    again = world.store.current_plan(UID)

    assert again
    assert again.digest != other.digest
    assert again.alternative == "customer-key"


def test_a_plan_says_who_calls_and_the_resource_s_risk_before_and_after(
    world: World, chat: Heard
) -> None:
    riskier = finding_of(LIVE, "PL-S3-002")
    world.store.record_scan(
        snapshot(LIVE),
        [Card(finding_of(LIVE), assessed(UID, 40.0)), Card(riskier, assessed(riskier.uid, 55.0))],
    )

    plan, _ = shown(world, chat)

    assert plan
    assert plan.callers == "it is called 92 times a day; its metrics do not say by whom"
    assert (plan.risk_before, plan.risk_after) == (55.0, 55.0)


def assessed(uid: str, risk: float) -> Assessment:
    called = Explanation(0.4, -0.6, (Contribution("calls_per_day", 92.0, 0.1),))
    return Assessment(uid, risk, None, called, CostImpact(None, None, Basis.MEASURED), "prior-1")
