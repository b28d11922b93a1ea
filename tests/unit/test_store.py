"""The embedded store: what is recorded stays, and read-then-write is one transaction."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.store import SqliteStore, audit, codec
from app.store.library import Database
from app.store.schema import migrations
from core.decide import decide
from core.errors import AlreadyDecided, AuditError, DecisionError, NotAllowed, NotFound, StalePlan
from core.identity import finding_uid
from core.ports import OutboxMessage, Retention
from core.types import (
    Assessment,
    Basis,
    Card,
    Contribution,
    CostImpact,
    Coverage,
    DecisionKind,
    Edit,
    Evidence,
    Explanation,
    FileChange,
    Finding,
    Fix,
    FixPlan,
    FixState,
    Gap,
    Person,
    Proof,
    Resource,
    Severity,
    Snapshot,
    Status,
    Verdict,
)

IRELAND = Coverage("111122223333", ("eu-west-1",))
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DANA = Person(team="T1", user="UDANA", name="Dana")
OMAR = Person(team="T1", user="UOMAR", name="Omar")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def allow(_person: Person, _kind: DecisionKind, _card: Card) -> str:
    return ""


def resource(name: str, **properties: object) -> Resource:
    arn = f"arn:aws:s3:::{name}"
    return Resource(uid=arn, type="AWS::S3::Bucket", name=name, properties=properties)


def card(name: str, *, risk: float = 50.0, check_id: str = "PL-S3-001") -> Card:
    bucket = resource(name)
    finding = Finding(
        uid=finding_uid(check_id, bucket.uid),
        check_id=check_id,
        control="s3-encryption",
        title="Buckets are encrypted",
        severity=Severity.HIGH,
        resource_uid=bucket.uid,
        resource_type=bucket.type,
        resource_name=name,
        evidence=Evidence("BucketEncryption is not set", {"BucketEncryption": None}),
        owner="team-a",
        account="111122223333",
        region="eu-west-1",
    )
    explanation = Explanation(0.4, -0.6, (Contribution("exposure", 3.0, 1.0),))
    cost = CostImpact(Decimal("4.10"), Decimal(0), Basis.MEASURED)
    assessed = Assessment(
        finding.uid, risk, None, explanation, cost, "prior-1", features={"exposure": 3.0}
    )
    return Card(finding=finding, assessment=assessed)


def snapshot(*resources: Resource, at: datetime = NOW, gaps: tuple[Gap, ...] = ()) -> Snapshot:
    return Snapshot(at.isoformat(), at, resources, gaps, coverage=(IRELAND,))


def plan(finding: str, *, digest: str = "d" * 64, valid_h: float = 8) -> FixPlan:
    change = FileChange("template.yaml", "a" * 64, "b" * 64, (Edit(0, 1, b"x"),))
    return FixPlan(
        digest=digest,
        finding_uid=finding,
        check_id="PL-S3-001",
        repository="infra",
        base_branch="main",
        base_commit="c" * 40,
        changes=(change,),
        diff="-a\n+b\n",
        summary="encrypt",
        proofs=(Proof("finding gone", held=True),),
        created_at=NOW,
        valid_until=NOW + timedelta(hours=valid_h),
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    yield opened
    opened.close()


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


def test_cards_are_listed_riskiest_first(store: SqliteStore) -> None:
    store.record_scan(snapshot(), [card("a", risk=10), card("b", risk=90), card("c", risk=50)])

    names = [each.finding.resource_name for each in store.cards()]

    assert names == ["b", "c", "a"]


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


# ── what people decided stays, whatever is read in between ────────────────────


def scanned(
    store: SqliteStore, *names: str, at: datetime = NOW, gaps: tuple[Gap, ...] = ()
) -> None:
    store.record_scan(
        snapshot(*(resource(name) for name in names), at=at, gaps=gaps),
        [card(name) for name in names],
    )


def act(store: SqliteStore, kind: DecisionKind, now: datetime = NOW, **facts: object) -> None:
    decide(
        store,
        kind=kind,
        finding_uid=card("a").finding.uid,
        person=DANA,
        now=now,
        permit=allow,
        **facts,  # type: ignore[arg-type]
    )


UID = card("a").finding.uid
HOUR = timedelta(hours=1)


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


def test_a_finding_that_is_decided_at_last_is_new(store: SqliteStore) -> None:
    unknown = replace(card("a"), finding=replace(card("a").finding, status=Status.UNKNOWN))
    store.record_scan(snapshot(resource("a")), [unknown])

    result = store.record_scan(snapshot(resource("a"), at=NOW + HOUR), [card("a")])

    assert result.new == (UID,)


# ── what was not looked at is not closed ──────────────────────────────────────


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


# ── one fix at a time ─────────────────────────────────────────────────────────


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
    store.save_fix(Fix("d" * 64, UID, FixState.VERIFIED, NOW))
    act(store, DecisionKind.REVERT_FIX, plan_digest="d" * 64)

    with pytest.raises(AlreadyDecided, match="reverting"):
        act(store, DecisionKind.REVERT_FIX, plan_digest="d" * 64)
    with pytest.raises(DecisionError, match="no fix"):
        act(store, DecisionKind.REVERT_FIX, plan_digest="e" * 64)


# ── jobs, labels, audit ───────────────────────────────────────────────────────


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


# ── what served its purpose is deleted ────────────────────────────────────────

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
