"""What the planner's tests share: a shop's template, its finding, and a planner over a forge."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core import identity
from core.ports import Forge
from core.types import Estate, Evidence, Finding, FixPlan, Link, Person, Resource, Severity
from remediation import GitPlanner, Review
from remediation.lint import Lint
from remediation.proof import Evaluate, Linter
from templates import edit

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
DANA = Person(team="T1", user="U1", enterprise="E1", name="Dana")
PATH = "stacks/shop.yaml"


TEMPLATE = b"""\
# The shop. Do not reorder.
Resources:
  Uploads:  # customers' files
    Type: AWS::S3::Bucket
    Properties:
      BucketName: 'shop-uploads'

  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Environment: {Variables: {DB_PASSWORD: hunter2hunter2}}

  Other:
    Type: AWS::SQS::Queue
Outputs:
  Uploads: {Value: !Ref Uploads}
"""


def finding_of(resource: Resource, check_id: str = "PL-S3-001", **facts: object) -> Finding:
    finding = Finding(
        uid=identity.finding_uid(check_id, resource.uid),
        check_id=check_id,
        control="s3-encryption",
        title="Buckets declare server-side encryption",
        severity=Severity.HIGH,
        resource_uid=resource.uid,
        resource_type=resource.type,
        resource_name=resource.name,
        evidence=Evidence("it has none"),
        source=resource.source,
    )
    return replace(finding, **facts)  # type: ignore[arg-type]


def unencrypted(resources: Sequence[Resource]) -> tuple[Finding, ...]:
    """Stand in for the policies: buckets without encryption."""
    return tuple(
        finding_of(r)
        for r in resources
        if r.type == "AWS::S3::Bucket" and "BucketEncryption" not in r.properties
    )


def clean(_before: bytes, _after: bytes) -> Lint:
    return Lint()


def planner_for(
    forge: Forge,
    *,
    evaluate: Evaluate = unencrypted,
    lint: Linter = clean,
    review: Callable[[FixPlan], Review] = lambda _plan: Review(),
) -> GitPlanner:
    return GitPlanner(
        {"shop": forge},
        evaluate=evaluate,
        estate=Estate(),
        clock=lambda: NOW,
        secret_key=KEY,
        lint=lint,
        policy_commit=lambda _check: "abc1234",
        review=review,
    )


LIVE = Resource(
    uid="arn:aws:s3:::shop-uploads",
    type="AWS::S3::Bucket",
    name="shop-uploads",
    properties={},
    account="111122223333",
    region="eu-west-1",
)


LINK = Link(LIVE.uid, "shop", PATH, "Uploads", "stack tags")


def planned(forge: Forge, data: bytes = TEMPLATE) -> tuple[FixPlan, bytes]:
    plan = planner_for(forge).plan(finding_of(LIVE), LINK)
    return plan, edit.apply(data, plan.changes[0].edits)
