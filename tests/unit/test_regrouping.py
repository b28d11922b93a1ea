"""A grouped pull request whose branch moved: only what is another edit now is asked again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.settings import ModelSettings, ScanSettings, Settings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World
from bot import words
from core.decide import decide
from core.ports import Job
from core.types import (
    Decision,
    DecisionKind,
    Fix,
    FixPlan,
    FixState,
    Link,
    Person,
    PullRequestState,
)
from remediation import LocalForge, create_key
from remediation.git_store import write_atomically
from tests.remediation_world import planner_for
from tests.store_world import allow, card, resource, snapshot
from tests.worker_world import DANA, Clock, Heard

NAMES = ("logs", "uploads", "exports")
PATH = "template.yaml"
GATE = "{{id: usual, approvals: {{data: {data}}}, approvals_valid_h: 24, group: {{wait_min: 30, most: 3}}}}"
OMAR = Person(team="T1", user="UOMAR", name="Omar")


def template(changed: str = "", *, above: str = "") -> bytes:
    """Three buckets in one file, far enough apart; of one the lines that a fix meets are changed."""
    made = f"# Buckets\n{above}Resources:\n"
    for name in NAMES:
        label = f"{name}-renamed" if name == changed else name
        made += f"  {name.capitalize()}:\n    Type: AWS::S3::Bucket\n    Properties:\n"
        made += f"      BucketName: {label}\n  # what follows {name}\n\n"
        made += f"  {name.capitalize()}Topic:\n    Type: AWS::SNS::Topic\n\n"
    return made.encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def forge(tmp_path: Path) -> LocalForge:
    return LocalForge.create(
        tmp_path / "infra.git",
        files={PATH: template()},
        url="http://forge.test/infra",
        repository="shop",
        signing_key=create_key(tmp_path / "key"),
    )


def gated(world: World, *, data: int = 1) -> None:
    write_atomically(world.home / "gates.yaml", f"gates: [{GATE.format(data=data)}]".encode())


@pytest.fixture
def world(tmp_path: Path, clock: Clock, forge: LocalForge) -> Iterator[World]:
    scan = ScanSettings(follow_s=1.0, gates=(tmp_path / "gates.yaml",))
    made = World(tmp_path, Settings(scan=scan, model=ModelSettings(fix_order="fixed")))
    gated(made)
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made.__dict__["planner"] = planner_for(forge)
    made.__dict__["forges"] = {"shop": forge}
    made.store.record_scan(
        snapshot(*(resource(name) for name in NAMES)), [card(name) for name in NAMES]
    )
    made.store.replace_links(
        [Link(resource(n).uid, "shop", PATH, n.capitalize(), "stack tags") for n in NAMES]
    )
    yield made
    made.store.close()


@pytest.fixture
def chat() -> Heard:
    return Heard()


@pytest.fixture
def worker(world: World, chat: Heard, clock: Clock) -> Worker:
    return Worker(world, chat, picture=lambda _: None, clock=clock)


def uid(name: str) -> str:
    return card(name).finding.uid


def plan_of(world: World, name: str) -> FixPlan:
    plan = world.store.current_plan(uid(name))
    assert plan is not None
    return plan


def fix_of(world: World, name: str) -> Fix:
    fix = world.store.card(uid(name)).fix
    assert fix is not None
    return fix


def approve(world: World, name: str, clock: Clock, person: Person = DANA) -> None:
    """Approve a plan, without the training that a decision starts otherwise."""
    digest = plan_of(world, name).digest
    world.store.decide(
        Decision(
            f"{name} {person.user}", uid(name), DecisionKind.APPROVE_FIX, person, clock.now,
            plan_digest=digest,
        ),
        label=None,
        jobs=(),
        once_approved=(Job(f"make {name}", "execute", digest, {"plan_digest": digest}, 0),),
    )  # fmt: skip


def grouped(world: World, worker: Worker, clock: Clock, *people: Person) -> None:
    """Have the three fixes planned, approved and proposed together."""
    for name in NAMES:
        world.store.enqueue("plan", uid(name), {"finding_uid": uid(name)})
    worker.drain()
    for name in NAMES:
        for person in people or (DANA,):
            approve(world, name, clock, person)
    worker.drain()
    assert {fix_of(world, name).state for name in NAMES} == {FixState.PULL_REQUEST}


def moved(world: World, worker: Worker, forge: LocalForge, clock: Clock, data: bytes) -> None:
    """Change the template beside the open pull request, and look at that again."""
    forge.push_files({PATH: data}, branch="main", message="Rename")
    clock.now += timedelta(minutes=5)
    worker.drain()


def said_of(chat: Heard, name: str) -> str:
    return [text for who, text in chat.said if who == uid(name)][-1]


def test_the_message_and_the_thread_say_which_fixes_share_the_pull_request(
    world: World, worker: Worker, chat: Heard, clock: Clock
) -> None:
    grouped(world, worker, clock)

    fix = fix_of(world, "logs")
    standing = words.standing(world.store.card(uid("logs")), ZoneInfo("UTC"), now=clock.now)

    assert set(fix.beside) == {"uploads", "exports"}
    assert "one of 3 fixes in it, with" in standing
    assert "`uploads`" in standing
    told = "together with 2 like fixes, a commit for each: exports, uploads"
    assert told in said_of(chat, "logs")


def test_only_the_fix_whose_lines_changed_is_asked_again_and_the_others_are_proposed_again(
    world: World, worker: Worker, chat: Heard, forge: LocalForge, clock: Clock
) -> None:
    grouped(world, worker, clock)
    before = {name: plan_of(world, name).digest for name in NAMES}

    moved(world, worker, forge, clock, template("uploads"))

    assert fix_of(world, "uploads").state is FixState.CLOSED
    assert "Nothing is approved yet" in said_of(chat, "uploads")
    for name in ("logs", "exports"):
        assert plan_of(world, name).digest != before[name]
        assert plan_of(world, name).carries == (before[name],)
        assert "byte for byte the one that was approved" in "".join(t for _, t in chat.said)
    clock.now += timedelta(minutes=31)
    worker.drain()

    first, second = sorted(forge.pull_requests(), key=lambda each: each.number)
    assert (first.state, second.state) == (PullRequestState.CLOSED, PullRequestState.OPEN)
    fix = fix_of(world, "logs")
    assert fix.pull_request
    assert fix.pull_request.number == second.number
    assert fix.beside == ("exports",)
    trailers = forge.store.trailers(fix.commit)
    assert trailers["Plan-Digest"] == plan_of(world, "logs").digest
    assert trailers["Approved-by"].startswith("Dana <")
    after = forge.file(PATH, commit=second.head_commit)
    assert after.count(b"BucketEncryption") == 2
    assert b"uploads-renamed" in after


def test_an_approval_that_has_ended_is_asked_again(
    world: World, worker: Worker, chat: Heard, forge: LocalForge, clock: Clock
) -> None:
    grouped(world, worker, clock)
    clock.now += timedelta(hours=25)

    moved(world, worker, forge, clock, template("uploads"))

    assert {fix_of(world, name).state for name in NAMES} == {FixState.CLOSED}


def test_a_gate_that_now_wants_four_eyes_is_asked_again_and_what_was_given_counts(
    world: World, worker: Worker, chat: Heard, forge: LocalForge, clock: Clock
) -> None:
    grouped(world, worker, clock)
    gated(world, data=2)

    moved(world, worker, forge, clock, template("uploads"))

    assert {fix_of(world, name).state for name in NAMES} == {FixState.CLOSED}


def test_four_eyes_that_have_seen_the_edit_need_not_see_it_again(
    world: World, worker: Worker, chat: Heard, forge: LocalForge, clock: Clock
) -> None:
    gated(world, data=2)
    grouped(world, worker, clock, DANA, OMAR)

    moved(world, worker, forge, clock, template("uploads"))
    clock.now += timedelta(minutes=31)
    worker.drain()

    fix = fix_of(world, "logs")
    assert fix.state is FixState.PULL_REQUEST
    named = forge.store.trailers(fix.commit)["Approved-by"]
    assert "Dana <" in named
    assert "Omar <" in named


def test_a_rejection_of_what_stands_stops_it(
    world: World, worker: Worker, chat: Heard, forge: LocalForge, clock: Clock
) -> None:
    grouped(world, worker, clock)
    moved(world, worker, forge, clock, template("uploads"))
    decide(
        world.store,
        kind=DecisionKind.REJECT_FIX,
        finding_uid=uid("logs"),
        person=OMAR,
        now=clock.now,
        plan_digest=plan_of(world, "logs").digest,
        reason="not now",
        permit=allow,
    )
    clock.now += timedelta(minutes=31)
    worker.drain()

    assert fix_of(world, "logs").state is FixState.NONE
    assert len(forge.pull_requests()) == 2


def test_what_moves_twice_keeps_its_first_approval(
    world: World, worker: Worker, chat: Heard, forge: LocalForge, clock: Clock
) -> None:
    grouped(world, worker, clock)
    moved(world, worker, forge, clock, template("uploads"))
    clock.now += timedelta(minutes=31)
    worker.drain()

    moved(world, worker, forge, clock, template("exports"))

    assert fix_of(world, "exports").state is FixState.CLOSED
    assert fix_of(world, "logs").state is FixState.APPROVED
    assert len(plan_of(world, "logs").carries) == 2
