"""Killed after each step of a canary's trial: the next start goes on, and each thing is done once."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.store import SqliteStore, audit
from app.worker import Worker
from app.world import World
from bot.chat import SlackChat
from bot.context import BotSettings
from core.health import Window
from core.trial import TrialState
from core.types import Fix, FixState, Verdict
from tests.canary_world import (
    BAD,
    GOOD,
    QUIET,
    Changing,
    Counted,
    Estate,
    approve,
    found,
    live_plan,
    open_world,
    scanner,
)
from tests.worker_world import NOW, Clock

ROOT = Path(__file__).parents[2]
AFTER: dict[str, Window] = {"good": GOOD, "bad": BAD, "quiet": QUIET}
SEAMS = ("save_trial", "decide", "add_labels", "change_rollout", "queue_message", "save_fix")


def work(folder: Path, after: str, kill: int) -> World:
    """Start the only worker of a home an hour after the change; die after the nth write."""
    clock = Clock()
    clock.now = NOW + timedelta(hours=2)
    estate = Estate({"prod", "staging", "other"})
    world = open_world(folder, estate, clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "metrics", Counted(AFTER[after]))
        patch.setattr(World, "scanner", lambda world: scanner(world, estate, clock))
        patch.setattr("app.worker.retrain", lambda *_, **__: "")
        _note_changes(patch, folder)
        if kill:
            _die_after(patch, kill)
        world.store.release_jobs()
        chat = SlackChat(world.store, BotSettings("C1", "xoxb-x"), clock)
        worker = Worker(world, chat, picture=lambda _: None, clock=clock)
        worker.resume()
        worker.drain()
    return world


def _note_changes(patch: pytest.MonkeyPatch, folder: Path) -> None:
    execute = Changing.execute

    def noted(planner: Changing, applied: Any, **given: Any) -> Fix:
        fix = execute(planner, applied, **given)
        with (folder / "changes").open("a") as file:
            file.write(f"{planner.made[-1]}\n")
        return fix

    patch.setattr(Changing, "execute", noted)


def _die_after(patch: pytest.MonkeyPatch, kill: int) -> None:
    """Kill this process after its nth write, but not while a change is being executed.

    Executing once is the journal's business, and tested with it.
    """
    count = 0
    for name in SEAMS:
        original = getattr(SqliteStore, name)

        def counted(
            store: SqliteStore, *given: Any, _original: Any = original, **named: Any
        ) -> Any:
            nonlocal count
            answer = _original(store, *given, **named)
            count += 1
            if count == kill:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        patch.setattr(SqliteStore, name, counted)


def begin(folder: Path) -> None:
    """Have Dana approve two fixes of which the first was made and verified."""
    estate, clock = Estate(), Clock()
    world = open_world(folder, estate, clock)
    found(world)
    approve(world, "dev", "prod")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "scanner", lambda world: scanner(world, estate, clock))
        patch.setattr("app.worker.retrain", lambda *_, **__: "")
        chat = SlackChat(world.store, BotSettings("C1", "xoxb-x"), clock)
        worker = Worker(world, chat, picture=lambda _: None, clock=clock)
        worker.drain()
        clock.now += timedelta(seconds=2)
        worker.drain()
    assert world.store.trial(live_plan("dev").digest)
    world.store.close()


def killed(folder: Path, after: str, kill: int) -> bool:
    code = (
        "import sys; from pathlib import Path; from tests.e2e.test_crash_canary import work; "
        "work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))"
    )
    command = [sys.executable, "-c", code, str(folder), after, str(kill)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode in (0, -signal.SIGKILL), ended.stderr
    return ended.returncode == -signal.SIGKILL


def said(world: World, words: str) -> int:
    bodies = [row["body"] for row in world.store._db.query("SELECT body FROM outbox")]
    return sum(words in body and "_thread_of" in body for body in bodies)


@pytest.mark.parametrize("kill", [1, 2, 3, 4, 5, 6, 7])
def test_killed_at_any_write_a_failed_canary_is_rolled_back_once(tmp_path: Path, kill: int) -> None:
    begin(tmp_path)
    assert killed(tmp_path, "bad", kill)
    world = work(tmp_path, "bad", 0)

    assert (tmp_path / "changes").read_text().splitlines().count("undo dev") == 1
    dev, prod = (world.store.fix(live_plan(name).digest) for name in ("dev", "prod"))
    assert dev
    assert dev.state in (FixState.REVERTED, FixState.REVERTING)
    assert prod
    assert prod.state is FixState.NONE
    trial = world.store.trial(dev.plan_digest)
    assert trial
    assert trial.state is TrialState.FAILED
    assert said(world, "Canary failed") == 1
    assert said(world, "Nothing is changed: the canary dev failed") == 1
    assert [each.verdict for each in world.store.labels()].count(Verdict.FIX_HARMED) == 1
    assert audit.verify(world.store.audit_records()) > 0
    world.store.close()


@pytest.mark.parametrize("kill", [1, 2, 3, 4, 5, 6, 7])
def test_killed_at_any_write_harm_seen_while_watching_is_undone_and_told_once(
    tmp_path: Path, kill: int
) -> None:
    begin(tmp_path)
    world = open_world(tmp_path, Estate(), Clock())
    digest = live_plan("dev").digest
    trial = world.store.trial(digest)
    assert trial
    world.store.save_trial(replace(trial, state=TrialState.WATCHING))
    world.store.enqueue("watch", digest, {"plan_digest": digest}, run_at=NOW)
    world.store.close()
    assert killed(tmp_path, "bad", kill)
    world = work(tmp_path, "bad", 0)

    assert (tmp_path / "changes").read_text().splitlines() == ["undo dev"]
    ended = world.store.trial(digest)
    assert ended
    assert ended.state is TrialState.WORSE
    prod = world.store.fix(live_plan("prod").digest)
    assert prod
    assert prod.state is FixState.NONE
    assert said(world, "Worse off since the fix") == 1
    assert said(world, "Nothing is changed: dev is worse off") == 1
    assert [each.verdict for each in world.store.labels()].count(Verdict.FIX_HARMED) == 1
    assert audit.verify(world.store.audit_records()) > 0
    world.store.close()


@pytest.mark.parametrize(("after", "kill"), [("good", 1), ("good", 3), ("quiet", 1), ("quiet", 2)])
def test_killed_while_it_passes_or_asks_it_does_so_once(
    tmp_path: Path, after: str, kill: int
) -> None:
    begin(tmp_path)
    assert killed(tmp_path, after, kill)
    world = work(tmp_path, after, 0)

    passes = after == "good"
    assert said(world, "Canary passed") == passes
    assert said(world, "cannot be told yet") == (not passes)
    changes = tmp_path / "changes"
    assert (changes.read_text().splitlines() if changes.exists() else []) == ["prod"] * passes
    world.store.close()
