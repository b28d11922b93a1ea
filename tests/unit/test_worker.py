"""The worker: jobs that can be done twice, failures that are said, and one crash that stops nothing."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app import lease
from app.demo import simulated
from app.learn import rescore
from app.processes import _schedule, only_worker
from app.queue import Turnstile
from app.settings import ModelSettings, ScanSettings, Settings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World
from core.errors import BranchMoved, Declined, ForgeError, SettingsError
from core.types import Fix, FixState, Link, PullRequestState, Status
from tests.store_world import card, plan, resource, snapshot
from tests.worker_world import (
    NOW,
    UID,
    Clock,
    Heard,
    Planned,
    Pulls,
    approve,
    claim,
    fixed,
    planner,
    pull,
    queued,
    reject,
    revert,
    states,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    made = World(tmp_path, Settings(scan=ScanSettings(follow_s=1.0)))
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made.__dict__["planner"] = Planned()
    made.__dict__["forges"] = {"infra": Pulls()}
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


def test_a_plan_is_stored_and_shown(world: World, worker: Worker, chat: Heard) -> None:
    world.store.enqueue("plan", UID, {"finding_uid": UID, "view_id": "V1"})

    worker.drain()

    stored = world.store.current_plan(UID)
    assert stored is not None
    assert chat.plans == [(stored, "")]


def test_a_declined_plan_is_shown_with_its_reason(
    world: World, worker: Worker, chat: Heard
) -> None:
    planner(world).fails = Declined("The value comes from a parameter.")
    world.store.enqueue("plan", UID, {"finding_uid": UID, "view_id": "V1"})

    worker.drain()

    assert chat.plans == [(None, "The value comes from a parameter.")]
    assert world.store.current_plan(UID) is None


def test_an_approved_fix_is_committed_once_however_often_its_job_runs(
    world: World, worker: Worker, chat: Heard
) -> None:
    approve(world)
    worker.drain()
    world.store.enqueue("execute", "d" * 64, {"plan_digest": "d" * 64})

    worker.drain()

    assert planner(world).commits == 1
    assert states(world) == {"d": "pull_request"}
    assert any("http://forge/7" in text for _, text in chat.said)


def test_a_fix_whose_branch_moved_is_not_committed_and_asks_again(
    world: World, worker: Worker, chat: Heard
) -> None:
    planner(world).fails = BranchMoved("main changed")
    approve(world)

    worker.drain()

    assert states(world) == {"d": "failed"}
    assert any("planned again on what stands there now" in text for _, text in chat.said)


def test_a_forge_that_is_away_is_tried_again_later_then_reported(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    planner(world).fails = ForgeError("The forge did not answer.")
    approve(world)

    for _ in range(10):
        worker.drain()
        clock.now += timedelta(minutes=10)

    assert ("The forge did not answer.") in [text for _, text in chat.said]
    assert planner(world).commits == 0
    failed = [job["kind"] for job in world.store.failed_jobs()]
    assert failed.count("execute") == 1


def test_a_crash_is_told_with_a_token_and_stops_no_other_job(
    world: World, worker: Worker, chat: Heard
) -> None:
    planner(world).fails = RuntimeError("secret detail")
    world.store.enqueue("plan", UID, {"finding_uid": UID, "view_id": "V1"})
    world.store.enqueue("refresh", UID, {"finding_uid": UID})

    worker.drain()

    refusal = chat.plans[0][1]
    assert "log has it under" in refusal
    assert "secret detail" not in refusal
    assert chat.cards


def test_a_closed_pull_request_closes_the_fix(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    approve(world)
    worker.drain()
    world.__dict__["forges"]["infra"].state = PullRequestState.CLOSED
    clock.now += timedelta(seconds=2)

    worker.drain()

    assert states(world) == {"d": "closed"}
    assert any("closed without a merge" in text for _, text in chat.said)


def test_a_merged_pull_request_awaits_deployment(
    world: World, worker: Worker, clock: Clock
) -> None:
    approve(world)
    worker.drain()
    world.__dict__["forges"]["infra"].state = PullRequestState.MERGED
    clock.now += timedelta(seconds=2)

    job = world.store.claim_job(lease_s=60)
    assert job is not None
    assert job.kind == "follow"
    worker.do(job)

    assert states(world) == {"d": "merged"}
    later = clock.now + timedelta(seconds=5)
    assert world.store.next_due() is not None
    assert (world.store.next_due() or later) <= later


def test_reverting_proposes_the_inverse(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    fixed(world)
    revert(world)

    worker.drain()

    assert states(world) == {"d": "reverting", "e": "pull_request"}
    assert any("being undone" in text for _, text in chat.said)


def test_what_nobody_approved_is_not_made_and_what_nobody_asked_for_is_not_undone(
    world: World, worker: Worker, chat: Heard
) -> None:
    world.store.save_plan(plan(UID))
    for kind in ("execute", "revert"):
        world.store.enqueue(kind, "d" * 64, {"plan_digest": "d" * 64})

    worker.drain()

    assert planner(world).commits == 0
    assert any("has not been approved" in text for _, text in chat.said)
    assert any("Nobody has asked" in text for _, text in chat.said)


def test_what_recurs_is_queued_once_and_nothing_is_retrained_without_labels(world: World) -> None:
    _schedule(world)
    _schedule(world)

    assert queued(world) == ["prune", "scan"]


def test_pruning_goes_on_until_nothing_old_is_left(
    world: World, worker: Worker, clock: Clock
) -> None:
    for number in range(1200):
        world.store._db.execute("INSERT INTO deliveries VALUES (?, ?)", [str(number), "2026-01-01"])
    world.store.enqueue("prune", "scheduled", {})

    worker.drain()

    assert world.store._db["deliveries"].count == 0


def test_a_training_that_must_be_stopped_is_said_and_leaves_the_model_in_force(
    world: World, worker: Worker, chat: Heard
) -> None:
    world.store.add_labels(simulated.labels(now=NOW))
    impatient = ModelSettings(simulation=True, train_timeout_s=0.1)
    world.settings = world.settings.model_copy(update={"model": impatient})
    world.store.enqueue("retrain", "retrain", {"finding_uid": UID})

    worker.drain()

    [(told, sentence)] = chat.said
    assert told == UID
    assert sentence.endswith("took more than 0.1 s; the model in force stays.")
    assert world.store.active_model() is None
    assert world.store.models() == ()


# ── crashes between two steps, failures that last ─────────────────────────────


def test_a_fix_recorded_before_a_crash_is_followed_when_its_job_runs_again(
    world: World, worker: Worker
) -> None:
    approve(world)
    job = claim(world, "execute")
    worker.do(job)
    world.store._db.execute("DELETE FROM jobs WHERE kind = 'follow'")

    worker.do(job)

    assert "follow" in queued(world)
    assert planner(world).commits == 1


def test_a_merge_recorded_before_a_crash_is_verified_when_its_job_runs_again(
    world: World, worker: Worker
) -> None:
    approve(world)
    world.store.save_fix(Fix("d" * 64, UID, FixState.MERGED, NOW, "c" * 40, pull("merged")))
    world.store.enqueue("follow", "d" * 64, {"plan_digest": "d" * 64})

    worker.do(claim(world, "follow"))

    assert "verify" in queued(world)


@pytest.mark.parametrize(
    ("state", "kind"), [("approved", "execute"), ("pull_request", "follow"), ("merged", "verify")]
)
def test_a_worker_that_starts_goes_on_with_every_fix_under_way(
    world: World, worker: Worker, state: str, kind: str
) -> None:
    world.store.save_fix(Fix("d" * 64, UID, FixState(state), NOW, "c" * 40, pull("open")))

    assert worker.resume() == 1
    assert worker.resume() == 1

    assert queued(world) == [kind]


def test_a_forge_that_is_away_for_hours_is_asked_on_and_that_is_said_once(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    approve(world)
    worker.drain()
    world.__dict__["forges"]["infra"].fails = ForgeError("The forge did not answer.")
    for _ in range(30):
        clock.now += timedelta(minutes=10)
        worker.drain()

    assert [text for _, text in chat.said].count("The forge did not answer.") == 1
    assert queued(world) == ["follow"]


def test_an_approval_that_could_not_be_carried_out_can_be_given_again(
    world: World, worker: Worker, clock: Clock
) -> None:
    planner(world).fails = ForgeError("The forge did not answer.")
    approve(world)
    for _ in range(10):
        worker.drain()
        clock.now += timedelta(minutes=10)
    planner(world).fails = None

    approve(world)
    worker.drain()

    assert states(world) == {"d": "pull_request"}
    assert planner(world).commits == 1


def test_a_job_that_stops_the_worker_each_time_is_given_up(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    world.store.enqueue("refresh", UID, {"finding_uid": UID})
    for _ in range(5):
        assert world.store.claim_job(lease_s=60)
        clock.now += timedelta(seconds=61)

    worker.drain()

    assert [job["kind"] for job in world.store.failed_jobs()] == ["refresh"]
    assert any("not tried again" in text for _, text in chat.said)


def test_a_revert_whose_pull_request_is_closed_leaves_the_fix_verified(
    world: World, worker: Worker, clock: Clock
) -> None:
    fixed(world)
    revert(world)
    worker.drain()
    assert states(world) == {"d": "reverting", "e": "pull_request"}
    world.__dict__["forges"]["infra"].state = PullRequestState.CLOSED
    clock.now += timedelta(seconds=2)

    worker.drain()

    assert states(world) == {"d": "verified", "e": "closed"}
    shown = world.store.card(UID).fix
    assert shown
    assert shown.plan_digest == "d" * 64


def test_a_revert_whose_file_changed_leaves_the_fix_verified_and_says_so(
    world: World, worker: Worker, chat: Heard
) -> None:
    fixed(world)
    planner(world).fails = BranchMoved("main changed")
    revert(world)

    worker.drain()

    assert states(world)["d"] == "verified"
    assert any("Try again" in text for _, text in chat.said)


def test_a_failure_that_cannot_be_told_stops_no_other_job(
    world: World, worker: Worker, chat: Heard
) -> None:
    world.store.enqueue("plan", "none", {"finding_uid": "none", "view_id": "V1"})
    world.store.enqueue("refresh", UID, {"finding_uid": UID})

    assert worker.drain() == 2

    assert chat.cards


def test_a_finding_scored_anew_keeps_what_somebody_decided_meanwhile(
    world: World, worker: Worker
) -> None:
    card = world.store.card(UID)

    class Slow:
        def assess(self, findings: Any, snapshot: Any, *, estate: Any, now: Any) -> Any:
            reject(world)
            assert card.assessment
            return (replace(card.assessment, risk=1.0),)

    world.__dict__["models"] = Slow()

    rescore(world, now=NOW)

    stored = world.store.card(UID)
    assert stored.finding.status is Status.SUPPRESSED
    assert stored.assessment
    assert stored.assessment.risk == 1.0


def test_a_lease_is_kept_while_a_job_takes_longer_than_it(world: World) -> None:
    store = SqliteStore(world.home / "real.db")
    store.enqueue("scan", "a", {})
    job = store.claim_job(lease_s=0.3)
    assert job

    with lease.kept(store, job, lease_s=0.3):
        time.sleep(0.6)
        assert store.claim_job(lease_s=0.3) is None

    store.close()


def test_a_call_that_was_turned_away_is_made_up_for() -> None:
    inside, leave, done = threading.Event(), threading.Event(), []

    def work() -> None:
        done.append(1)
        inside.set()
        leave.wait(5)

    turnstile = Turnstile(work, places=1)
    first = threading.Thread(target=turnstile)
    first.start()
    inside.wait(5)

    turnstile()
    leave.set()
    first.join()

    assert len(done) == 2


def test_a_second_worker_is_refused(tmp_path: Path) -> None:
    with (
        only_worker(tmp_path),
        pytest.raises(SettingsError, match="Another worker"),
        only_worker(tmp_path),
    ):
        pass
    with only_worker(tmp_path):
        pass
