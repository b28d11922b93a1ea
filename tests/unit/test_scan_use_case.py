"""The scan use case on fakes: what fails is a gap, and a gap is never a pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.announce import scan_and_post
from app.store import SqliteStore
from core import scan as scanning
from core.errors import CloudError, PolicyError
from core.ports import Check
from core.scan import Scanner
from core.types import Assessment, Estate, Finding, Gap, Resource, Snapshot, Status
from tests.store_world import IRELAND, Clock, card, resource
from tests.worker_world import Heard

UID = card("a").finding.uid
HOUR = timedelta(hours=1)
DENIED = Gap("s3:ListBuckets", "denied", "denied", resource_type="AWS::S3::Bucket")
ROLES = Gap("iam:ListRoles", "denied", "denied", "111122223333", "", "", "AWS::IAM::Role")


@dataclass
class Sky:
    """A cloud that holds what the test puts there; reading takes as long as `takes`."""

    clock: Clock
    resources: list[Resource] = field(default_factory=lambda: [resource("a")])
    gaps: tuple[Gap, ...] = ()
    read_gaps: tuple[Gap, ...] = ()
    readable: bool = True
    takes: timedelta = timedelta(0)

    def collect(self, *, types: Sequence[str] = ()) -> Snapshot:
        self.clock.now += self.takes
        return self._snapshot(self.resources, self.gaps)

    def read(self, resource: Resource) -> Snapshot:
        found = [each for each in self.resources if self.readable and each.uid == resource.uid]
        return self._snapshot(found, self.read_gaps)

    def _snapshot(self, resources: Sequence[Resource], gaps: tuple[Gap, ...]) -> Snapshot:
        now = self.clock.now
        return Snapshot(now.isoformat(), now, tuple(resources), gaps, coverage=(IRELAND,))


def unencrypted(snapshot: Snapshot) -> Iterator[Finding | Gap]:
    for each in snapshot.resources:
        if "BucketEncryption" not in each.properties:
            yield card(each.name).finding


def broken(snapshot: Snapshot) -> Iterator[Finding | Gap]:
    raise RuntimeError("secret detail")
    yield


@dataclass
class Estates:
    sky: Sky
    clock: Clock
    store: SqliteStore
    checks: dict[str, Check] = field(default_factory=lambda: {"policies": unencrypted})
    reads: tuple[str, ...] = ()

    def scanner(self) -> Scanner:
        return Scanner(
            cloud=self.sky,
            checks=self.checks,
            assess=_assess,
            link=lambda _: (),
            fix_refusal=lambda *_: "no",
            store=self.store,
            clock=self.clock,
            estate=Estate(),
            report=lambda *_: None,
            related_types=lambda _: self.reads,
        )

    def scan(self) -> scanning.ScanOutcome:
        self.clock.now += HOUR
        return scanning.scan(self.scanner())

    def status(self) -> Status:
        return self.store.card(UID).finding.status


def _assess(findings: Sequence[Finding], _snapshot: Snapshot) -> tuple[Assessment, ...]:
    assessed = card("a").assessment
    assert assessed
    return tuple(replace(assessed, finding_uid=each.uid) for each in findings)


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estates]:
    clock = Clock()
    store = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    made = Estates(Sky(clock), clock, store)
    made.scan()
    yield made
    store.close()


def test_a_check_that_crashes_closes_nothing_and_its_words_stay_inside(estate: Estates) -> None:
    estate.checks["policies"] = broken

    outcome = estate.scan()

    assert estate.status() is Status.OPEN
    assert outcome.result.fixed == ()
    assert [gap.scope for gap in outcome.summary.gaps] == ["policies"]
    assert "secret detail" not in str(outcome.summary)


def test_a_list_that_a_check_looks_at_and_was_not_read_closes_nothing(estate: Estates) -> None:
    estate.reads = ("AWS::IAM::Role",)
    estate.sky.resources = [resource("a", BucketEncryption={})]
    estate.sky.gaps = (ROLES,)

    assert estate.scan().result.fixed == ()

    estate.sky.gaps = ()
    assert estate.scan().result.fixed == (UID,)


def test_a_recheck_that_cannot_read_changes_nothing(estate: Estates) -> None:
    estate.sky.readable, estate.sky.read_gaps = False, (DENIED,)

    with pytest.raises(CloudError, match="could not be read again"):
        scanning.recheck(estate.scanner(), estate.store.card(UID).finding)

    assert estate.status() is Status.OPEN


def test_a_recheck_of_what_is_gone_closes_it(estate: Estates) -> None:
    estate.sky.resources = []

    shown = scanning.recheck(estate.scanner(), estate.store.card(UID).finding)

    assert shown.finding.status is Status.FIXED


def test_a_recheck_whose_check_crashes_changes_nothing(estate: Estates) -> None:
    estate.checks["policies"] = broken

    with pytest.raises(PolicyError, match="could not be decided"):
        scanning.recheck(estate.scanner(), estate.store.card(UID).finding)

    assert estate.status() is Status.OPEN


def test_a_resource_that_is_put_right_while_a_scan_runs_stays_right(estate: Estates) -> None:
    stale = estate.sky.collect()
    estate.sky.takes = HOUR
    estate.clock.now += HOUR
    began = estate.clock.now
    estate.sky.resources = [resource("a", BucketEncryption={})]
    estate.clock.now += HOUR / 2
    scanning.recheck(estate.scanner(), estate.store.card(UID).finding)
    assert estate.status() is Status.FIXED

    estate.store.record_scan(replace(stale, uid="slow", taken_at=began), [card("a")])

    assert estate.status() is Status.FIXED


def test_a_snapshot_counts_from_when_the_reading_began(estate: Estates) -> None:
    estate.sky.takes = HOUR
    began = estate.clock.now + HOUR

    assert estate.scan().snapshot.taken_at == began


def test_what_was_found_just_before_a_kill_is_posted_by_the_next_scan(
    estate: Estates, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Heard()
    estate.sky.resources = [resource("a"), resource("b")]

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(scanning, "post", killed)
        estate.clock.now += HOUR
        with pytest.raises(KeyboardInterrupt):
            scan_and_post(estate.scanner(), chat=chat, clock=estate.clock)
    for _ in range(2):
        estate.clock.now += HOUR
        scan_and_post(estate.scanner(), chat=chat, clock=estate.clock)

    assert [each.finding.resource_name for each in chat.cards] == ["b"]


def _on(name: str, check_id: str, risk: float) -> tuple[Finding, float]:
    found = card(name, check_id=check_id).finding
    return replace(found, control=check_id), risk


def test_what_is_told_first_is_on_different_resources(tmp_path: Path) -> None:
    """Several findings on one resource often have one cause; they must not fill the day's five."""
    clock = Clock()
    made = [
        _on("a", "PL-S3-001", 90),
        _on("a", "PL-S3-002", 80),
        _on("a", "PL-S3-003", 70),
        _on("b", "PL-S3-001", 60),
        _on("c", "PL-S3-004", 50),
    ]
    risks = {finding.uid: risk for finding, risk in made}
    estate = Estates(Sky(clock), clock, SqliteStore(tmp_path / "plumbline.db", clock=clock))
    estate.sky.resources = [resource("a"), resource("b"), resource("c")]
    estate.checks = {"policies": lambda _: iter([finding for finding, _ in made])}
    scanner = replace(
        estate.scanner(),
        assess=lambda found, _: tuple(
            replace(each, risk=risks[each.finding_uid])
            for each in _assess(found, Snapshot("", clock.now, ()))
        ),
    )

    first = scanning.scan(scanner)
    heard = Heard()
    later = replace(first, result=replace(first.result, is_baseline=False))
    scanning.post(later, store=estate.store, chat=heard)

    def named(uids: Sequence[str]) -> list[tuple[str, str]]:
        known = {each.uid: each for each, _ in made}
        return [(known[uid].resource_name, known[uid].check_id) for uid in uids]

    assert named(first.summary.top) == [
        ("a", "PL-S3-001"),
        ("c", "PL-S3-004"),
        ("a", "PL-S3-002"),
        ("a", "PL-S3-003"),
    ]
    assert named([each.finding.uid for each in heard.cards]) == [
        ("a", "PL-S3-001"),
        ("b", "PL-S3-001"),
        ("c", "PL-S3-004"),
        ("a", "PL-S3-002"),
        ("a", "PL-S3-003"),
    ]
    estate.store.close()
