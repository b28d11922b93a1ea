"""Two live resources of one declaration: one commit, two findings, each verified for itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import ScanSettings, Settings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World
from core import scan as scanning
from core.decide import decide
from core.join import is_same_change
from core.scan import Scanner
from core.types import (
    Card,
    Coverage,
    DecisionKind,
    Edit,
    Estate,
    Finding,
    Fix,
    FixState,
    Gap,
    Link,
    PullRequest,
    PullRequestState,
    Resource,
    Snapshot,
    Status,
)
from remediation import FakeForge, GitPlanner
from tests.remediation_world import KEY, PATH, TEMPLATE, clean, finding_of, unencrypted
from tests.store_world import DANA, OMAR, Clock
from tests.unit.test_scan_use_case import _assess
from tests.worker_world import Heard

ACCOUNT, REGIONS = "111122223333", ("eu-west-1", "us-east-1")
MINUTE = timedelta(minutes=1)


def bucket(region: str, **properties: object) -> Resource:
    name = f"shop-uploads-{region}"
    arn = f"arn:aws:s3:::{name}"
    kind = "AWS::S3::Bucket"
    return Resource(arn, kind, name, properties, account=ACCOUNT, region=region)


@dataclass
class Shop:
    """A stack deployed in two regions, and the repository that declares it."""

    world: World
    worker: Worker
    chat: Heard
    clock: Clock
    forge: FakeForge
    live: dict[str, Resource] = field(
        default_factory=lambda: {region: bucket(region) for region in REGIONS}
    )

    def collect(self, *, types: Sequence[str] = ()) -> Snapshot:
        return Snapshot(
            self.clock.now.isoformat(),
            self.clock.now,
            tuple(self.live.values()),
            coverage=(Coverage(ACCOUNT, REGIONS),),
        )

    def read(self, resource: Resource) -> Snapshot:
        found = tuple(each for each in self.live.values() if each.uid == resource.uid)
        return Snapshot("read", self.clock.now, found)

    def scanner(self) -> Scanner:
        return Scanner(
            cloud=self,
            checks={"policies": _check},
            assess=_assess,
            link=lambda _: [Link(bucket(r).uid, "shop", PATH, "Uploads", "tags") for r in REGIONS],
            fix_refusal=lambda *_: "",
            store=self.world.store,
            clock=self.clock,
            estate=Estate(),
            report=lambda *_: None,
            related_types=lambda _: (),
        )

    def card(self, region: str) -> Card:
        return self.world.store.card(finding_of(bucket(region)).uid)

    def fix(self, region: str) -> Fix:
        found = self.card(region).fix
        assert found
        return found

    def review(self, region: str) -> str:
        uid = self.card(region).finding.uid
        self.world.store.enqueue("plan", uid, {"finding_uid": uid, "view_id": "V1"})
        self.drain()
        return self.chat.plans[-1][1]

    def approve(self, region: str, *, drain: bool = True) -> None:
        card = self.card(region)
        assert card.plan
        decide(
            self.world.store,
            kind=DecisionKind.APPROVE_FIX,
            finding_uid=card.finding.uid,
            person=DANA if region == REGIONS[0] else OMAR,
            now=self.clock.now,
            permit=lambda *_: "",
            plan_digest=card.plan.digest,
        )
        self.world.store._db.execute("DELETE FROM jobs WHERE kind = 'retrain'")
        if drain:
            self.drain()

    def merge(self) -> PullRequest:
        return self.forge.merge(1, by="priya")

    def deploy(self, region: str) -> None:
        self.live[region] = bucket(region, BucketEncryption={})

    def drain(self) -> None:
        self.clock.now += MINUTE
        self.worker.drain()

    def commits(self) -> int:
        return sum("Plan-Digest" in each.trailers for each in self.forge.commits.values())


def _check(snapshot: Snapshot) -> Iterator[Finding | Gap]:
    for finding in unencrypted(snapshot.resources):
        yield replace(finding, account=ACCOUNT, region=finding.resource_name[13:])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    clock, chat = Clock(), Heard()
    world = World(tmp_path, Settings(scan=ScanSettings(follow_s=1.0)))
    forge = FakeForge("shop", {PATH: TEMPLATE})
    planner = GitPlanner(
        {"shop": forge},
        evaluate=unencrypted,
        estate=Estate(),
        clock=clock,
        secret_key=KEY,
        lint=clean,
    )
    store = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made = Shop(world, Worker(world, chat, picture=lambda _: None, clock=clock), chat, clock, forge)
    world.__dict__.update(
        store=store,
        planner=planner,
        forges={"shop": forge},
        scanner=made.scanner,
        fix_refusal=lambda *_: "",
    )
    scanning.scan(made.scanner())
    yield made
    store.close()


HERE, THERE = REGIONS


def test_a_copy_reviewed_while_the_pull_request_is_open_joins_it(shop: Shop) -> None:
    shop.review(HERE)
    shop.approve(HERE)

    said = shop.review(THERE)

    assert "memory://shop/pulls/1 makes this change already: shop-uploads-eu-west-1" in said
    assert (shop.card(THERE).finding.uid, said) in shop.chat.said
    assert shop.fix(THERE).state is FixState.PULL_REQUEST
    assert shop.fix(THERE).pull_request == shop.fix(HERE).pull_request
    assert shop.commits() == 1


def test_two_approvals_of_one_change_make_one_commit_and_each_copy_is_verified_for_itself(
    shop: Shop,
) -> None:
    shop.review(HERE)
    shop.review(THERE)
    shop.approve(HERE, drain=False)
    shop.clock.now += MINUTE
    shop.approve(THERE)
    shop.drain()

    assert shop.commits() == 1
    assert len(shop.forge.pulls) == 1
    assert shop.fix(THERE).commit == shop.fix(HERE).commit

    shop.merge()
    shop.deploy(HERE)
    shop.drain()
    shop.drain()

    assert shop.fix(HERE).state is FixState.VERIFIED
    assert shop.fix(THERE).state is FixState.MERGED
    assert shop.card(THERE).finding.status is Status.OPEN

    shop.deploy(THERE)
    shop.drain()

    assert shop.fix(THERE).state is FixState.VERIFIED
    assert shop.card(THERE).finding.status is Status.FIXED


def test_a_copy_approved_after_the_merge_joins_what_was_merged(shop: Shop) -> None:
    shop.review(HERE)
    shop.review(THERE)
    shop.approve(HERE)
    shop.merge()
    shop.deploy(HERE)
    shop.drain()
    shop.drain()
    assert shop.fix(HERE).state is FixState.VERIFIED

    shop.approve(THERE)

    assert shop.fix(THERE).state is FixState.MERGED
    assert shop.commits() == 1
    assert not any("fresh plan" in text for _, text in shop.chat.said)


def test_a_copy_reviewed_after_the_merge_joins_and_waits_for_its_deployment(shop: Shop) -> None:
    shop.review(HERE)
    shop.approve(HERE)
    shop.merge()
    shop.deploy(HERE)
    shop.drain()
    shop.drain()

    said = shop.review(THERE)

    assert "pulls/1 makes this change already" in said
    assert shop.fix(THERE).state is FixState.MERGED
    shop.deploy(THERE)
    shop.drain()
    assert shop.fix(THERE).state is FixState.VERIFIED


def test_a_file_that_changed_meanwhile_is_no_reason_for_a_second_commit(shop: Shop) -> None:
    shop.review(HERE)
    shop.approve(HERE)
    shop.forge.push_files({PATH: b"# One more line.\n" + TEMPLATE}, branch="main", message="note")

    shop.review(THERE)
    shop.drain()  # the pull request is proposed again on what stands there now; both go with it

    assert shop.fix(THERE).pull_request == shop.fix(HERE).pull_request
    assert shop.fix(THERE).commit == shop.fix(HERE).commit
    assert shop.fix(THERE).state is FixState.PULL_REQUEST
    states = {number: pull.state for number, pull in shop.forge.pulls.items()}
    assert states == {1: PullRequestState.CLOSED, 2: PullRequestState.OPEN}


def test_a_plan_that_is_declined_for_another_reason_joins_nothing(shop: Shop) -> None:
    shop.review(HERE)
    shop.approve(HERE)
    shop.forge.push_files({PATH: b"Resources: {}\n"}, branch="main", message="moved away")

    assert "no longer declares Uploads" in shop.review(THERE)
    assert shop.card(THERE).fix is None


def test_where_the_first_cannot_be_committed_the_second_is(shop: Shop) -> None:
    shop.review(HERE)
    shop.review(THERE)
    shop.approve(HERE, drain=False)
    shop.clock.now += MINUTE
    shop.approve(THERE, drain=False)
    ahead = shop.fix(HERE)
    shop.world.store.save_fix(replace(ahead, state=FixState.FAILED, detail="no"))
    shop.world.store._db.execute("DELETE FROM jobs WHERE key = ?", [ahead.plan_digest])

    shop.drain()

    assert shop.fix(HERE).state is FixState.FAILED
    assert shop.fix(THERE).state is FixState.PULL_REQUEST
    assert shop.commits() == 1


def test_a_copy_whose_twin_is_only_approved_waits_for_the_pull_request(shop: Shop) -> None:
    shop.review(HERE)
    shop.approve(HERE, drain=False)
    shop.world.store._db.execute("DELETE FROM jobs WHERE kind = 'execute'")

    said = shop.review(THERE)

    assert "pull request is being opened" in said
    assert shop.card(THERE).fix is None
    assert shop.card(THERE).plan is None


def test_a_pull_request_closed_without_merge_leaves_both_open_to_another_fix(shop: Shop) -> None:
    shop.review(HERE)
    shop.approve(HERE)
    shop.review(THERE)
    shop.forge.close_pull_request(1)

    shop.drain()

    assert {shop.fix(HERE).state, shop.fix(THERE).state} == {FixState.CLOSED}
    assert shop.review(THERE) == ""


def both_fixed(shop: Shop) -> None:
    shop.review(HERE)
    shop.approve(HERE)
    shop.review(THERE)
    shop.merge()
    for region in REGIONS:
        shop.deploy(region)
    shop.drain()
    shop.drain()
    assert {shop.fix(region).state for region in REGIONS} == {FixState.VERIFIED}


def test_a_copy_that_drifted_after_it_was_fixed_is_told_to_deploy(shop: Shop) -> None:
    both_fixed(shop)
    shop.live[THERE] = bucket(THERE)
    shop.clock.now += MINUTE
    scanning.scan(shop.scanner())

    said = shop.review(THERE)

    assert "differs from what is declared" in said
    assert shop.fix(THERE).state is FixState.VERIFIED


def test_two_reverts_of_one_change_make_one_inverse_commit(shop: Shop) -> None:
    both_fixed(shop)
    for region in REGIONS:
        fix = shop.fix(region)
        decide(
            shop.world.store,
            kind=DecisionKind.REVERT_FIX,
            finding_uid=fix.finding_uid,
            person=DANA,
            now=shop.clock(),
            permit=lambda *_: "",
            plan_digest=fix.plan_digest,
        )
        shop.drain()

    assert shop.commits() == 2
    assert len(shop.forge.pulls) == 2
    shop.forge.merge(2, by="priya")
    shop.live = {region: bucket(region) for region in REGIONS}
    shop.drain()
    shop.drain()
    assert {shop.card(region).finding.status for region in REGIONS} == {Status.OPEN}
    assert {shop.fix(region).state for region in REGIONS} == {FixState.REVERTED}


def test_what_another_check_or_another_edit_changes_is_another_change(shop: Shop) -> None:
    shop.review(HERE)
    plan = shop.card(HERE).plan
    assert plan
    [change] = plan.changes
    further = tuple(Edit(each.start + 9, each.end + 9, each.replacement) for each in change.edits)
    moved = replace(plan, changes=(replace(change, before_sha256="0" * 64, edits=further),))
    other = tuple(replace(each, replacement=b"x") for each in change.edits)

    assert is_same_change(plan, moved)
    assert not is_same_change(plan, replace(plan, changes=(replace(change, edits=other),)))
    assert not is_same_change(plan, replace(moved, check_id="PL-S3-002"))
    assert not is_same_change(plan, replace(plan, base_branch="release"))
    assert not is_same_change(plan, replace(plan, reverts="d" * 64))
