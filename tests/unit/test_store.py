"""The embedded store: what is recorded stays; jobs, messages, the audit chain."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from app.store import SqliteStore, audit, codec
from core.errors import AuditError, NotFound
from core.ports import OutboxMessage
from core.types import DecisionKind, FixPlan, Verdict
from tests.store_world import HOUR, NOW, Clock, act, card, plan, resource, scanned, snapshot


def test_a_card_and_a_plan_come_back_equal(store: SqliteStore) -> None:
    original = card("logs")
    store.record_scan(snapshot(resource("logs")), [original])
    made = plan(original.finding.uid)
    store.save_plan(made)

    stored = store.card(original.finding.uid)

    assert stored.assessment == original.assessment
    assert replace(stored.finding, first_seen=None, last_seen=None) == original.finding
    assert stored.finding.first_seen == NOW
    assert codec.loads(FixPlan, codec.dumps(replace(made, changes=()))) == replace(made, changes=())
    assert store.plan(made.digest) == made


def test_cards_are_listed_riskiest_first(store: SqliteStore) -> None:
    store.record_scan(snapshot(), [card("a", risk=10), card("b", risk=90), card("c", risk=50)])

    names = [each.finding.resource_name for each in store.cards()]

    assert names == ["b", "c", "a"]


def test_an_unfinished_job_is_queued_once_and_reclaimed_after_its_lease(
    store: SqliteStore, clock: Clock
) -> None:
    first = store.enqueue("scan", "scan", {})
    assert store.enqueue("scan", "scan", {}) == first
    claimed = store.claim_job(lease_s=60)

    assert claimed is not None
    assert store.claim_job(lease_s=60) is None
    clock.now = NOW + timedelta(seconds=61)
    again = store.claim_job(lease_s=60)
    assert again is not None
    assert (again.uid, again.attempts) == (first, 2)


def test_a_delivery_is_new_only_once(store: SqliteStore) -> None:
    assert [store.first_delivery("Ev1") for _ in range(3)] == [True, False, False]


def test_messages_of_a_channel_leave_in_order_and_a_failed_one_waits(
    store: SqliteStore, clock: Clock
) -> None:
    for uid in ("m1", "m2"):
        store.queue_message(OutboxMessage(uid, "C1", "chat.postMessage", {}, 0, f"subject-{uid}"))
    first = store.next_message(lease_s=30)
    assert first is not None
    assert store.next_message(lease_s=30) is None

    store.message_failed("m1", error="ratelimited", retry_at=NOW + timedelta(seconds=5))
    assert store.next_message(lease_s=30) is None
    clock.now = NOW + timedelta(seconds=6)
    again = store.next_message(lease_s=30)
    assert again is not None
    store.message_sent(again.uid, ts="1.2")

    assert store.subject_of("C1", "1.2") == "subject-m1"
    second = store.next_message(lease_s=30)
    assert second is not None
    assert second.uid == "m2"


def test_a_changed_audit_record_is_noticed(store: SqliteStore) -> None:
    store.audit("one", "dana", {"n": 1})
    store.audit("two", "dana", {"n": 2})
    records = list(store.audit_records())
    assert audit.verify(records, anchors=[records[0].digest]) == 2

    forged = [replace(records[0], payload={"n": 9}), records[1]]
    with pytest.raises(AuditError, match="record 1"):
        audit.verify(forged)
    with pytest.raises(AuditError, match="removed or rewritten"):
        audit.verify(records[:1], anchors=[records[1].digest])


def test_an_ambiguous_or_unknown_finding_is_one_sentence(store: SqliteStore) -> None:
    store.record_scan(snapshot(), [card("a")])
    uid = card("a").finding.uid

    assert store.find_finding(uid[:6]) == uid
    with pytest.raises(NotFound, match="at least four"):
        store.find_finding("a%")
    with pytest.raises(NotFound, match="no finding"):
        store.find_finding("zzzz")


def test_a_lease_that_is_extended_is_not_taken_over(store: SqliteStore, clock: Clock) -> None:
    store.enqueue("scan", "a", {})
    job = store.claim_job(lease_s=60)
    assert job
    clock.now += timedelta(seconds=50)

    assert store.extend_job(job, lease_s=60)

    clock.now += timedelta(seconds=50)
    assert store.claim_job(lease_s=60) is None
    clock.now += timedelta(seconds=50)
    again = store.claim_job(lease_s=60)
    assert again
    assert not store.extend_job(job, lease_s=60)


def test_one_scan_runs_at_a_time_whoever_asked(store: SqliteStore) -> None:
    store.enqueue("scan", "scheduled", {})
    store.enqueue("scan", "C1", {"channel": "C1"})
    first = store.claim_job(lease_s=60)
    assert first

    assert store.claim_job(lease_s=60) is None

    store.finish_job(first.uid)
    assert store.claim_job(lease_s=60)


def test_an_old_export_does_not_take_back_a_newer_label(store: SqliteStore) -> None:
    scanned(store, "a")
    act(store, DecisionKind.FALSE_POSITIVE, now=NOW + HOUR)
    newer = store.labels()[0]

    store.add_labels([replace(newer, verdict=Verdict.APPROVE, labelled_at=NOW)])

    assert store.labels() == (newer,)


def test_the_audit_chain_holds_when_many_write_at_once(store: SqliteStore) -> None:
    def write(number: int) -> None:
        for _ in range(10):
            store.audit("note", f"U{number}", {"number": number})
        store.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert audit.verify(store.audit_records()) == 60


def test_listing_findings_takes_as_many_queries_for_many_as_for_a_few(store: SqliteStore) -> None:
    names = [f"b{number}" for number in range(300)]
    scanned(store, *names)
    asked: list[str] = []
    store._db.conn.set_trace_callback(asked.append)

    assert len(store.cards(limit=300)) == 300

    assert sum(said.startswith("SELECT") for said in asked) < 15
