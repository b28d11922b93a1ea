"""What served its purpose is deleted, and nothing else."""

from datetime import timedelta

from app.store import SqliteStore
from core.ports import OutboxMessage, Retention
from core.types import DecisionKind
from tests.store_world import NOW, UID, Clock, act, scanned

DAY = timedelta(days=1)
KEPT = Retention(deliveries=7 * DAY, messages=30 * DAY, jobs=30 * DAY)


def message(uid: str, subject: str = "") -> OutboxMessage:
    return OutboxMessage(uid, "C1", "chat.postMessage", {"text": uid}, 0, subject)


def uids(store: SqliteStore, table: str) -> set[str]:
    return {row["uid"] for row in store._db[table].rows}


def test_a_delivery_is_forgotten_after_its_time_and_no_sooner(
    store: SqliteStore, clock: Clock
) -> None:
    store.first_delivery("old")
    clock.now += 6 * DAY
    store.first_delivery("new")
    assert store.prune(KEPT, most=100) == 0

    clock.now += 2 * DAY

    assert store.prune(KEPT, most=100) == 1
    assert not store.first_delivery("new")
    assert store.first_delivery("old")


def test_a_sent_message_is_deleted_and_where_it_stands_is_not(
    store: SqliteStore, clock: Clock
) -> None:
    for uid, subject in (("sent", "finding"), ("failed", ""), ("sending", ""), ("queued", "")):
        store.queue_message(message(uid, subject))
    store.message_sent("sent", ts="1.2")
    store.message_failed("failed", error="no", retry_at=None)
    assert store.next_message(lease_s=60)
    clock.now += 31 * DAY

    assert store.prune(KEPT, most=100) == 2

    assert uids(store, "outbox") == {"sending", "queued"}
    assert store.message_ref("finding") is not None
    again = store.next_message(lease_s=60)
    assert again
    assert again.body == {"text": "sending"}


def test_a_finished_job_is_deleted_and_one_to_be_done_is_not(
    store: SqliteStore, clock: Clock
) -> None:
    for kind in ("done", "failed", "running"):
        uid = store.enqueue(kind, kind, {})
        assert store.claim_job(lease_s=60)
        if kind != "running":
            store.finish_job(uid, error="no" if kind == "failed" else "")
    later = store.enqueue("queued", "queued", {}, run_at=NOW + 90 * DAY)
    recent = store.enqueue("recent", "recent", {}, run_at=NOW + 20 * DAY)
    clock.now += 20 * DAY
    store.finish_job(recent)
    clock.now += 11 * DAY

    assert store.prune(KEPT, most=100) == 2

    kinds = {row["kind"] for row in store._db.query("SELECT kind FROM jobs")}
    assert kinds == {"running", "queued", "recent"}
    assert later in uids(store, "jobs")


def test_old_rows_go_in_small_batches(store: SqliteStore, clock: Clock) -> None:
    for number in range(5):
        store.first_delivery(str(number))
        store.queue_message(message(str(number)))
        store.message_sent(str(number), ts="1.2")
    clock.now += 31 * DAY

    assert [store.prune(KEPT, most=2) for _ in range(4)] == [4, 4, 2, 0]


def test_decisions_labels_and_the_audit_chain_are_never_pruned(
    store: SqliteStore, clock: Clock
) -> None:
    scanned(store, "a")
    act(store, DecisionKind.FALSE_POSITIVE)
    before = (store.decisions(), store.labels(), tuple(store.audit_records()), store.card(UID))
    clock.now += 3650 * DAY

    store.prune(KEPT, most=100)

    after = (store.decisions(), store.labels(), tuple(store.audit_records()), store.card(UID))
    assert after == before
