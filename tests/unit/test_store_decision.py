"""What people decided stays, whatever is read in between; and one fix at a time."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from app.store import SqliteStore
from core.decide import decide
from core.errors import AlreadyDecided, DecisionError, NotAllowed, StalePlan
from core.gate import Mode, Terms
from core.types import DecisionKind, Fix, FixState, Person, Status
from tests.store_world import (
    DANA,
    HOUR,
    NOW,
    OMAR,
    UID,
    Clock,
    act,
    allow,
    card,
    plan,
    resource,
    scanned,
    snapshot,
)


def test_of_two_people_approving_at_once_exactly_one_succeeds(store: SqliteStore) -> None:
    uid = card("a").finding.uid
    store.record_scan(snapshot(resource("a")), [card("a")])
    store.save_plan(plan(uid))
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def approve(person: Person) -> None:
        barrier.wait()
        try:
            decide(
                store,
                kind=DecisionKind.APPROVE_FIX,
                finding_uid=uid,
                person=person,
                now=NOW,
                permit=allow,
                plan_digest="d" * 64,
            )
            outcomes.append("approved")
        except AlreadyDecided:
            outcomes.append("refused")
        finally:
            store.close()

    threads = [threading.Thread(target=approve, args=(person,)) for person in (DANA, OMAR)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["approved", "refused"]
    assert len(store.decisions(uid)) == 1
    assert len(store.labels()) == 1


def test_a_stale_or_expired_plan_is_refused_and_changes_nothing(
    store: SqliteStore, clock: Clock
) -> None:
    uid = card("a").finding.uid
    store.record_scan(snapshot(resource("a")), [card("a")])
    store.save_plan(plan(uid, valid_h=1))
    head = store.audit_head()

    def approve(digest: str) -> None:
        decide(
            store,
            kind=DecisionKind.APPROVE_FIX,
            finding_uid=uid,
            person=DANA,
            now=clock.now,
            permit=allow,
            plan_digest=digest,
        )

    with pytest.raises(StalePlan, match="changed"):
        approve("e" * 64)
    clock.now = NOW + timedelta(hours=2)
    with pytest.raises(StalePlan, match="expired"):
        approve("d" * 64)
    assert store.decisions() == ()
    assert store.audit_head() == head


def test_a_person_who_may_not_decide_is_refused(store: SqliteStore) -> None:
    store.record_scan(snapshot(), [card("a")])

    with pytest.raises(NotAllowed, match="not you"):
        decide(
            store,
            kind=DecisionKind.FALSE_POSITIVE,
            finding_uid=card("a").finding.uid,
            person=OMAR,
            now=NOW,
            permit=lambda *_: "not you",
        )
    assert store.labels() == ()


def test_a_snooze_ends_by_itself(store: SqliteStore, clock: Clock) -> None:
    uid = card("a").finding.uid
    store.record_scan(snapshot(), [card("a")])
    decide(
        store,
        kind=DecisionKind.SNOOZE,
        finding_uid=uid,
        person=DANA,
        now=NOW,
        permit=allow,
        until=NOW + timedelta(days=3),
    )

    during = store.card(uid).finding.status
    clock.now = NOW + timedelta(days=4)
    after = store.card(uid).finding.status

    assert (during, after) == (Status.SNOOZED, Status.OPEN)
    assert store.labels() == ()


def test_a_false_positive_keeps_its_status_over_the_next_scan(store: SqliteStore) -> None:
    uid = card("a").finding.uid
    store.record_scan(snapshot(resource("a")), [card("a")])
    decide(
        store,
        kind=DecisionKind.FALSE_POSITIVE,
        finding_uid=uid,
        person=DANA,
        now=NOW,
        permit=allow,
    )

    store.record_scan(snapshot(resource("a"), at=NOW + timedelta(hours=1)), [card("a")])

    assert store.card(uid).finding.status is Status.SUPPRESSED
    assert store.labels()[0].features == {"exposure": 3.0}
    kinds = set()
    while job := store.claim_job(lease_s=60):
        kinds.add(job.kind)
        store.finish_job(job.uid)
    assert kinds == {"refresh", "retrain"}


def test_a_fix_state_is_kept_and_audited(store: SqliteStore) -> None:
    store.record_scan(snapshot(), [card("a")])
    uid = card("a").finding.uid
    store.save_fix(Fix("d" * 64, uid, FixState.PULL_REQUEST, NOW, commit="c" * 40))

    assert store.card(uid).fix == store.fix("d" * 64)
    assert [record.kind for record in store.audit_records()] == ["scan", "fix.pull_request"]


def test_not_mine_corrects_the_owner_for_later_scans_too(store: SqliteStore) -> None:
    uid = card("a").finding.uid
    store.record_scan(snapshot(resource("a")), [card("a")])
    decide(
        store,
        kind=DecisionKind.NOT_MINE,
        finding_uid=uid,
        person=OMAR,
        now=NOW,
        permit=allow,
        answers={"owner": "team-b"},
    )

    store.record_scan(snapshot(resource("a"), at=NOW + timedelta(hours=1)), [card("a")])

    assert store.card(uid).finding.owner == "team-b"
    assert store.card(uid).finding.status is Status.OPEN


def test_a_card_saved_from_an_older_copy_does_not_take_a_decision_back(store: SqliteStore) -> None:
    scanned(store, "a")
    older = store.card(UID)
    act(store, DecisionKind.FALSE_POSITIVE)

    store.save_card(older)

    assert store.card(UID).finding.status is Status.SUPPRESSED


def test_an_assessment_moves_the_risk_and_nothing_else(store: SqliteStore, clock: Clock) -> None:
    scanned(store, "a")
    assessed = store.card(UID).assessment
    assert assessed
    act(store, DecisionKind.ACCEPT_RISK, reason="known", until=NOW + HOUR)
    clock.now = NOW + HOUR / 2

    store.save_assessments([replace(assessed, risk=9.0)])

    stored = store.cards(statuses=["accepted"])[0]
    assert stored.assessment
    assert stored.assessment.risk == 9.0
    assert stored.finding.last_seen == NOW
    clock.now = NOW + HOUR
    assert store.card(UID).finding.status is Status.OPEN


def test_not_mine_leaves_the_end_of_a_snooze_and_a_recheck_leaves_the_owner(
    store: SqliteStore, clock: Clock
) -> None:
    scanned(store, "a")
    act(store, DecisionKind.SNOOZE, until=NOW + HOUR)
    act(store, DecisionKind.NOT_MINE, answers={"owner": "team-b"})
    store.save_card(card("a"))

    assert store.card(UID).finding.status is Status.SNOOZED
    assert store.card(UID).finding.owner == "team-b"
    clock.now = NOW + HOUR
    assert store.card(UID).finding.status is Status.OPEN


def test_the_end_of_a_snooze_has_its_message_drawn_again(store: SqliteStore, clock: Clock) -> None:
    scanned(store, "a")
    act(store, DecisionKind.SNOOZE, until=NOW + HOUR)
    while job := store.claim_job(lease_s=60):
        store.finish_job(job.uid)
    clock.now = NOW + HOUR

    assert store.expire() == 1

    job = store.claim_job(lease_s=60)
    assert job
    assert (job.kind, job.key) == ("refresh", UID)
    assert store.expire() == 0


def test_a_false_positive_that_went_away_is_one_still_when_it_comes_back(
    store: SqliteStore,
) -> None:
    scanned(store, "a")
    act(store, DecisionKind.FALSE_POSITIVE)
    store.record_scan(snapshot(resource("a"), at=NOW + HOUR), [])
    assert store.card(UID).finding.status is Status.FIXED

    result = store.record_scan(snapshot(resource("a"), at=NOW + 2 * HOUR), [card("a")])

    assert store.card(UID).finding.status is Status.SUPPRESSED
    assert result.reopened == ()


def test_an_accepted_risk_that_came_to_its_end_meanwhile_is_opened_again(
    store: SqliteStore, clock: Clock
) -> None:
    scanned(store, "a")
    act(store, DecisionKind.ACCEPT_RISK, reason="known", until=NOW + HOUR)
    store.record_scan(snapshot(resource("a"), at=NOW + HOUR / 2), [])
    clock.now = NOW + 2 * HOUR

    result = store.record_scan(snapshot(resource("a"), at=clock.now), [card("a")])

    assert store.card(UID).finding.status is Status.OPEN
    assert result.reopened == (UID,)


def test_while_a_fix_is_under_way_no_other_plan_is_approved(store: SqliteStore) -> None:
    scanned(store, "a")
    store.save_plan(plan(UID))
    act(store, DecisionKind.APPROVE_FIX, plan_digest="d" * 64)
    store.save_plan(plan(UID, digest="e" * 64))

    with pytest.raises(AlreadyDecided, match="before you"):
        act(store, DecisionKind.APPROVE_FIX, plan_digest="e" * 64)

    assert store.fix("e" * 64) is None


def test_a_fix_of_a_closed_finding_is_not_approved(store: SqliteStore) -> None:
    scanned(store, "a")
    store.save_plan(plan(UID))
    act(store, DecisionKind.FALSE_POSITIVE)

    with pytest.raises(AlreadyDecided, match="suppressed already"):
        act(store, DecisionKind.APPROVE_FIX, plan_digest="d" * 64)


def test_a_fix_is_taken_back_once(store: SqliteStore) -> None:
    scanned(store, "a")
    store.save_plan(plan(UID))
    store.save_fix(Fix("d" * 64, UID, FixState.VERIFIED, NOW))
    act(store, DecisionKind.REVERT_FIX, plan_digest="d" * 64)

    with pytest.raises(AlreadyDecided, match="reverting"):
        act(store, DecisionKind.REVERT_FIX, plan_digest="d" * 64)
    with pytest.raises(DecisionError, match="no fix"):
        act(store, DecisionKind.REVERT_FIX, plan_digest="e" * 64)


# ── quorum ────────────────────────────────────────────────────────────────────


def _two(store: SqliteStore, **terms: object) -> None:
    scanned(store, "a")
    store.save_plan(replace(plan(UID), terms=Terms(approvals=2, valid_h=4, **terms)))  # type: ignore[arg-type] # fields of the terms


def _approve(store: SqliteStore, person: Person, *, hours: float = 0) -> None:
    decide(
        store,
        kind=DecisionKind.APPROVE_FIX,
        finding_uid=UID,
        person=person,
        now=NOW + hours * HOUR,
        permit=allow,
        plan_digest="d" * 64,
    )


def _executions(store: SqliteStore) -> int:
    query = "SELECT count(*) AS n FROM jobs WHERE kind = 'execute'"
    return int(next(store._db.query(query))["n"])


def test_the_last_needed_approval_starts_the_fix(store: SqliteStore) -> None:
    _two(store)
    _approve(store, DANA)
    assert store.fix("d" * 64) is None
    assert _executions(store) == 0
    _approve(store, OMAR)
    fix = store.fix("d" * 64)
    assert fix is not None
    assert fix.state is FixState.APPROVED
    assert _executions(store) == 1


def test_one_person_is_one_approval_however_often_they_click(store: SqliteStore) -> None:
    _two(store)
    _approve(store, DANA)
    with pytest.raises(AlreadyDecided, match="somebody else has to agree"):
        _approve(store, DANA, hours=1)
    assert _executions(store) == 0


def test_an_approval_that_has_ended_does_not_make_up_the_number(store: SqliteStore) -> None:
    _two(store)
    _approve(store, DANA)
    _approve(store, OMAR, hours=4)
    assert store.fix("d" * 64) is None
    _approve(store, DANA, hours=5)
    assert _executions(store) == 1


def test_a_rejection_starts_the_count_again(store: SqliteStore) -> None:
    _two(store)
    _approve(store, DANA)
    act(store, DecisionKind.REJECT_FIX, NOW + HOUR, reason="not now", plan_digest="d" * 64)
    _approve(store, OMAR, hours=2)
    assert _executions(store) == 0


def test_the_owner_may_be_shut_out_of_the_approval(store: SqliteStore) -> None:
    _two(store, owner_approves=False, gates=("production",))
    act(store, DecisionKind.NOT_MINE, answers={"owner": "dana@example.com"})
    with pytest.raises(NotAllowed, match="somebody else than the finding's owner"):
        _approve(store, DANA)
    _approve(store, OMAR)


def test_nobody_can_approve_what_a_gate_only_suggests(store: SqliteStore) -> None:
    _two(store, mode=Mode.SUGGEST, gates=("legacy",))
    with pytest.raises(NotAllowed, match="Gate legacy only suggests"):
        _approve(store, DANA)


def test_of_three_people_at_once_two_are_enough_and_the_fix_starts_once(store: SqliteStore) -> None:
    _two(store)
    people = (DANA, OMAR, Person("T1", "UKIM", name="Kim"))
    refused: list[str] = []
    barrier = threading.Barrier(len(people))

    def click(person: Person) -> None:
        barrier.wait()
        try:
            _approve(store, person)
        except AlreadyDecided:
            refused.append(person.user)
        finally:
            store.close()

    threads = [threading.Thread(target=click, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert _executions(store) == 1
    assert len(store.decisions(UID)) == 2
