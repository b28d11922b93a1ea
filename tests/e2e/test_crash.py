"""Killed at every step of a commit and its pull request: the next start makes no second of either."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.store import SqliteStore, audit
from app.store.queues import Queues
from app.worker import Worker
from app.world import World, utc_now
from core.errors import AlreadyDecided
from core.ports import Job
from core.types import FixState, PullRequestState
from remediation import LocalForge
from remediation.git_store import GitStore
from tests.shop_world import Silent, approve, make_home, open_world

ROOT = Path(__file__).parents[2]
SEAMS: tuple[tuple[type, str], ...] = (
    (Queues, "claim_job"),
    (GitStore, "write_commit"),
    (GitStore, "move"),
    (LocalForge, "_save"),
    (SqliteStore, "save_fix"),
    (SqliteStore, "enqueue"),
    (Queues, "finish_job"),
)
"""Whatever writes: the queue, Git, the forge's record of pull requests, the store."""
STEPS = (
    "claim_job", "write_commit", "move", "_save", "_save", "save_fix", "enqueue", "finish_job",
)  # fmt: skip
"""What one approved fix writes, in order: signed, published, proposed, labelled, recorded, followed."""


def work(folder: Path, kill: int) -> list[str]:
    """Work as the worker does, and die after the nth write; return what was written."""
    world, passed = open_world(folder), list[str]()
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in SEAMS:
            patch.setattr(owner, name, _noted(owner, name, passed, kill))
        Worker(world, Silent(), picture=lambda _: None).drain()
    world.store.close()
    return passed


def _noted(owner: type, name: str, passed: list[str], kill: int) -> Any:
    original = getattr(owner, name)

    def noted(*given: Any, **named: Any) -> Any:
        answer = original(*given, **named)
        if name != "claim_job" or isinstance(answer, Job):  # else there was none to claim
            passed.append(name)
            if len(passed) == kill:
                os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return noted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home in which Dana has approved the one planned fix, and nothing else is to be done."""
    make_home(tmp_path)
    world = open_world(tmp_path)
    approve(world.store, utc_now())
    world.store._db.execute("DELETE FROM jobs WHERE kind != 'execute'")
    world.store.close()
    return tmp_path


def run_until_killed(folder: Path, kill: int) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.e2e.test_crash import work; "
        "work(Path(sys.argv[1]), int(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(folder), str(kill)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def test_these_are_all_the_steps_there_are(folder: Path) -> None:
    assert tuple(work(folder, 0)) == STEPS


@pytest.mark.parametrize(
    "kill",
    range(1, len(STEPS) + 1),
    ids=[f"{number} {name}" for number, name in enumerate(STEPS, start=1)],
)
def test_killed_at_any_step_the_fix_is_found_again_and_followed(folder: Path, kill: int) -> None:
    run_until_killed(folder, kill)
    world = open_world(folder)
    worker = Worker(world, Silent(), picture=lambda _: None)

    world.store.release_jobs()
    worker.resume()
    worker.drain()

    forge = world.forges["shop"]
    assert isinstance(forge, LocalForge)
    [pull] = forge.pull_requests()
    log = forge.store.text("log", "--format=%H", f"main..{pull.branch}")
    assert log.split() == [pull.head_commit]
    assert forge.is_signed(pull.number)
    assert pull.labels
    _assert_followed(world, pull.head_commit)
    with pytest.raises(AlreadyDecided):
        approve(world.store, datetime.now(UTC))
    world.store.close()


def _assert_followed(world: World, commit: str) -> None:
    """Hold that the one fix is recorded with its commit, and that one job looks after it."""
    [fix] = world.store.fixes(states=list(FixState))
    assert (fix.state, fix.commit) == (FixState.PULL_REQUEST, commit)
    assert fix.pull_request
    assert fix.pull_request.state is PullRequestState.OPEN
    waiting = world.store._db.query("SELECT kind FROM jobs WHERE state = 'queued'")
    assert [row["kind"] for row in waiting] == ["follow"]
    made = [r.kind for r in world.store.audit_records() if r.kind == "fix.pull_request"]
    assert len(made) == 1
    assert audit.verify(world.store.audit_records()) > 0
