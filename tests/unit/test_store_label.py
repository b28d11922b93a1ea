"""Labels in the store: each is learned with what its finding looked like when it was judged."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.store import SqliteStore
from core.types import Assessment, Card, Label, LabelOrigin, Status, Verdict
from tests.store_world import NOW, UID, card, resource, snapshot

DAY = timedelta(days=1)


def seen(name: str = "a", **features: float) -> Card:
    found = card(name)
    assert found.assessment is not None
    return replace(found, assessment=replace(found.assessment, features=features))


def scan(store: SqliteStore, at: datetime, *cards: Card) -> None:
    store.record_scan(snapshot(resource("a"), at=at), cards)


def label(at: datetime, **changes: object) -> Label:
    usual = Label(
        uid="label-1",
        finding_uid=UID,
        check_id="",
        resource_uid="",
        verdict=Verdict.FALSE_POSITIVE,
        person="dana",
        labelled_at=at,
        origin=LabelOrigin.IMPORTED,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # keywords of any field


def kept(store: SqliteStore) -> int:
    return int(store._db["feature_versions"].count)


@pytest.mark.parametrize(
    ("days", "exposure"), [(-30, 1.0), (0, 1.0), (0.9, 1.0), (1, 2.0), (1.9, 2.0), (40, 3.0)]
)
def test_a_label_is_joined_to_what_the_last_scan_before_it_saw(
    store: SqliteStore, days: float, exposure: float
) -> None:
    for number, value in enumerate((1.0, 2.0, 3.0)):
        scan(store, NOW + number * DAY, seen(exposure=value))

    store.add_labels([label(NOW + days * DAY)])

    [joined] = store.labels()
    assert joined.features == {"exposure": exposure}
    assert (joined.check_id, joined.resource_uid) == ("PL-S3-001", "arn:aws:s3:::a")


def test_a_label_waits_for_the_first_scan_that_sees_its_finding(store: SqliteStore) -> None:
    store.add_labels([label(NOW)])
    scan(store, NOW + DAY, seen("b", exposure=1.0))
    waiting = store.labels()[0].features

    scan(store, NOW + 2 * DAY, seen(exposure=2.0))
    scan(store, NOW + 3 * DAY, seen(exposure=3.0))

    assert waiting == {}
    assert store.labels()[0].features == {"exposure": 2.0}


def test_a_label_that_came_with_its_features_keeps_them(store: SqliteStore) -> None:
    scan(store, NOW, seen(exposure=1.0))

    store.add_labels([label(NOW, features={"exposure": 9.0}, resource_uid="elsewhere")])

    [as_given] = store.labels()
    assert (as_given.features, as_given.resource_uid) == ({"exposure": 9.0}, "elsewhere")


def test_scores_given_again_later_change_nothing_for_an_earlier_label(store: SqliteStore) -> None:
    scan(store, NOW, seen(exposure=1.0, judged_real=0.5))
    store.add_labels([label(NOW + DAY)])
    rescored = seen(exposure=1.0, judged_real=0.9).assessment
    assert isinstance(rescored, Assessment)

    store.save_assessments([rescored])

    assert store.labels()[0].features["judged_real"] == 0.5


def test_a_recheck_counts_as_seeing(store: SqliteStore) -> None:
    scan(store, NOW - DAY, seen(exposure=1.0))

    store.save_card(seen(exposure=3.0))

    store.add_labels([label(NOW)])
    assert store.labels()[0].features == {"exposure": 3.0}


def test_a_recheck_that_finds_it_gone_is_not_what_a_label_was_about(store: SqliteStore) -> None:
    scan(store, NOW - DAY, seen(exposure=1.0))
    gone = seen(exposure=3.0)

    store.save_card(replace(gone, finding=replace(gone.finding, status=Status.FIXED)))

    assert kept(store) == 1


def test_what_did_not_change_is_kept_once(store: SqliteStore) -> None:
    for hour in range(24):
        age = 400 + hour / 24
        scan(store, NOW + timedelta(hours=hour), seen(exposure=3.0, age_days=age))
    scan(store, NOW + DAY, seen(exposure=2.0, age_days=401))
    scan(store, NOW + 2 * DAY, seen(exposure=2.0))

    assert kept(store) == 3


def test_small_steps_add_up_to_a_change(store: SqliteStore) -> None:
    for day in range(100):
        scan(store, NOW + day * DAY, seen(age_days=400.0 + day))

    store.add_labels([label(NOW + 80 * DAY)])

    assert store.labels()[0].features["age_days"] == pytest.approx(480, rel=0.01)
    assert 15 < kept(store) < 30


def test_an_older_snapshot_that_comes_late_changes_nothing(store: SqliteStore) -> None:
    scan(store, NOW, seen(exposure=2.0))
    scan(store, NOW - DAY, seen(exposure=1.0))

    assert kept(store) == 1


def test_the_same_labels_again_change_nothing(store: SqliteStore) -> None:
    given = [label(NOW), label(NOW, uid="label-2", person="omar")]
    assert store.add_labels(given) == 2
    head, stored = store.audit_head(), store.labels()

    assert store.add_labels(given) == 0

    assert (store.audit_head(), store.labels()) == (head, stored)


def test_an_import_corrects_an_import_but_not_what_was_said_in_slack(store: SqliteStore) -> None:
    in_slack = label(NOW, origin=LabelOrigin.PERSON, features={"exposure": 1.0})
    store.add_labels([in_slack, label(NOW, uid="label-2")])

    other = Verdict.ACCEPTED_RISK
    store.add_labels([label(NOW, verdict=other), label(NOW, uid="label-2", verdict=other)])

    assert [each.verdict for each in store.labels()] == [Verdict.FALSE_POSITIVE, other]


def test_findings_stored_by_an_earlier_version_can_be_joined(tmp_path: Path) -> None:
    path = tmp_path / "plumbline.db"
    before = SqliteStore(path, clock=lambda: NOW)
    scan(before, NOW, seen(exposure=1.0))
    before._db.execute("DROP TABLE feature_versions")
    before._db.execute("DELETE FROM _sqlite_migrations WHERE name = 'm003_features_as_they_were'")
    before.close()

    after = SqliteStore(path, clock=lambda: NOW)
    after.add_labels([label(NOW + DAY)])

    assert after.labels()[0].features == {"exposure": 1.0}
    assert json.loads(next(after._db.query("SELECT features FROM feature_versions"))["features"])
    after.close()
