"""Automatic fixes: announced, held for a while, made if nobody objects, and never over the cap."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import ScanSettings, Settings, SlackSettings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World
from core.decide import decide
from core.gate import Tier
from core.types import (
    UNDO_IS_EXACT,
    Alternative,
    Card,
    DecisionKind,
    Finding,
    Fix,
    FixPlan,
    FixState,
    Link,
    Person,
    Proof,
)
from remediation import FakeForge
from tests.remediation_world import LINK, LIVE, PATH, TEMPLATE, finding_of, planner_for
from tests.store_world import card, plan, resource, snapshot
from tests.worker_world import DANA, NOW, Clock, Heard, Planned, Pulls, planner, queued

GATE = (
    "{id: buckets, checks: [PL-S3-001], scope: {accounts: ['111122223333']}, mode: auto,"
    " auto: {tiers: [data], wait_h: 24, count: 2, percent: 50}}"
)
UID = card("a").finding.uid
WAYS = (Alternative("default", "The usual", "free"), Alternative("key", "A key", "1 USD"))


class Exact(Planned):
    """Plans with a tested inverse, each with a change and a digest of its own."""

    changes: dict[str, object]

    def __init__(self) -> None:
        super().__init__()
        self.changes = {}
        self.approvers: list[tuple[Person, ...]] = []

    def plan(self, finding: Finding, link: Link, *, order: Sequence[str] = ()) -> FixPlan:
        usual = plan(finding.uid, digest=finding.uid * 2)
        change = replace(usual.changes[0], path=f"{finding.resource_name}.yaml")
        proofs = (Proof(UNDO_IS_EXACT, held=True),)
        made = replace(usual, changes=(change,), proofs=proofs, tier=Tier.DATA)
        return replace(made, **self.changes)  # type: ignore[arg-type] # fields of a plan

    def execute(self, applied: FixPlan, *, approvers: tuple[Person, ...], audit_head: str) -> Fix:
        self.approvers.append(approvers)
        return super().execute(applied, approvers=approvers, audit_head=audit_head)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    scan = ScanSettings(follow_s=1.0, gates=(tmp_path / "gates.yaml",))
    made = World(tmp_path, Settings(scan=scan, slack=SlackSettings(zone="Europe/Zurich")))
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made.__dict__["planner"] = Exact()
    made.__dict__["forges"] = {"infra": Pulls()}
    gate(made, GATE)
    seen(made, "a", others=1)
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


def seen(world: World, *names: str, others: int) -> None:
    """Have a scan find these buckets wrong, and others right."""
    right = [resource(f"right-{n}") for n in range(others)]
    wrong = [resource(name) for name in names]
    world.store.record_scan(snapshot(*wrong, *right), [card(name) for name in names])
    world.store.replace_links(
        [Link(each.uid, "infra", f"{each.name}.yaml", "B", "stack tag") for each in wrong]
    )


def look(worker: Worker, world: World) -> None:
    world.store.enqueue("automatic", "automatic", {})
    worker.drain()


def later(worker: Worker, clock: Clock, *, hours: float = 24) -> None:
    clock.now = NOW + timedelta(hours=hours)
    worker.drain()


def state(world: World, name: str = "a") -> FixState | None:
    fix = world.store.card(card(name).finding.uid).fix
    return fix.state if fix else None


def test_what_will_be_done_is_said_with_its_time_and_how_to_stop_it(
    worker: Worker, world: World, chat: Heard
) -> None:
    look(worker, world)
    (said,) = [text for uid, text in chat.said if uid == UID]
    assert said == (
        "Gate buckets lets this be fixed automatically: encrypt. On Mon 23 Nov 2026 10:00 "
        "(Europe/Zurich) the pull request is opened in infra. To stop it, open Review fix and reject it."
    )
    assert state(world) is FixState.PLANNED
    assert planner(world).commits == 0


def test_it_is_made_after_the_wait_and_names_the_gate_that_let_it(
    worker: Worker, world: World, clock: Clock
) -> None:
    look(worker, world)
    later(worker, clock, hours=23.9)
    assert planner(world).commits == 0
    later(worker, clock)
    assert planner(world).commits == 1
    assert state(world) is FixState.PULL_REQUEST
    ((who,),) = world.__dict__["planner"].approvers
    assert (who.user, who.name) == ("plumbline", "Gate buckets")
    assert world.store.labels() == ()


def test_a_restart_during_the_wait_makes_nothing_early_and_loses_nothing(
    worker: Worker, world: World, clock: Clock
) -> None:
    look(worker, world)
    world.store._db.execute("DELETE FROM jobs")
    worker.resume()
    worker.drain()
    assert planner(world).commits == 0
    later(worker, clock)
    assert planner(world).commits == 1


def _decide(world: World, kind: DecisionKind, **facts: object) -> None:
    decide(
        world.store, kind=kind, finding_uid=UID, person=DANA, now=NOW + timedelta(hours=1),
        permit=lambda *_: "", reason="we are moving it", **facts,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_rejection_stops_it_for_good(worker: Worker, world: World, clock: Clock) -> None:
    look(worker, world)
    _decide(world, DecisionKind.REJECT_FIX, plan_digest=UID * 2)
    assert state(world) is FixState.NONE
    later(worker, clock)
    look(worker, world)
    later(worker, clock, hours=72)
    assert planner(world).commits == 0


def test_a_finding_that_somebody_snoozed_is_left_alone(
    worker: Worker, world: World, chat: Heard, clock: Clock
) -> None:
    look(worker, world)
    _decide(world, DecisionKind.SNOOZE, until=NOW + timedelta(days=30))
    later(worker, clock)
    assert planner(world).commits == 0
    assert "Not fixed automatically: the finding is snoozed now." in chat.said[-1][1]


def test_somebody_may_approve_it_before_its_time(
    worker: Worker, world: World, clock: Clock
) -> None:
    look(worker, world)
    _decide(world, DecisionKind.APPROVE_FIX, plan_digest=UID * 2)
    worker.drain()
    later(worker, clock)
    assert planner(world).commits == 1
    assert [d.kind for d in world.store.decisions(UID)] == [DecisionKind.APPROVE_FIX]


def test_a_gate_that_is_taken_back_during_the_wait_stops_it(
    worker: Worker, world: World, chat: Heard, clock: Clock
) -> None:
    look(worker, world)
    gate(world, GATE.replace("mode: auto", "mode: approve"))
    later(worker, clock)
    assert planner(world).commits == 0
    assert "the gates no longer let it be" in chat.said[-1][1]


def test_a_rejection_also_stops_what_waits_for_the_end_of_a_freeze(
    worker: Worker, world: World, clock: Clock
) -> None:
    freeze = "freezes: [{name: week, zone: UTC, from: Mon 00:00, to: Fri 00:00}]"
    gate(world, GATE.removesuffix("}") + f", {freeze}}}")
    look(worker, world)
    later(worker, clock)
    assert state(world) is FixState.APPROVED
    _decide(world, DecisionKind.REJECT_FIX, plan_digest=UID * 2)
    assert state(world) is FixState.NONE
    later(worker, clock, hours=24 * 6)
    assert planner(world).commits == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"proofs": (Proof("finding gone", held=True),)},
        {"proofs": (Proof(UNDO_IS_EXACT, held=False),)},
        {"asks_who_calls": True},
        {"alternative": "key", "alternatives": WAYS},
        {"tier": Tier.IDENTITY},
    ],
)
def test_a_change_that_needs_a_person_is_never_automatic(
    worker: Worker, world: World, clock: Clock, changes: dict[str, object]
) -> None:
    world.__dict__["planner"].changes = changes
    look(worker, world)
    later(worker, clock)
    assert state(world) is None
    assert planner(world).commits == 0


@pytest.mark.parametrize("shape", [("abc", 9), ("ab", 1), ("a", 0)])
def test_over_the_cap_nothing_begins_and_it_is_said_once(
    worker: Worker, world: World, chat: Heard, clock: Clock, shape: tuple[str, int]
) -> None:
    names, others = shape
    world.store._db.execute("DELETE FROM resource_versions")
    seen(world, *names, others=others)
    look(worker, world)
    look(worker, world)
    later(worker, clock)
    (said,) = [text for uid, text in chat.said if uid == ""]
    assert f"{len(names)} of {len(names) + others} resources of type AWS::S3::Bucket" in said
    assert "the cap is 2 and 50%" in said
    assert planner(world).commits == 0


def test_what_is_announced_already_counts_towards_the_cap(
    worker: Worker, world: World, chat: Heard
) -> None:
    look(worker, world)
    seen(world, "a", "b", "c", others=9)
    look(worker, world)
    assert "3 of 12 resources" in next(text for uid, text in chat.said if uid == "")
    assert (state(world), state(world, "b")) == (FixState.PLANNED, None)


def test_without_such_a_gate_no_scan_looks_for_anything_to_fix(
    worker: Worker, world: World
) -> None:
    gate(world, "{id: usual}")
    worker._automatic.after_scan()
    look(worker, world)
    assert state(world) is None
    gate(world, GATE)
    worker._automatic.after_scan()
    assert queued(world) == ["automatic"]


def test_a_real_change_goes_from_its_announcement_to_a_commit_that_names_the_gate(
    worker: Worker, world: World, clock: Clock
) -> None:
    forge = FakeForge("shop", {PATH: TEMPLATE})
    world.__dict__.update(planner=planner_for(forge), forges={"shop": forge})
    right = replace(LIVE, uid="arn:aws:s3:::other", name="other")
    found = finding_of(LIVE, account=LIVE.account, region=LIVE.region)
    world.store.record_scan(snapshot(LIVE, right), [Card(found, None)])
    world.store.replace_links([LINK])

    look(worker, world)
    later(worker, clock)

    (commit,) = [each for each in forge.commits.values() if "Plan-Digest" in each.trailers]
    assert commit.trailers["Approved-by"] == "Gate buckets <//plumbline>"
    assert [d.kind for d in world.store.decisions(found.uid)] == [DecisionKind.AUTO_FIX]
    assert "auto_fix" in {each.payload.get("decision") for each in world.store.audit_records()}
