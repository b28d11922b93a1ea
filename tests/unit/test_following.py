"""An open pull request: what is said of it, once, and what becomes of it when its branch moves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.cli import doctor
from app.cli.doctor import Health
from app.forge import open_forge
from app.settings import ForgeSettings, GitSettings, RepositorySettings, ScanSettings, Settings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World
from bot import words
from core.errors import Declined, SettingsError
from core.ports import Job
from core.types import Checks, ChecksState, Fix, FixState, Link, PullRequest, PullRequestState
from remediation import FakeForge, GitlabForge, create_key
from tests.store_world import card, plan, resource, snapshot
from tests.worker_world import NOW, UID, Clock, Heard, Planned, Pulls, planner, pull, states

DIGEST = "d" * 64
AGAIN = "f" * 64


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    settings = Settings(scan=ScanSettings(follow_s=1.0), forge=ForgeSettings(follow_max_s=60))
    made = World(tmp_path, settings)
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made.__dict__["planner"] = Planned()
    made.__dict__["forges"] = {"infra": Pulls()}
    bucket = resource("logs")
    made.store.record_scan(snapshot(bucket), [card("logs")])
    made.store.replace_links([Link(bucket.uid, "infra", "template.yaml", "Logs", "stack tag")])
    made.store.save_plan(plan(UID))
    opened = Fix(DIGEST, UID, FixState.PULL_REQUEST, NOW, "c" * 40, pull("open"))
    made.store.save_fix(opened)
    made.store.enqueue("follow", DIGEST, {"plan_digest": DIGEST})
    planner(made).planned = AGAIN
    yield made
    made.store.close()


@pytest.fixture
def chat() -> Heard:
    return Heard()


@pytest.fixture
def worker(world: World, chat: Heard, clock: Clock) -> Worker:
    return Worker(world, chat, picture=lambda _: None, clock=clock)


def forge(world: World) -> Pulls:
    made: Pulls = world.__dict__["forges"]["infra"]
    return made


def look(worker: Worker, clock: Clock) -> None:
    worker.drain()
    clock.now += timedelta(seconds=61)


def standing(world: World) -> str:
    return words.standing(world.store.card(UID), ZoneInfo("UTC"), now=NOW)


# ── how it stands ─────────────────────────────────────────────────────────────


def test_failed_checks_are_said_once_and_stand_on_the_message(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    forge(world).checks = Checks(ChecksState.FAILED, ("build", "lint"))

    for _ in range(3):
        look(worker, clock)

    said = [text for _, text in chat.said]
    assert said == ["Checks failed on pull request #7: build, lint. Nothing is merged."]
    assert "open, checks failed (build, lint)*; your branch protection" in standing(world)
    assert states(world) == {"d": "pull_request"}


def test_checks_that_pass_after_all_are_said(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    for state in (ChecksState.FAILED, ChecksState.PENDING, ChecksState.FAILED, ChecksState.PASSED):
        forge(world).checks = Checks(state)
        look(worker, clock)

    said = [text for _, text in chat.said]
    assert said[-1] == "The checks of pull request #7 pass now."
    assert len(said) == 3


def test_an_approval_at_the_forge_is_said_and_shown(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    forge(world).approved_by = ("dana",)
    look(worker, clock)
    look(worker, clock)
    shown = standing(world)
    forge(world).approved_by = ()
    look(worker, clock)

    assert [text for _, text in chat.said] == [
        "dana approved pull request #7.",
        "dana no longer approves pull request #7.",
    ]
    assert "approved there by dana" in shown


def test_a_merge_says_by_whom(world: World, worker: Worker, chat: Heard) -> None:
    forge(world).state = PullRequestState.MERGED

    worker.do(claimed(world))

    assert chat.said == [
        (UID, "Pull request #7 was merged by dana. Once it is deployed, this is verified.")
    ]
    assert states(world) == {"d": "merged"}


def claimed(world: World) -> Job:
    job = world.store.claim_job(lease_s=60)
    assert job
    return job


def test_what_stands_still_is_looked_at_less_often_but_never_forgotten(
    world: World, worker: Worker, clock: Clock
) -> None:
    def looks(seconds: int) -> int:
        before, until = forge(world).looks, clock.now + timedelta(seconds=seconds)
        while clock.now < until:
            worker.drain()
            clock.now += timedelta(seconds=1)
        return forge(world).looks - before

    first = looks(20)
    clock.now += timedelta(hours=2)
    assert first >= 15
    assert 2 <= looks(120) <= 3


# ── when the branch moves ─────────────────────────────────────────────────────


def test_a_base_that_moved_elsewhere_asks_nobody_again(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    forge(world).base = "9" * 40

    look(worker, clock)

    assert chat.said == []
    assert states(world) == {"d": "pull_request"}
    assert forge(world).comments == {}


@pytest.mark.parametrize("how", ["conflict", "edited"])
def test_a_pull_request_that_no_longer_fits_is_planned_and_asked_again(
    world: World, worker: Worker, chat: Heard, clock: Clock, how: str
) -> None:
    forge(world).has_conflict = how == "conflict"
    planner(world).outdated, forge(world).base = how == "edited", "9" * 40

    for _ in range(3):
        look(worker, clock)

    made = world.store.current_plan(UID)
    assert made is not None
    assert (made.digest, made.replaces) == (AGAIN, DIGEST)
    assert states(world) == {"d": "closed"}
    assert forge(world).state is PullRequestState.CLOSED
    [comment] = forge(world).comments[7]
    assert "its approval is asked again" in comment
    [said] = [text for _, text in chat.said]
    assert said.startswith("main changed where pull request #7 edits, so the fix is planned again")
    assert "Nothing is approved yet" in said


def test_the_pull_request_that_is_replaced_links_the_new_one(
    world: World, worker: Worker, clock: Clock
) -> None:
    forge(world).has_conflict = True
    look(worker, clock)
    world.store.save_fix(Fix(AGAIN, UID, FixState.APPROVED, clock.now))
    forge(world).has_conflict = False
    approved = replace(plan(UID), digest=AGAIN, replaces=DIGEST)
    world.store.save_plan(approved)
    worker._fixing._opened(approved, opened(clock), pull("open"))

    assert forge(world).comments[7][-1] == "Replaced by http://forge/7"


def opened(clock: Clock) -> Fix:
    return Fix(AGAIN, UID, FixState.PULL_REQUEST, clock.now, "c" * 40, pull("open"))


def test_where_no_new_plan_can_be_made_the_thread_says_why(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    forge(world).has_conflict = True
    planner(world).fails = Declined("The template no longer declares Logs")

    look(worker, clock)

    assert [text for _, text in chat.said] == [
        "main changed where pull request #7 edits. The template no longer declares Logs"
    ]
    assert states(world) == {"d": "closed"}


def test_a_merge_that_was_faster_than_closing_counts(
    world: World, worker: Worker, chat: Heard, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge(world).has_conflict = True

    def merged_meanwhile(number: int) -> PullRequest:
        forge(world).state = PullRequestState.MERGED
        return forge(world).pull_request(number)

    monkeypatch.setattr(forge(world), "close_pull_request", merged_meanwhile)
    look(worker, clock)

    assert states(world)["d"] == "merged"
    assert world.store.current_plan(UID) == plan(UID)


def test_a_crash_between_closing_and_planning_is_made_good(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    forge(world).has_conflict = True
    worker.do(claimed(world))
    forge(world).close_pull_request(7)  # the worker died after this

    worker.resume()
    look(worker, clock)
    look(worker, clock)

    made = world.store.current_plan(UID)
    assert made is not None
    assert made.digest == AGAIN
    assert not any("closed without a merge" in text for _, text in chat.said)


# ── the doctor ────────────────────────────────────────────────────────────────


def test_the_doctor_says_what_the_forge_lacks(tmp_path: Path) -> None:
    class Lacking(FakeForge):
        def shortcomings(self) -> tuple[str, ...]:
            return ("infra allows rebase merges, which drop our signatures",)

    repository = RepositorySettings(name="infra", kind="gitlab")
    world = World(tmp_path, Settings(repository=(repository,)))
    world.__dict__["forges"] = {"infra": Lacking("infra", {"a": b""})}

    fine, wrong = doctor._repositories(world)

    assert fine[0] is Health.FINE
    assert wrong == (Health.WRONG, "infra allows rebase merges, which drop our signatures.")


def test_gitlab_without_a_token_is_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITLAB_TOKEN", raising=False)
    git = GitSettings(signing_key=create_key(tmp_path / "key"))
    repository = RepositorySettings(name="acme/infra", kind="gitlab")

    with pytest.raises(SettingsError, match="GITLAB_TOKEN is not set; a project or group access"):
        open_forge(repository, git, home=tmp_path)

    monkeypatch.setenv("GITLAB_TOKEN", "glpat-made-up")
    assert isinstance(open_forge(repository, git, home=tmp_path), GitlabForge)
