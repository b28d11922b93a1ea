"""Canaries: one goes first, is judged, and the others follow, stop or wait; then all are watched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import WatchSettings
from app.worker import Worker
from app.world import World
from core.errors import AlreadyDecided, CloudError
from core.health import Window
from core.trial import Member, Rollout, RolloutState, TrialState, admitted, rank_of
from core.types import Card, DecisionKind, FixState, LabelOrigin, Status, Verdict
from tests.canary_world import (
    BAD,
    GOOD,
    NAMES,
    QUIET,
    Changing,
    Counted,
    Estate,
    act,
    approve,
    finding,
    found,
    live_plan,
    open_world,
    scanner,
)
from tests.store_world import card
from tests.worker_world import NOW, Clock, Heard


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics() -> Counted:
    return Counted()


@pytest.fixture
def estate() -> Estate:
    return Estate()


@pytest.fixture
def world(
    tmp_path: Path, clock: Clock, metrics: Counted, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    made = open_world(tmp_path, estate, clock)
    monkeypatch.setattr("app.worker.retrain", lambda *_, **__: "")
    monkeypatch.setattr(World, "metrics", metrics)
    monkeypatch.setattr(World, "scanner", lambda world: scanner(world, estate, clock))
    found(made)
    yield made
    made.store.close()


@pytest.fixture
def chat() -> Heard:
    return Heard()


@pytest.fixture
def worker(world: World, chat: Heard, clock: Clock) -> Worker:
    return Worker(world, chat, picture=lambda _: None, clock=clock)


def later(worker: Worker, clock: Clock, **time: float) -> None:
    clock.now += timedelta(**time)
    worker.drain()
    clock.now += timedelta(seconds=2)  # what was changed is verified a moment later
    worker.drain()


def made(world: World) -> list[str]:
    planner = world.live_planner
    assert isinstance(planner, Changing)
    return planner.made


def state(world: World, name: str) -> FixState | None:
    fix = world.store.fix(live_plan(name).digest)
    return fix.state if fix else None


def trial(world: World, name: str) -> TrialState:
    begun = world.store.trial(live_plan(name).digest)
    assert begun
    return begun.state


def test_one_goes_first_and_the_others_say_that_they_wait(
    world: World, worker: Worker, clock: Clock, chat: Heard
) -> None:
    approve(world, *NAMES)
    later(worker, clock)

    assert len(made(world)) == 1
    waiting = [uid for uid, text in chat.said if "waiting its turn" in text]
    assert len(waiting) == len(set(waiting)) == 3


def test_a_wave_follows_when_the_one_before_stood_its_trial_least_risky_first(
    world: World, worker: Worker, clock: Clock, chat: Heard
) -> None:
    approve(world, "dev", "prod", "other", "staging")
    later(worker, clock)
    assert made(world) == ["dev"]

    later(worker, clock, minutes=59)
    assert made(world) == ["dev"]
    later(worker, clock, minutes=2)
    assert set(made(world)) == {"dev", "staging", "other"}
    later(worker, clock, minutes=61)
    assert set(made(world)) == set(NAMES)
    assert any("Canary passed" in text for _, text in chat.said)


def test_a_canary_that_does_harm_is_rolled_back_and_the_others_are_not_changed(
    world: World, worker: Worker, clock: Clock, chat: Heard, metrics: Counted
) -> None:
    approve(world, "dev", "prod")
    later(worker, clock)
    metrics.after = BAD
    later(worker, clock, minutes=61)
    later(worker, clock, minutes=5)

    assert made(world) == ["dev", "undo dev"]
    assert (state(world, "dev"), state(world, "prod")) == (FixState.REVERTED, FixState.NONE)
    assert trial(world, "dev") is TrialState.FAILED
    told = [text for _, text in chat.said if "Canary failed" in text]
    assert len(told) == 1
    assert "errors 1.00% before" in told[0]
    assert "30.00% after" in told[0]
    label = world.store.labels()[-1]
    assert (label.verdict, label.origin) == (Verdict.FIX_HARMED, LabelOrigin.OUTCOME)
    assert label not in world.models.labels()


def test_what_was_stopped_can_be_approved_again_and_is_a_canary_of_its_own(
    world: World, worker: Worker, clock: Clock, metrics: Counted
) -> None:
    approve(world, "dev", "prod")
    later(worker, clock)
    metrics.after = BAD
    later(worker, clock, minutes=61)
    approve(world, "prod")
    later(worker, clock)

    assert made(world)[-1] == "prod"


@pytest.mark.parametrize("after", [QUIET, CloudError("cloudwatch:GetMetricData was denied")])
def test_a_canary_that_cannot_be_judged_asks_once_and_the_others_wait(  # noqa: PLR0917
    world: World, worker: Worker, clock: Clock, chat: Heard, metrics: Counted,
    after: Window | CloudError,
) -> None:  # fmt: skip
    approve(world, "dev", "prod")
    later(worker, clock)
    metrics.after = after
    later(worker, clock, minutes=61)
    later(worker, clock, minutes=61)
    worker.resume()
    worker.drain()

    assert made(world) == ["dev"]
    assert [uid for uid, _ in chat.asked] == [finding("dev").uid]
    assert "1 more of the kind wait" in chat.asked[0][1]

    act(world, DecisionKind.GO_ON, "dev")
    later(worker, clock)
    assert made(world) == ["dev", "prod"]
    with pytest.raises(AlreadyDecided):
        act(world, DecisionKind.GO_ON, "dev")


def test_waiting_longer_observes_on_and_asks_again_or_passes(
    world: World, worker: Worker, clock: Clock, chat: Heard, metrics: Counted
) -> None:
    approve(world, "dev", "prod")
    later(worker, clock)
    metrics.after = QUIET
    later(worker, clock, minutes=61)
    act(world, DecisionKind.WAIT_LONGER, "dev")
    later(worker, clock, minutes=30)
    assert made(world) == ["dev"]
    metrics.after = GOOD
    later(worker, clock, minutes=31)

    assert made(world) == ["dev", "prod"]
    assert len(chat.asked) == 1
    since, until, _ = metrics.asked[1]
    assert until - since > timedelta(hours=2)


def test_rolling_back_what_was_asked_about_stops_the_others(
    world: World, worker: Worker, clock: Clock, metrics: Counted
) -> None:
    approve(world, "dev", "prod")
    later(worker, clock)
    metrics.after = QUIET
    later(worker, clock, minutes=61)
    act(world, DecisionKind.REVERT_FIX, "dev")
    later(worker, clock)

    assert made(world) == ["dev", "undo dev"]
    assert state(world, "prod") is FixState.NONE
    assert trial(world, "dev") is TrialState.OVER


def test_a_new_finding_on_the_resource_fails_the_canary(
    world: World, worker: Worker, clock: Clock, chat: Heard, estate: Estate
) -> None:
    approve(world, "dev", "prod")
    later(worker, clock)
    estate.new.add("dev")
    later(worker, clock, minutes=61)

    assert made(world) == ["dev", "undo dev"]
    assert any("new on the resource: Timeouts are short" in text for _, text in chat.said)


def test_a_fix_that_came_to_nothing_lets_the_next_one_be_the_canary(
    world: World, worker: Worker, clock: Clock
) -> None:
    approve(world, "dev", "prod")
    later(worker, clock)
    fix = world.store.fix(live_plan("dev").digest)
    assert fix
    world.store.save_fix(replace(fix, state=FixState.FAILED))
    later(worker, clock, minutes=11)

    assert made(world) == ["dev", "prod"]


def test_a_single_fix_is_judged_quietly_and_then_watched_until_its_time_is_over(
    world: World, worker: Worker, clock: Clock, chat: Heard, metrics: Counted
) -> None:
    approve(world, "dev")
    later(worker, clock)
    metrics.after = QUIET
    later(worker, clock, minutes=61)
    assert trial(world, "dev") is TrialState.WATCHING
    for _ in range(5):
        later(worker, clock, hours=6.1)

    assert trial(world, "dev") is TrialState.OVER
    assert not chat.asked
    assert [text for _, text in chat.said if "anary" in text or "back" in text.lower()[:10]] == []


def test_a_drift_that_returns_reopens_the_finding_and_is_said_once(
    world: World, worker: Worker, clock: Clock, chat: Heard, estate: Estate
) -> None:
    approve(world, "dev")
    later(worker, clock)
    later(worker, clock, minutes=61)
    estate.wrong.add("dev")
    for _ in range(3):
        later(worker, clock, hours=6.1)

    assert trial(world, "dev") is TrialState.RETURNED
    assert state(world, "dev") is FixState.RETURNED
    assert world.store.card(finding("dev").uid).finding.status is Status.OPEN
    assert len([text for _, text in chat.said if text.startswith("It is back:")]) == 1


def test_a_drift_that_a_scan_sees_first_ends_the_watch_too(
    world: World, worker: Worker, clock: Clock, chat: Heard
) -> None:
    approve(world, "dev")
    later(worker, clock)
    later(worker, clock, minutes=61)
    worker._fixing.trials.reopened((finding("dev").uid,))
    worker._fixing.trials.reopened((finding("dev").uid,))

    assert len([text for _, text in chat.said if text.startswith("It is back:")]) == 1


def test_errors_that_rise_while_a_fix_is_watched_take_it_back_and_reopen_the_finding(
    world: World, worker: Worker, clock: Clock, chat: Heard, metrics: Counted
) -> None:
    approve(world, "dev")
    later(worker, clock)
    later(worker, clock, minutes=61)
    metrics.after = BAD
    for _ in range(3):
        later(worker, clock, hours=6.1)

    assert made(world) == ["dev", "undo dev"]
    told = [text for _, text in chat.said if text.startswith("Worse off since the fix")]
    assert len(told) == 1
    assert "errors 1.00% before" in told[0]
    assert "30.00% after" in told[0]
    assert "rolled back to its before-image" in told[0]
    assert any("the finding is open again" in text for _, text in chat.said)
    assert (state(world, "dev"), trial(world, "dev")) == (FixState.REVERTED, TrialState.WORSE)
    assert world.store.card(finding("dev").uid).finding.status is Status.OPEN
    harmed = [each for each in world.store.labels() if each.verdict is Verdict.FIX_HARMED]
    assert [each.origin for each in harmed] == [LabelOrigin.OUTCOME]


@pytest.mark.parametrize("roll_back", [True, False])
def test_harm_seen_while_watching_stops_those_that_still_wait(  # noqa: PLR0917  # fixtures
    world: World, worker: Worker, clock: Clock, chat: Heard, metrics: Counted, roll_back: bool
) -> None:
    approve(world, *NAMES)
    later(worker, clock)
    watch = world.settings.watch.model_copy(update={"roll_back": roll_back})
    later(worker, clock, minutes=61)
    world.settings = world.settings.model_copy(update={"watch": watch})
    assert set(made(world)) == {"dev", "staging", "other"}
    for name in ("staging", "other"):  # the second wave is observed for longer than the look takes
        begun = world.store.trial(live_plan(name).digest)
        assert begun
        world.store.save_trial(replace(begun, until=begun.until + timedelta(days=1)))
    metrics.after = BAD
    later(worker, clock, hours=6.1)

    assert "prod" not in made(world)
    assert state(world, "prod") is FixState.NONE
    assert ("undo dev" in made(world)) is roll_back
    told = [t for uid, t in chat.said if uid == finding("prod").uid and "Nothing is changed:" in t]
    assert len(told) == 1
    assert "dev is worse off since its fix" in told[0]


def test_where_people_decide_a_fix_that_does_harm_is_only_spoken_of(
    world: World, worker: Worker, clock: Clock, chat: Heard, metrics: Counted
) -> None:
    watch = world.settings.watch.model_copy(update={"roll_back": False})
    world.settings = world.settings.model_copy(update={"watch": watch})
    approve(world, "dev")
    later(worker, clock)
    later(worker, clock, minutes=61)
    metrics.after = BAD
    for _ in range(3):
        later(worker, clock, hours=6.1)

    told = [text for _, text in chat.said if text.startswith("Since the fix")]
    assert len(told) == 1
    assert "errors 1.00% before" in told[0]
    assert state(world, "dev") is FixState.WORSE
    assert made(world) == ["dev"]  # a person decides whether it is taken back
    act(world, DecisionKind.REVERT_FIX, "dev")
    later(worker, clock)
    assert made(world) == ["dev", "undo dev"]


def test_the_days_since_the_fix_are_no_history_to_compare_with(
    world: World, worker: Worker, clock: Clock, metrics: Counted
) -> None:
    watch = WatchSettings(days=3, every_h=12)
    world.settings = world.settings.model_copy(update={"watch": watch})
    approve(world, "dev")
    later(worker, clock)
    later(worker, clock, minutes=61)
    for _ in range(5):
        later(worker, clock, hours=12.1)

    skipped = [skip for *_, skip in metrics.asked]
    assert skipped == [0, 0, 1, 1, 2, 2]
    assert all(until - since <= timedelta(hours=1) for since, until, _ in metrics.asked)


def test_a_canary_that_is_taken_back_before_it_is_judged_is_not_judged(
    world: World, worker: Worker, clock: Clock, metrics: Counted
) -> None:
    approve(world, "dev", "prod")
    later(worker, clock)
    fix = world.store.fix(live_plan("dev").digest)
    assert fix
    world.store.save_fix(replace(fix, state=FixState.REVERTED))  # a crash came before it was told
    later(worker, clock, minutes=61)

    assert metrics.asked == []
    assert trial(world, "dev") is TrialState.OVER
    assert state(world, "prod") is FixState.NONE


def test_the_order_is_the_environment_then_what_is_in_reach() -> None:
    def at(environment: str, reach: float) -> tuple[float, ...]:
        usual = card("a").assessment
        assert usual
        assessed = replace(usual, features={"stores_in_reach": reach})
        return rank_of(Card(finding("dev"), assessed, environment=environment))

    ranks = [at("dev", 9), at("staging-2", 0), at("whatever", 0), at("PROD", 0), at("prod", 1)]
    assert ranks == sorted(ranks)


def test_a_wave_is_never_larger_than_stated_and_waits_for_all_of_the_one_before() -> None:
    members = tuple(Member(str(n), str(n), (float(n),)) for n in range(9))
    rollout = Rollout("u", "c", "live", RolloutState.RUNNING, NOW, members)
    stood: set[str] = set()
    begun = []
    for _ in range(4):
        for n in reversed(range(9)):
            rollout = admitted(rollout, str(n), stood=stood.__contains__, waves=(2, 3))
        for n in range(9):
            rollout = admitted(rollout, str(n), stood=stood.__contains__, waves=(2, 3))
        now = {each.plan_digest for each in rollout.members if each.wave}
        begun.append(len(now))
        stood = now - {min(now - stood)} if len(begun) == 2 else now

    assert begun == [1, 3, 3, 6]
