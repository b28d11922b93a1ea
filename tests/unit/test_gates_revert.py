"""Undoing a fix at the gates: who may at once, who needs others, and what holds it back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.settings import ScanSettings, Settings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World
from bot import words
from core import quorum
from core.decide import decide, roll_back
from core.errors import AlreadyDecided, NotAllowed
from core.gate import Gate, Revert, Rule, Terms, strictest
from core.types import Decision, DecisionKind, FixState, Link, Person, Status
from policies.gate import read_file
from tests.store_world import OMAR, card, plan, resource, snapshot
from tests.worker_world import (
    DANA,
    NOW,
    UID,
    Clock,
    Heard,
    Planned,
    Pulls,
    fixed,
    planner,
    queued,
    states,
)

DIGEST = "d" * 64
TWO = Terms(approvals=2, gates=("production",), revert=Revert.GATE)
GATE = "{id: production, approvals: {network: 2}"
FROZEN = 'freezes: [{name: weekend, zone: UTC, from: "Sat 00:00", to: "Mon 06:00"}]'


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    made = World(tmp_path, Settings(scan=ScanSettings(gates=(tmp_path / "gates.yaml",))))
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made.__dict__["planner"] = Planned()
    made.__dict__["forges"] = {"infra": Pulls()}
    gate(made, "")
    bucket = resource("logs")
    made.store.record_scan(snapshot(bucket), [card("logs")])
    made.store.replace_links([Link(bucket.uid, "infra", "template.yaml", "Logs", "stack tag")])
    fixed(made)
    yield made
    made.store.close()


@pytest.fixture
def chat() -> Heard:
    return Heard()


@pytest.fixture
def worker(world: World, chat: Heard, clock: Clock) -> Worker:
    return Worker(world, chat, picture=lambda _: None, clock=clock)


def gate(world: World, more: str) -> None:
    text = f"gates: [{GATE}{', ' if more else ''}{more}}}]"
    (world.home / "gates.yaml").write_text(text, encoding="utf-8")


def bind(world: World, terms: Terms) -> None:
    world.store.save_plan(replace(plan(UID), terms=terms))


def undo(world: World, person: Person, *, at: datetime = NOW) -> None:
    decide(
        world.store,
        kind=DecisionKind.REVERT_FIX,
        finding_uid=UID,
        person=person,
        now=at,
        permit=lambda *_: "",
        plan_digest=DIGEST,
    )


# ── who ───────────────────────────────────────────────────────────────────────


def test_without_a_gate_one_click_undoes(world: World) -> None:
    bind(world, Terms())
    undo(world, OMAR)
    assert states(world) == {"d": "reverting"}
    assert "revert" in queued(world)


def test_through_a_gate_as_many_ask_as_had_to_approve(world: World) -> None:
    bind(world, TWO)
    undo(world, DANA)
    assert states(world) == {"d": "verified"}
    assert "revert" not in queued(world)
    shown = world.store.card(UID)
    said = words.undo_asked(shown, shown.decisions[-1], now=NOW)
    assert said.startswith("Dana asks to undo this fix: 1 of 2. 1 more person has to ask for it")
    with pytest.raises(AlreadyDecided, match="somebody else has to agree"):
        undo(world, DANA)

    undo(world, OMAR)

    assert states(world) == {"d": "reverting"}
    assert "revert" in queued(world)


def test_a_request_to_undo_expires_as_an_approval_does(world: World) -> None:
    bind(world, replace(TWO, valid_h=1))
    undo(world, DANA)
    undo(world, OMAR, at=NOW + timedelta(hours=2))
    assert states(world) == {"d": "verified"}


@pytest.mark.parametrize(
    ("revert", "approver", "missing"),
    [
        (Revert.ANYONE, OMAR, 0),
        (Revert.APPROVER, DANA, 0),
        (Revert.APPROVER, OMAR, 1),
        (Revert.GATE, DANA, 1),
    ],
)
def test_who_approved_may_undo_at_once_where_the_gate_says_so(
    revert: Revert, approver: Person, missing: int
) -> None:
    held = replace(plan(UID), terms=replace(TWO, revert=revert))
    decisions = (
        Decision("1", UID, DecisionKind.APPROVE_FIX, approver, NOW, plan_digest=DIGEST),
        Decision("2", UID, DecisionKind.REVERT_FIX, DANA, NOW, plan_digest=DIGEST),
    )
    assert quorum.missing_to_undo(held, decisions, since=NOW, at=NOW) == missing


def test_what_does_harm_is_rolled_back_without_anybody(world: World) -> None:
    bind(world, TWO)
    roll_back(world.store, world.store.plan(DIGEST), reason="errors rose", now=NOW)
    assert states(world) == {"d": "reverting"}
    assert "revert" in queued(world)


def test_the_owner_does_not_count_where_the_owner_may_not_approve(world: World) -> None:
    bind(world, replace(TWO, owner_approves=False))
    found = world.store.card(UID)
    world.store.save_card(replace(found, finding=replace(found.finding, owner="Dana")))
    with pytest.raises(NotAllowed, match="somebody else than the finding's owner"):
        undo(world, DANA)


# ── what holds it back ────────────────────────────────────────────────────────


def both_ask(world: World) -> None:
    bind(world, TWO)
    undo(world, DANA)
    undo(world, OMAR)


def test_a_freeze_holds_an_undo_that_passes_the_gate_and_says_so_once(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    gate(world, FROZEN)
    both_ask(world)
    worker.drain()
    worker.resume()
    worker.drain()
    said = [text for _, text in chat.said if "Nothing is undone yet" in text]
    assert len(said) == 1
    assert "the end of freeze weekend" in said[0]
    assert planner(world).commits == 0

    clock.now = NOW + timedelta(hours=22)
    worker.drain()

    assert planner(world).commits == 1


@pytest.mark.parametrize("revert", ["anyone", "approver"])
def test_a_freeze_holds_no_undo_that_the_gate_lets_start_at_once(
    world: World, worker: Worker, revert: str
) -> None:
    gate(world, f"{FROZEN}, revert: {revert}")
    bind(world, replace(TWO, revert=Revert(revert)))
    approve_before(world)
    undo(world, DANA)
    worker.drain()
    assert planner(world).commits == 1


def approve_before(world: World) -> None:
    """Have Dana approve the fix, before it was made."""
    made = world.store.fix(DIGEST)
    assert made
    found = world.store.card(UID)
    opened = replace(found, finding=replace(found.finding, status=Status.OPEN))
    world.store.save_card(opened)
    world.store.save_fix(replace(made, state=FixState.CLOSED))
    decide(
        world.store,
        kind=DecisionKind.APPROVE_FIX,
        finding_uid=UID,
        person=DANA,
        now=NOW,
        permit=lambda *_: "",
        plan_digest=DIGEST,
    )
    world.store.save_fix(made)
    while job := world.store.claim_job(lease_s=60):
        world.store.finish_job(job.uid)


def test_a_gate_that_has_become_stricter_asks_for_more(
    world: World, worker: Worker, chat: Heard
) -> None:
    bind(world, Terms())
    undo(world, DANA)
    worker.drain()
    assert states(world) == {"d": "verified"}
    assert planner(world).commits == 0
    assert (
        "Nothing is undone yet: Gate production lets it be undone once one more person asks for it."
        in [text for _, text in chat.said]
    )


# ── what is written ───────────────────────────────────────────────────────────


def test_the_strictest_row_that_says_something_holds(tmp_path: Path) -> None:
    path = tmp_path / "gates.yaml"
    path.write_text("gates: [{id: a, revert: anyone}, {id: b, revert: approver}, {id: c}]")
    a, b, c = (row.rule for row in read_file(path))
    assert strictest([a, b, c]).revert is Revert.APPROVER
    assert strictest([a, c]).revert is Revert.ANYONE
    assert strictest([Rule("d")]).revert is Revert.GATE
    assert Gate().revert is Revert.ANYONE
