"""The worker at the gates: what is planned, what waits and for how long, and what is asked again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import ScanSettings, Settings, SlackSettings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World
from core.decide import decide
from core.gate import Revert, Terms, Tier
from core.types import DecisionKind, Fix, FixPlan, FixState, Link, Person, PullRequest, Status
from tests.store_world import OMAR, card, plan, resource, snapshot
from tests.worker_world import (
    DANA,
    NOW,
    UID,
    Clock,
    Heard,
    Planned,
    Pulls,
    approve,
    planner,
    pull,
    states,
)

DIGEST = "d" * 64


class Said(Planned):
    """A planner that remembers who approved."""

    def execute(self, applied: FixPlan, *, approvers: tuple[Person, ...], audit_head: str) -> Fix:
        self.approvers = approvers
        return super().execute(applied, approvers=approvers, audit_head=audit_head)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    scan = ScanSettings(follow_s=1.0, gates=(tmp_path / "gates.yaml",))
    made = World(tmp_path, Settings(scan=scan, slack=SlackSettings(zone="Europe/Zurich")))
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made.__dict__["planner"] = Said()
    made.__dict__["forges"] = {"infra": Pulls()}
    gate(made, "{id: usual, approvals: {network: 1}}")
    bucket = resource("logs")
    made.store.record_scan(snapshot(bucket), [card("logs")])
    made.store.replace_links([Link(bucket.uid, "infra", "template.yaml", "Logs", "stack tag")])
    yield made
    made.store.close()


@pytest.fixture
def chat() -> Heard:
    return Heard()


@pytest.fixture
def worker(world: World, chat: Heard, clock: Clock) -> Worker:
    return Worker(world, chat, picture=lambda _: None, clock=clock)


def gate(world: World, *rows: str) -> None:
    (world.home / "gates.yaml").write_text(f"gates: [{', '.join(rows)}]", encoding="utf-8")


def waiting(chat: Heard) -> list[str]:
    return [text for uid, text in chat.said if uid == UID and "Nothing is changed yet" in text]


def commits(world: World) -> int:
    return planner(world).commits


# ── planning ──────────────────────────────────────────────────────────────────


def shown(worker: Worker, world: World, chat: Heard) -> tuple[FixPlan | None, str]:
    world.store.enqueue("plan", UID, {"finding_uid": UID, "view_id": "V1"})
    worker.drain()
    return chat.plans[-1]


def test_a_plan_is_bound_to_what_its_approval_needs(
    worker: Worker, world: World, chat: Heard
) -> None:
    gate(world, "{id: production, approvals: {network: 3}, approvals_valid_h: 2}")
    made, refusal = shown(worker, world, chat)
    assert refusal == ""
    assert made is not None
    assert made.tier is Tier.NETWORK
    assert made.terms == Terms(approvals=3, valid_h=2, gates=("production",), revert=Revert.GATE)


def test_where_a_gate_only_detects_no_plan_is_made(
    worker: Worker, world: World, chat: Heard
) -> None:
    gate(world, "{id: legacy, mode: detect}")
    assert shown(worker, world, chat) == (
        None, "Gate legacy only detects here, so no fix is offered.",
    )  # fmt: skip


def test_a_malformed_gate_offers_nothing_and_says_why(
    worker: Worker, world: World, chat: Heard
) -> None:
    gate(world, "{id: production, mode: later}")
    made, refusal = shown(worker, world, chat)
    assert made is None
    assert "mode must be one of detect, suggest, approve, auto" in refusal


# ── waiting ───────────────────────────────────────────────────────────────────


FREEZE = '{id: usual, approvals: {network: 1}, freezes: [{name: weekend, zone: UTC, from: "Sat 00:00", to: "Mon 06:00"}]}'


def test_an_approved_fix_waits_for_the_end_of_a_freeze_and_says_so_once(
    worker: Worker, world: World, chat: Heard, clock: Clock
) -> None:
    gate(world, FREEZE)
    approve(world)
    worker.drain()
    worker.resume()
    worker.drain()
    clock.now = NOW + timedelta(hours=1)
    worker.drain()
    assert commits(world) == 0
    assert states(world) == {"d": "approved"}
    ends = "the end of freeze weekend, Mon 23 Nov 2026 07:00 (Europe/Zurich)"
    assert waiting(chat) == [f"Nothing is changed yet: waiting for {ends}"]
    assert world.store.card(UID).fix is not None
    clock.now = NOW + timedelta(hours=21)
    worker.drain()
    assert commits(world) == 1
    assert states(world) == {"d": "pull_request"}


def other_open(world: World, number: int) -> None:
    """Have another finding's pull request stand open in the same repository."""
    bucket = card(f"other-{number}")
    digest = f"{number}" * 64
    world.store.save_card(bucket)
    change = replace(plan("").changes[0], path=f"{number}.yaml")
    world.store.save_plan(replace(plan(bucket.finding.uid, digest=digest), changes=(change,)))
    opened = PullRequest("infra", number, f"http://forge/{number}", "b", pull("open").state, "c")
    state = FixState.PULL_REQUEST
    world.store.save_fix(Fix(digest, bucket.finding.uid, state, NOW, "c", opened))


def test_an_approved_fix_waits_for_room_in_its_repository(
    worker: Worker, world: World, chat: Heard, clock: Clock
) -> None:
    gate(world, "{id: usual, approvals: {network: 1}, open_pull_requests_max: 2}")
    other_open(world, 1)
    other_open(world, 2)
    approve(world)
    worker.drain()
    for minutes in (11, 22):
        clock.now = NOW + timedelta(minutes=minutes)
        worker.drain()
    assert commits(world) == 0
    assert len(waiting(chat)) == 1
    assert "infra may have 2 open pull requests" in waiting(chat)[0]
    closed = world.store.fix("1" * 64)
    assert closed is not None
    world.store.save_fix(replace(closed, state=FixState.CLOSED))
    clock.now = NOW + timedelta(minutes=33)
    worker.drain()
    assert commits(world) == 1


def test_pull_requests_of_another_repository_take_no_room(worker: Worker, world: World) -> None:
    gate(world, "{id: usual, approvals: {network: 1}, open_pull_requests_max: 1}")
    other_open(world, 1)
    elsewhere = replace(world.store.plan("1" * 64), repository="web")
    world.store.save_plan(elsewhere)
    approve(world)
    worker.drain()
    assert commits(world) == 1


# ── asking again ──────────────────────────────────────────────────────────────


def test_a_gate_that_got_stricter_asks_again_and_keeps_the_approval(
    worker: Worker, world: World, chat: Heard
) -> None:
    approve(world)
    gate(world, "{id: production, approvals: {network: 2}}")
    worker.drain()
    assert commits(world) == 0
    assert states(world) == {"d": "none"}
    assert "2 approvals are needed now, and 1 of those given count" in waiting(chat)[0]
    decide(
        world.store, kind=DecisionKind.APPROVE_FIX, finding_uid=UID, person=OMAR,
        now=NOW + timedelta(minutes=1), permit=lambda *_: "", plan_digest=DIGEST,
    )  # fmt: skip
    worker.drain()
    assert commits(world) == 1


def test_a_gate_that_now_only_suggests_stops_what_was_approved(
    worker: Worker, world: World, chat: Heard
) -> None:
    approve(world)
    gate(world, "{id: legacy, mode: suggest}")
    worker.drain()
    assert commits(world) == 0
    assert "Gate legacy lets nothing be changed here any more" in waiting(chat)[0]


def test_a_commit_carries_everybody_whose_approval_counted(worker: Worker, world: World) -> None:
    gate(world, "{id: production, approvals: {network: 2}}")
    world.store.save_plan(replace(plan(UID), terms=Terms(approvals=2)))
    for person in (DANA, OMAR):
        decide(
            world.store, kind=DecisionKind.APPROVE_FIX, finding_uid=UID, person=person,
            now=NOW, permit=lambda *_: "", plan_digest=DIGEST,
        )  # fmt: skip
    worker.drain()
    made = world.__dict__["planner"]
    assert [each.user for each in made.approvers] == ["UDANA", "UOMAR"]


def test_undoing_that_anyone_may_start_is_not_held_back_by_a_freeze(
    worker: Worker, world: World
) -> None:
    gate(world, FREEZE.replace("{id: usual", "{id: usual, revert: anyone"))
    world.store.save_plan(plan(UID))
    found = world.store.card(UID)
    world.store.save_card(replace(found, finding=replace(found.finding, status=Status.FIXED)))
    world.store.save_fix(Fix(DIGEST, UID, FixState.VERIFIED, NOW, "c" * 40, pull("merged")))
    decide(
        world.store, kind=DecisionKind.REVERT_FIX, finding_uid=UID, person=DANA, now=NOW,
        permit=lambda *_: "", plan_digest=DIGEST,
    )  # fmt: skip
    worker.drain()
    assert commits(world) == 1
