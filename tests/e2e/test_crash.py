"""Killed between commit and record: the next start finds the commit again and makes no second."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.store import audit
from app.worker import Worker
from app.world import utc_now
from core.errors import AlreadyDecided
from core.types import FixState, PullRequestState
from remediation import LocalForge
from tests.shop_world import Silent, approve, make_home, open_world

ROOT = Path(__file__).parents[2]


def killed_after(step: str, folder: Path) -> None:
    """Work as the worker does, in a process that is killed as soon as a step has been taken."""
    import os
    import signal

    world = open_world(folder)
    done = getattr(LocalForge, step)

    def deadly(*given: object, **named: object) -> None:
        done(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(LocalForge, step, deadly)
    Worker(world, Silent(), picture=lambda _: None).drain()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home in which Dana has approved the one planned fix."""
    make_home(tmp_path)
    world = open_world(tmp_path)
    approve(world.store, utc_now())
    world.store.close()
    return tmp_path


def run_until_killed(step: str, folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.e2e.test_crash import killed_after; "
        "killed_after(sys.argv[1], Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, step, str(folder)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == -9, ended.stderr


@pytest.mark.parametrize("step", ["commit_signed", "open_pull_request"])
def test_killed_between_commit_and_record_the_fix_is_found_again_and_followed(
    folder: Path, step: str
) -> None:
    run_until_killed(step, folder)
    world = open_world(folder)
    stored = world.store.fixes(states=list(FixState))
    assert [fix.state for fix in stored] == [FixState.APPROVED]
    worker = Worker(world, Silent(), picture=lambda _: None)

    world.store.release_jobs()
    worker.resume()
    worker.drain()

    forge = world.forges["shop"]
    assert isinstance(forge, LocalForge)
    pulls = forge.pull_requests()
    assert len(pulls) == 1
    log = forge.store.text("log", "--format=%H", f"main..{pulls[0].branch}")
    assert log.split() == [pulls[0].head_commit]
    assert forge.is_signed(pulls[0].number)
    fix = world.store.fix(stored[0].plan_digest)
    assert fix
    assert (fix.state, fix.commit) == (FixState.PULL_REQUEST, pulls[0].head_commit)
    assert fix.pull_request
    assert fix.pull_request.state is PullRequestState.OPEN
    waiting = world.store._db.query("SELECT kind FROM jobs WHERE state = 'queued'")
    assert [row["kind"] for row in waiting] == ["follow"]
    assert audit.verify(world.store.audit_records()) > 0
    with pytest.raises(AlreadyDecided):
        approve(world.store, datetime.now(UTC))
    world.store.close()
