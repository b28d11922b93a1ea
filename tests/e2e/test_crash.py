"""Killed between commit and record: the next start finds the commit again and makes no second."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.settings import GitSettings, RepositorySettings, ScanSettings, Settings
from app.store import SqliteStore, audit
from app.worker import Worker
from app.world import World, utc_now
from core.decide import decide
from core.errors import AlreadyDecided
from core.identity import finding_uid
from core.types import (
    Card,
    DecisionKind,
    Evidence,
    Finding,
    FixState,
    Link,
    Person,
    PullRequestState,
    Resource,
    Severity,
    Snapshot,
)
from remediation import LocalForge, create_key

ROOT = Path(__file__).parents[2]
DANA = Person(team="T1", user="UDANA", name="Dana")
LIVE = Resource(
    uid="arn:aws:s3:::shop-uploads", type="AWS::S3::Bucket", name="shop-uploads", properties={}
)
UID = finding_uid("PL-S3-001", LIVE.uid)
TEMPLATE = b"""\
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: shop-uploads
"""


class Silent:
    """A chat that nobody reads."""

    def post_card(self, card: Card, *, channel: str | None = None) -> None: ...
    def post_summary(
        self, summary: object, cards: object, *, channel: str | None = None
    ) -> None: ...
    def say(self, finding_uid: str, text: str, *, once: str = "") -> None: ...
    def ask(self, finding_uid: str, text: str, *, once: str) -> None: ...
    def announce(self, text: str, *, channel: str | None = None) -> None: ...
    def show_plan(self, view_id: str, card: Card, plan: object, refusal: str) -> None: ...


def open_world(folder: Path) -> World:
    """Open the home with a forge in it: real git, real signatures."""
    key = folder / "signing"
    repository = RepositorySettings(
        name="shop", kind="local", path=folder / "shop.git", url="http://forge.test/shop"
    )
    settings = Settings(
        scan=ScanSettings(follow_s=1.0),
        git=GitSettings(signing_key=key),
        repository=[repository],
    )
    return World(folder / "home", settings)


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
    create_key(tmp_path / "signing")
    LocalForge.create(
        tmp_path / "shop.git",
        files={"stacks/shop.yaml": TEMPLATE},
        url="http://forge.test/shop",
        signing_key=tmp_path / "signing",
    )
    world = open_world(tmp_path)
    finding = Finding(
        uid=UID,
        check_id="PL-S3-001",
        control="s3-encryption",
        title="Buckets declare server-side encryption",
        severity=Severity.HIGH,
        resource_uid=LIVE.uid,
        resource_type=LIVE.type,
        resource_name=LIVE.name,
        evidence=Evidence("it has none"),
    )
    now = utc_now()
    world.store.record_scan(Snapshot("s1", now, (LIVE,)), [Card(finding, None)])
    world.store.replace_links([Link(LIVE.uid, "shop", "stacks/shop.yaml", "Uploads", "stack tag")])
    plan = world.planner.plan(finding, Link(LIVE.uid, "shop", "stacks/shop.yaml", "Uploads", "tag"))
    world.store.save_plan(plan)
    approve(world.store, now)
    world.store.close()
    return tmp_path


def approve(store: SqliteStore, now: datetime) -> None:
    plan = store.current_plan(UID)
    assert plan
    decide(
        store,
        kind=DecisionKind.APPROVE_FIX,
        finding_uid=UID,
        person=DANA,
        now=now,
        permit=lambda *_: "",
        plan_digest=plan.digest,
    )


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
