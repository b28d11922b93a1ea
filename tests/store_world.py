"""What the store's tests share: made-up findings, snapshots and plans, and a clock."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.store import SqliteStore
from core.decide import decide
from core.identity import finding_uid
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
    FixPlan,
    Gap,
    Person,
    Proof,
    Resource,
    Severity,
    Snapshot,
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
