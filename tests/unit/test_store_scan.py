"""What a scan records: what is new, what is fixed, and what was not looked at."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.store import SqliteStore
from app.store.library import Database
from app.store.schema import migrations
from core.types import Coverage, Gap, Resource, Snapshot, Status, unknown
from tests.store_world import HOUR, NOW, UID, Clock, card, resource, scanned, snapshot


def test_the_first_scan_is_a_baseline_and_the_second_tells_new_from_fixed(
    store: SqliteStore,
) -> None:
    first = store.record_scan(snapshot(resource("a"), resource("b")), [card("a"), card("b")])
    later = NOW + timedelta(hours=1)
    second = store.record_scan(
        snapshot(resource("b"), resource("c"), at=later), [card("b"), card("c")]
    )

    assert first.is_baseline
    assert not second.is_baseline
    assert second.new == (card("c").finding.uid,)
    assert second.fixed == (card("a").finding.uid,)
    assert store.card(card("a").finding.uid).finding.status is Status.FIXED


def test_a_gap_over_the_type_keeps_a_finding_open(store: SqliteStore) -> None:
    store.record_scan(snapshot(resource("a")), [card("a")])
    gap = Gap("s3:ListAllMyBuckets", "denied", "no", "111122223333", "", "", "AWS::S3::Bucket")

    result = store.record_scan(snapshot(at=NOW + timedelta(hours=1), gaps=(gap,)), [])

    assert result.fixed == ()
    assert store.card(card("a").finding.uid).finding.status is Status.OPEN


def test_a_policy_that_could_not_run_keeps_its_findings_open(store: SqliteStore) -> None:
    store.record_scan(snapshot(resource("a")), [card("a")])
    gap = Gap("PL-S3-001", "timeout", "stopped after 10 s")

    result = store.record_scan(
        snapshot(resource("a"), at=NOW + timedelta(hours=1), gaps=(gap,)), []
    )

    assert result.fixed == ()


def test_a_snapshot_can_be_read_as_it_was(store: SqliteStore) -> None:
    store.record_scan(snapshot(resource("a", Versioning=False)), [])
    store.record_scan(snapshot(resource("a", Versioning=True), at=NOW + timedelta(hours=1)), [])

    then = store.snapshot_at(NOW + timedelta(minutes=30))
    latest = store.latest_snapshot()

    assert then is not None
    assert latest is not None
    assert then.resources[0].properties == {"Versioning": False}
    assert latest.resources[0].properties == {"Versioning": True}


def test_a_finding_that_is_decided_at_last_is_new(store: SqliteStore) -> None:
    unknown = replace(card("a"), finding=replace(card("a").finding, status=Status.UNKNOWN))
    store.record_scan(snapshot(resource("a")), [unknown])

    result = store.record_scan(snapshot(resource("a"), at=NOW + HOUR), [card("a")])

    assert result.new == (UID,)


@pytest.mark.parametrize(
    "gap",
    [
        Gap("policies", "failed", "The check crashed", resource_type="*"),
        Gap("PL-S3-001", "timeout", "was stopped"),
        Gap("s3:ListBuckets", "denied", "denied", "111122223333", "", "", "AWS::S3::Bucket"),
        Gap("s3:GetBucketEncryption", "denied", "denied", resource_uid="arn:aws:s3:::a"),
    ],
    ids=lambda gap: gap.scope,
)
def test_a_gap_that_may_hide_a_finding_keeps_it_open(store: SqliteStore, gap: Gap) -> None:
    scanned(store, "a")

    result = store.record_scan(snapshot(resource("a"), at=NOW + HOUR, gaps=(gap,)), [])

    assert result.fixed == ()


@pytest.mark.parametrize(
    "gap",
    [
        Gap("PL-ANOMALY-003", "unsupported", "too few", resource_type="AWS::S3::Bucket"),
        Gap("PL-S3-001", "timeout", "was stopped", resource_uid="arn:aws:s3:::other"),
        Gap("s3:ListBuckets", "denied", "denied", "222222222222", "", "", "AWS::S3::Bucket"),
    ],
    ids=lambda gap: gap.scope,
)
def test_a_gap_elsewhere_lets_a_finding_be_closed(store: SqliteStore, gap: Gap) -> None:
    scanned(store, "a")

    result = store.record_scan(snapshot(resource("a"), at=NOW + HOUR, gaps=(gap,)), [])

    assert result.fixed == (UID,)


def test_a_scan_of_one_region_closes_nothing_in_another(store: SqliteStore) -> None:
    def placed(name: str, region: str) -> Resource:
        return replace(resource(name), account="111122223333", region=region)

    here, there = placed("a", "eu-west-1"), placed("b", "us-east-1")
    both, virginia = ("eu-west-1", "us-east-1"), ("us-east-1",)
    store.record_scan(covering(both, snapshot(here, there)), [card("a")])

    result = store.record_scan(covering(virginia, snapshot(there, at=NOW + HOUR)), [])

    assert result.fixed == ()
    latest = store.latest_snapshot()
    assert latest
    assert latest.resources == (here, there)
    assert latest.coverage == (Coverage("111122223333", virginia),)


def covering(regions: tuple[str, ...], taken: Snapshot, account: str = "111122223333") -> Snapshot:
    return replace(taken, coverage=(Coverage(account, regions),))


@pytest.mark.parametrize(
    ("account", "regions", "closed"),
    [
        ("111122223333", ("eu-west-1", "us-east-1"), True),
        ("111122223333", ("us-east-1",), False),
        ("444455556666", ("eu-west-1",), False),
    ],
)
def test_what_stood_alone_in_a_region_is_closed_where_the_region_was_read(
    store: SqliteStore, account: str, regions: tuple[str, ...], closed: bool
) -> None:
    alone = replace(resource("a"), account="111122223333", region="eu-west-1")
    store.record_scan(snapshot(alone), [card("a")])

    result = store.record_scan(covering(regions, snapshot(at=NOW + HOUR), account), [])

    assert result.fixed == ((UID,) if closed else ())
    latest = store.latest_snapshot()
    assert latest
    assert latest.resources == (() if closed else (alone,))


def test_what_belongs_to_no_region_is_closed_by_a_scan_of_its_account(store: SqliteStore) -> None:
    globally = replace(resource("a"), account="111122223333")
    finding = replace(card("a").finding, region="")
    store.record_scan(snapshot(globally), [replace(card("a"), finding=finding)])

    result = store.record_scan(covering(("us-east-1",), snapshot(at=NOW + HOUR)), [])

    assert result.fixed == (UID,)


def test_a_list_that_failed_keeps_what_hangs_on_its_members(store: SqliteStore) -> None:
    bucket = replace(resource("a"), account="111122223333", region="eu-west-1")
    kind = "AWS::S3::BucketPolicy"
    policy = replace(bucket, uid=f"{bucket.uid}|{kind}|policy", type=kind)
    finding = replace(card("a").finding, resource_uid=policy.uid, resource_type=kind)
    store.record_scan(snapshot(bucket, policy), [replace(card("a"), finding=finding)])
    failed = Gap("s3:ListBuckets", "denied", "no", "111122223333", "eu-west-1", "", bucket.type)

    result = store.record_scan(snapshot(at=NOW + HOUR, gaps=(failed,)), [])

    assert result.fixed == ()
    assert store.record_scan(snapshot(at=NOW + 2 * HOUR), []).fixed == (UID,)


def test_a_store_made_before_scans_said_where_they_looked_is_opened(tmp_path: Path) -> None:
    old = Database(tmp_path / "old.db")
    migrations.apply(old, stop_before="m004_where_a_scan_looked")
    old.execute("INSERT INTO scans VALUES ('s', ?, '[]', '{}')", [NOW.isoformat()])
    old.conn.commit()
    old.close()

    opened = SqliteStore(tmp_path / "old.db", clock=lambda: NOW)

    latest = opened.latest_snapshot()
    assert latest
    assert latest.coverage == ()
    opened.close()


def test_a_scan_that_began_before_a_recheck_does_not_undo_it(
    store: SqliteStore, clock: Clock
) -> None:
    scanned(store, "a")
    clock.now = NOW + 2 * HOUR
    store.save_card(replace(card("a"), finding=replace(card("a").finding, status=Status.FIXED)))

    result = store.record_scan(snapshot(resource("a"), at=NOW + HOUR), [card("a")])

    assert store.card(UID).finding.status is Status.FIXED
    assert result.reopened == ()


def test_a_scan_that_began_before_the_last_one_recorded_ends_nothing(store: SqliteStore) -> None:
    scanned(store, "a", "b", at=NOW + HOUR)

    result = store.record_scan(snapshot(resource("a"), at=NOW), [card("a")])

    assert result.fixed == ()
    latest = store.latest_snapshot()
    assert latest
    assert [each.name for each in latest.resources] == ["a", "b"]


def test_a_card_counts_what_is_open_on_its_resource_and_its_parts(store: SqliteStore) -> None:
    whole, other = card("a"), card("b")
    part = replace(
        card("c"),
        finding=replace(card("c").finding, resource_uid=f"{whole.finding.resource_uid}|Part|x"),
    )
    hygiene = replace(card("d"), finding=replace(part.finding, uid="d" * 24, hygiene=True))

    store.record_scan(snapshot(resource("a"), resource("b")), [whole, other, part, hygiene])

    assert store.card(whole.finding.uid).open_on_resource == 2
    assert store.card(part.finding.uid).open_on_resource == 2
    assert store.card(other.finding.uid).open_on_resource == 1


def _changes(store: SqliteStore, *, days: float = 30) -> tuple[timedelta, ...]:
    seen = store.changes(since=NOW, until=NOW + timedelta(days=days)).seen
    return tuple(at - NOW for at in seen.get("arn:aws:s3:::a", ()))


def test_versions_that_differ_in_properties_or_tags_are_changes(store: SqliteStore) -> None:
    first = resource("a", Versioning=False)
    tagged = replace(first, tags={"owner": "dana"})
    for hours, each in enumerate((first, first, tagged, tagged, resource("a", Versioning=True))):
        store.record_scan(snapshot(each, at=NOW + timedelta(hours=hours)), [])

    assert _changes(store) == (timedelta(hours=2), timedelta(hours=4))
    assert _changes(store, days=0.1) == (timedelta(hours=2),)
    assert store.changes(since=NOW, until=NOW).watched == {"arn:aws:s3:::a": NOW}


def test_what_is_first_seen_did_not_change(store: SqliteStore) -> None:
    store.record_scan(snapshot(resource("b"), at=NOW), [])
    store.record_scan(snapshot(resource("a"), resource("b"), at=NOW + HOUR), [])

    assert _changes(store) == ()


def test_the_change_before_the_time_is_compared_with_and_not_counted(store: SqliteStore) -> None:
    store.record_scan(snapshot(resource("a", Versioning=False), at=NOW - HOUR), [])
    store.record_scan(snapshot(resource("a", Versioning=True), at=NOW), [])
    store.record_scan(snapshot(resource("a", Versioning=False), at=NOW + HOUR), [])

    assert _changes(store) == (HOUR,)


def test_what_could_be_read_less_is_no_change(store: SqliteStore) -> None:
    store.record_scan(snapshot(resource("a", Versioning=True)), [])
    dark = resource("a", Versioning=unknown("denied"))
    store.record_scan(snapshot(dark, at=NOW + HOUR), [])
    moved = replace(resource("a", Versioning=True), changed_at=NOW)
    store.record_scan(snapshot(moved, at=NOW + 2 * HOUR), [])

    assert _changes(store) == ()
