"""Like fixes in one pull request: a real repository, a planner that edits, and the worker."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import ScanSettings, Settings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World
from core.types import Decision, DecisionKind, Fix, FixPlan, FixState, PullRequestState
from remediation import GitPlanner, LocalForge, create_key
from remediation.git_store import write_atomically
from tests.remediation_world import planner_for
from tests.store_world import card, resource, snapshot
from tests.worker_world import DANA, NOW, Clock, Heard

NAMES = ("logs", "uploads", "exports")
GATE = "{id: usual, approvals: {network: 1}, checks: [PL-S3-001], group: {wait_min: 30, most: 3}}"


def template(*, encrypted: tuple[str, ...] = ()) -> bytes:
    """Three buckets in one file, far enough apart."""
    made = "Resources:\n"
    for name in NAMES:
        made += f"  {name.capitalize()}:\n    Type: AWS::S3::Bucket\n    Properties:\n"
        made += f"      BucketName: {name}\n"
        made += "      Encrypted: true\n" if name in encrypted else ""
        made += f"      Tags: []\n  # what follows {name}\n\n"
    return made.encode()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def forge(tmp_path: Path) -> LocalForge:
    return LocalForge.create(
        tmp_path / "infra.git",
        files={"template.yaml": template()},
        url="http://forge.test/infra",
        repository="shop",
        signing_key=create_key(tmp_path / "key"),
    )


@pytest.fixture
def planner(forge: LocalForge) -> GitPlanner:
    return planner_for(forge, evaluate=lambda _resources: ())


@pytest.fixture
def world(tmp_path: Path, clock: Clock, forge: LocalForge, planner: GitPlanner) -> Iterator[World]:
    scan = ScanSettings(follow_s=1.0, gates=(tmp_path / "gates.yaml",))
    made = World(tmp_path, Settings(scan=scan))
    write_atomically(tmp_path / "gates.yaml", f"gates: [{GATE}]".encode())
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made.__dict__["planner"] = planner
    made.__dict__["forges"] = {"shop": forge}
    made.store.record_scan(
        snapshot(*(resource(name) for name in NAMES)), [card(name) for name in NAMES]
    )
    yield made
    made.store.close()


@pytest.fixture
def chat() -> Heard:
    return Heard()


@pytest.fixture
def worker(world: World, chat: Heard, clock: Clock) -> Worker:
    return Worker(world, chat, picture=lambda _: None, clock=clock)


def plan_of(world: World, forge: LocalForge, name: str) -> FixPlan:
    from core.gate import Terms
    from remediation import changes

    data, uid = template(), card(name).finding.uid
    edited = data.replace(
        f"BucketName: {name}\n".encode(), f"BucketName: {name}\n      Encrypted: true\n".encode()
    )
    head = forge.head("main")
    made = (changes.change("template.yaml", data, edited),)
    digest = changes.digest(
        finding=uid, repository="shop", branch="main", commit=head, changes=made, reverts=""
    )
    return FixPlan(
        digest=digest,
        finding_uid=uid,
        check_id="PL-S3-001",
        repository="shop",
        base_branch="main",
        base_commit=head,
        changes=made,
        diff=f"+      Encrypted: true  # {name}\n",
        summary=f"Encrypt the bucket ({name.capitalize()}, template.yaml:1)",
        proofs=(),
        created_at=NOW,
        valid_until=NOW + timedelta(hours=8),
        terms=Terms(gates=("usual",)),
    )


def approve(world: World, forge: LocalForge, name: str, clock: Clock) -> FixPlan:
    plan = plan_of(world, forge, name)
    world.store.save_plan(plan)
    decision = Decision(
        f"{name}-approved", plan.finding_uid, DecisionKind.APPROVE_FIX, DANA, clock.now,
        plan_digest=plan.digest,
    )  # fmt: skip
    world.store.decide(decision, label=None, jobs=())
    world.store.enqueue("execute", plan.digest, {"plan_digest": plan.digest})
    return plan


def fix_of(world: World, plan: FixPlan) -> Fix:
    fix = world.store.fix(plan.digest)
    assert fix is not None
    return fix


def test_like_fixes_wait_for_each_other_and_share_one_pull_request(
    world: World, worker: Worker, chat: Heard, forge: LocalForge, clock: Clock
) -> None:
    plans = [approve(world, forge, name, clock) for name in NAMES[:2]]
    worker.drain()
    waiting = [text for _, text in chat.said]
    assert forge.pull_requests() == ()

    clock.now += timedelta(minutes=31)
    worker.drain()

    assert all("like fixes are proposed together" in text for text in waiting)
    assert len(waiting) == 2
    [pull] = forge.pull_requests()
    fixes = [fix_of(world, plan) for plan in plans]
    assert {fix.pull_request.number for fix in fixes if fix.pull_request} == {pull.number}
    assert len({fix.commit for fix in fixes}) == 2
    both = forge.file("template.yaml", commit=pull.head_commit)
    assert both == template(encrypted=("logs", "uploads"))
    said = [text for _, text in chat.said if "like fix" in text and "signed" in text]
    assert len(said) == 2
    assert "together with 1 like fix, a commit for each" in said[0]


def test_each_commit_is_signed_with_its_own_trailers_and_reverts_alone(
    world: World, worker: Worker, forge: LocalForge, clock: Clock, planner: GitPlanner
) -> None:
    plans = [approve(world, forge, name, clock) for name in NAMES]
    worker.drain()  # three are as many as fit, so none waits
    fixes = [fix_of(world, plan) for plan in plans]
    forge.merge(1, by="dana")

    inverse = planner.revert(plans[1])

    for plan, fix in zip(plans, fixes, strict=True):
        assert forge.store.verified(fix.commit)
        trailers = forge.store.trailers(fix.commit)
        assert trailers["Plan-Digest"] == plan.digest
        assert trailers["Approved-by"].startswith("Dana <")
    undone = planner.execute(inverse, approvers=[DANA], audit_head="h")
    assert forge.file("template.yaml", commit=undone.commit) == template(
        encrypted=("logs", "exports")
    )


def test_the_body_lists_each_finding_and_the_title_says_how_many(
    world: World, worker: Worker, forge: LocalForge, clock: Clock
) -> None:
    plans = [approve(world, forge, name, clock) for name in NAMES]
    worker.drain()

    [pull] = forge.pull_requests()
    assert pull.title == "Encrypt the bucket in 3 places"
    assert all(plan.finding_uid in pull.body and plan.digest in pull.body for plan in plans)


def test_a_merge_of_the_group_merges_every_fix(
    world: World, worker: Worker, forge: LocalForge, clock: Clock
) -> None:
    plans = [approve(world, forge, name, clock) for name in NAMES]
    worker.drain()
    forge.merge(1, by="dana")
    clock.now += timedelta(seconds=5)

    for plan in plans:
        worker._steps.run("follow", {"plan_digest": plan.digest})

    assert {fix_of(world, plan).state for plan in plans} == {FixState.MERGED}
    worker._fixing.close_merged(tuple(plan.finding_uid for plan in plans))
    assert {fix_of(world, plan).state for plan in plans} == {FixState.VERIFIED}


def test_the_limit_of_open_pull_requests_counts_a_group_once(
    world: World, worker: Worker, forge: LocalForge, clock: Clock, tmp_path: Path
) -> None:
    limited = GATE.replace("id: usual", "id: usual, open_pull_requests_max: 2")
    (tmp_path / "gates.yaml").write_text(f"gates: [{limited.replace('most: 3', 'most: 2')}]")
    for name in NAMES[:2]:
        approve(world, forge, name, clock)
    worker.drain()

    approve(world, forge, NAMES[2], clock)
    clock.now += timedelta(minutes=31)
    worker.drain()

    assert len(forge.pull_requests()) == 2


def test_what_overlaps_another_fix_goes_alone(
    world: World, worker: Worker, forge: LocalForge, planner: GitPlanner
) -> None:
    one = plan_of(world, forge, "logs")
    twin = replace(one, digest="9" * 64, finding_uid="other")
    other = plan_of(world, forge, "uploads")

    assert planner.together([one, twin, other]) == (one, other)


def test_executing_a_group_twice_is_executing_it_once(
    world: World, forge: LocalForge, planner: GitPlanner
) -> None:
    plans = [plan_of(world, forge, name) for name in NAMES]
    approvers = {plan.digest: [DANA] for plan in plans}
    first = planner.execute_together(plans, approvers=approvers, audit_head="h")
    forge.push_files({"README.md": b"later"}, branch="main", message="Elsewhere")

    again = planner.execute_together(plans, approvers=approvers, audit_head="a later head")

    assert [fix.commit for fix in again] == [fix.commit for fix in first]
    assert len(forge.pull_requests()) == 1


def test_a_group_that_a_crash_broke_off_is_the_same_group_afterwards(
    world: World, worker: Worker, forge: LocalForge, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES[:2]:
        approve(world, forge, name, clock)
    clock.now += timedelta(minutes=31)

    def dies(**_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(forge, "open_pull_request", dies)
        with pytest.raises(KeyboardInterrupt):
            worker.drain()
    approve(world, forge, NAMES[2], clock)  # comes too late for that group
    clock.now += timedelta(minutes=31)
    worker.resume()
    worker.drain()

    assert len(forge.pull_requests()) == 2
    assert {pull.state for pull in forge.pull_requests()} == {PullRequestState.OPEN}
