"""The worker plans first what people wanted before: once, recorded, and never what touches more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.proposing import Proposing
from app.settings import ModelSettings, Settings
from app.store import SqliteStore
from app.world import World
from core.decide import decide
from core.errors import Declined, ProofFailed
from core.gate import Tier
from core.proposal import Answer, Fate
from core.types import (
    Alternative,
    Card,
    DecisionKind,
    Finding,
    Fix,
    FixPlan,
    FixState,
    Link,
    Person,
)
from remediation import preference
from tests.store_world import card, plan, resource, snapshot
from tests.worker_world import NOW, Clock

WAYS = (Alternative("default", "The usual", "free"), Alternative("key", "A key", "1 USD"))
NAMES = tuple(f"b{n}" for n in range(40))


class Ways:
    """A planner with two good fixes, of which one can be made to fail or to touch more."""

    def __init__(self) -> None:
        self.tier = Tier.DATA
        self.asks = False
        self.fails: Exception | None = None
        self.made: list[str] = []

    def plan(self, finding: Finding, link: Link, *, order: tuple[str, ...] = ()) -> FixPlan:
        name = order[0] if order else "default"
        self.made.append(name)
        if name == "key" and self.fails:
            raise self.fails
        made = plan(finding.uid, digest=f"{name} of {finding.uid}")
        return replace(
            made,
            alternative=name,
            alternatives=WAYS,
            tier=self.tier if name == "key" else Tier.DATA,
            asks_who_calls=self.asks and name == "key",
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    made = World(tmp_path, Settings())
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made.__dict__["planner"] = Ways()
    made.store.record_scan(
        snapshot(*(resource(name) for name in NAMES)), [card(name) for name in NAMES]
    )
    made.store.replace_links(
        [Link(resource(name).uid, "infra", "t.yaml", name, "stack tag") for name in NAMES]
    )
    yield made
    made.store.close()


def ways(world: World) -> Ways:
    made: Ways = world.__dict__["planner"]
    return made


def uid(name: str) -> str:
    return card(name).finding.uid


def shown(world: World, clock: Clock, name: str, **how: bool) -> FixPlan:
    made: Card = world.store.card(uid(name))
    planned = Proposing(world, clock=clock).plan(made, made.link, **how)
    world.store.save_plan(planned)
    return planned


def answer(world: World, planned: FixPlan, kind: DecisionKind, clock: Clock) -> None:
    decide(
        world.store,
        kind=kind,
        finding_uid=planned.finding_uid,
        person=Person("T1", "UDANA", name="Dana"),
        now=clock.now,
        plan_digest=planned.digest,
        reason="because",
        permit=lambda *_: "",
    )


def prefers_the_key(world: World, clock: Clock, times: int = 12) -> None:
    """Have the team choose the key instead, again and again."""
    for name in NAMES[:times]:
        shown(world, clock, name)
        made = world.store.card(uid(name))
        instead = world.make_plan(made.finding, made.link, order=("key",))
        world.store.save_plan(instead)
        answer(world, instead, DecisionKind.APPROVE_FIX, clock)


def test_what_the_team_chose_before_goes_first_and_says_why(world: World, clock: Clock) -> None:
    prefers_the_key(world, clock)

    planned = shown(world, clock, "b20")

    assert planned.alternative == "key"
    assert planned.because == "chosen 12 of 12 times by team-a"


def test_the_order_is_drawn_once_and_can_be_drawn_again(world: World, clock: Clock) -> None:
    first = shown(world, clock, "b20")
    prefers_the_key(world, clock)
    clock.now += timedelta(days=1)

    again = shown(world, clock, "b20")

    assert again.digest == first.digest
    assert again.proposal == first.proposal
    assert again.proposal
    kept = world.store.proposal(uid("b20"))
    assert kept == again.proposal
    assert preference.draw(kept.odds, kept.seed) == kept.order


def test_of_two_draws_for_one_finding_the_first_is_kept(world: World, clock: Clock) -> None:
    shown(world, clock, "b20")
    kept = world.store.proposal(uid("b20"))
    assert kept

    other = world.store.keep_proposal(replace(kept, order=("key", "default")))

    assert other == kept == world.store.proposal(uid("b20"))


def test_with_the_fixed_order_nothing_is_drawn(world: World, clock: Clock) -> None:
    prefers_the_key(world, clock)
    world.settings = Settings(model=ModelSettings(fix_order="fixed"))

    planned = shown(world, clock, "b20")

    assert (planned.alternative, planned.proposal) == ("default", None)
    assert world.store.proposal(uid("b20")) is None


def test_where_a_gate_fixes_automatically_nothing_is_tried_out(world: World, clock: Clock) -> None:
    prefers_the_key(world, clock)

    assert shown(world, clock, "b20", explore=False).alternative == "default"
    assert world.store.proposal(uid("b20")) is None


@pytest.mark.parametrize("how", ["higher tier", "asks who calls", "declined", "proof broken"])
def test_what_is_less_safe_or_does_not_hold_never_goes_before_the_usual(
    world: World, clock: Clock, how: str
) -> None:
    prefers_the_key(world, clock)
    ways(world).tier = Tier.NETWORK if how == "higher tier" else Tier.DATA
    ways(world).asks = how == "asks who calls"
    failures = {"declined": Declined("no"), "proof broken": ProofFailed("no")}
    ways(world).fails = failures.get(how)

    planned = shown(world, clock, "b20")

    assert planned.alternative == "default"
    assert ways(world).made[-1] == "key"


def test_what_was_rejected_gives_way_to_the_other(world: World, clock: Clock) -> None:
    first = shown(world, clock, "b20")
    answer(world, first, DecisionKind.REJECT_FIX, clock)

    second = shown(world, clock, "b20")

    assert {first.alternative, second.alternative} == {"default", "key"}
    assert "was rejected for this finding" in second.because


def test_what_was_rolled_back_does_not_go_first_again_until_one_held(
    world: World, clock: Clock
) -> None:
    for name in NAMES[:12]:
        made = world.store.card(uid(name))
        usual = world.make_plan(made.finding, made.link)
        world.store.save_plan(usual)
        answer(world, usual, DecisionKind.APPROVE_FIX, clock)
    before = [shown(world, clock, name).alternative for name in NAMES[20:26]]
    digest = f"default of {uid('b0')}"
    world.store.save_fix(Fix(digest, uid("b0"), FixState.REVERTED, clock.now))

    after = [shown(world, clock, name).alternative for name in NAMES[26:32]]
    clock.now += timedelta(days=1)
    world.store.save_fix(Fix(f"default of {uid('b1')}", uid("b1"), FixState.VERIFIED, clock.now))
    held = [shown(world, clock, name).alternative for name in NAMES[32:38]]

    assert set(before) == {"default"}
    assert set(after) == {"key"}
    assert "default" in held


def test_receptions_are_read_from_what_is_on_record(world: World, clock: Clock) -> None:
    planned = shown(world, clock, "b0")
    answer(world, planned, DecisionKind.APPROVE_FIX, clock)
    world.store.save_fix(Fix(planned.digest, uid("b0"), FixState.VERIFIED, clock.now))
    shown(world, clock, "b1")

    first, second = world.store.receptions("PL-S3-001")

    assert (first.team, first.answer, first.fate) == ("team-a", Answer.APPROVED, Fate.HELD)
    assert first.first == first.alternative == planned.alternative
    assert (second.answer, second.answered_at, second.fate) == (Answer.NONE, None, Fate.NONE)
    assert world.store.receptions("PL-SQS-001") == ()
    assert world.store.receptions() == (first, second)


def test_a_rollback_after_measured_harm_is_told_from_one_that_a_person_asked_for(
    world: World, clock: Clock
) -> None:
    from core.trial import Trial, TrialState

    planned = shown(world, clock, "b0")
    world.store.save_fix(Fix(planned.digest, uid("b0"), FixState.REVERTED, clock.now))
    [asked] = world.store.receptions()
    world.store.save_trial(
        Trial(planned.digest, uid("b0"), TrialState.FAILED, since=NOW, until=NOW)
    )
    [harmed] = world.store.receptions()

    assert (asked.fate, harmed.fate) == (Fate.UNDONE, Fate.HARMED)
