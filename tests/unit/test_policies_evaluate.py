"""What becomes of a violation: findings, undecided findings, owners, locations."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.identity import finding_uid
from core.types import Estate, Finding, Gap, Resource, SourceSpan, Status, unknown
from policies import evaluate, load

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SET = load()
BUCKET = Resource(
    uid="arn:aws:s3:::reports",
    type="AWS::S3::Bucket",
    name="reports",
    properties={"BucketName": "reports"},
    account="111122223333",
    region="eu-west-1",
    tags={"Team": "orders"},
    aliases=("reports", "arn:aws:s3:::reports"),
)


def _findings(
    resources: Sequence[Resource], check_id: str, estate: Estate | None = None
) -> list[Finding]:
    said = evaluate(SET, resources, estate=estate or Estate(), now=NOW)
    return [f for f in said if isinstance(f, Finding) and f.check_id == check_id]


def test_a_finding_carries_everything_its_reader_needs() -> None:
    [finding] = _findings([BUCKET], "PL-S3-001")

    policy = SET.by_id["PL-S3-001"]
    assert finding.uid == finding_uid("PL-S3-001", BUCKET.uid)
    assert finding.evidence.message == "Bucket reports declares no server-side encryption"
    assert finding.evidence.locations == ("BucketEncryption",)
    assert finding.owner == "orders"
    assert (finding.control, finding.title, finding.severity) == (
        policy.control,
        policy.title,
        policy.severity,
    )
    assert set(policy.references) <= set(finding.references)  # its Guard twin adds its own
    assert finding.compliance == policy.compliance
    assert finding.remediation == policy.remediation
    assert finding.policy_commit == SET.commit
    assert (finding.account, finding.region) == ("111122223333", "eu-west-1")
    assert (finding.status, finding.confidence) == (Status.OPEN, 1.0)


def test_a_declared_resource_points_at_its_source() -> None:
    span = SourceSpan("template.yaml", 12, 20, "Reports")
    declared = Resource("r//template.yaml//Reports", "AWS::S3::Bucket", "Reports", {}, source=span)

    [finding] = _findings([declared], "PL-S3-001")

    assert finding.source == span


def test_several_places_of_one_resource_are_one_finding_with_all_locations() -> None:
    variables = {
        "DB_PASSWORD": "secret:named_secret:00",
        "API_TOKEN": "secret:named_secret:11",
        "LEVEL": "secret:plain:22",
    }
    function = Resource(
        "arn:f", "AWS::Lambda::Function", "f", {"Environment": {"Variables": variables}}
    )

    [finding] = _findings([function], "PL-LAMBDA-006")

    assert set(finding.evidence.locations) == {
        "Environment.Variables.DB_PASSWORD",
        "Environment.Variables.API_TOKEN",
    }
    assert len(finding.evidence.facts["places"]) == 2


def test_what_is_not_known_is_undecided_and_says_why() -> None:
    bucket = Resource(
        "arn:aws:s3:::b", "AWS::S3::Bucket", "b", {"BucketEncryption": unknown("denied")}
    )

    [finding] = _findings([bucket], "PL-S3-001")

    assert finding.status is Status.UNKNOWN
    assert finding.confidence < 1
    assert "denied" in finding.evidence.message


def test_a_dependent_resource_that_could_not_be_listed_leaves_checks_undecided() -> None:
    function = Resource(
        "arn:f",
        "AWS::Lambda::Function",
        "f",
        {"DeadLetterConfig": {"TargetArn": "arn:q"}},
        unreadable={"AWS::Lambda::EventInvokeConfig": "denied"},
    )

    [finding] = _findings([function], "PL-LAMBDA-010")

    assert finding.status is Status.UNKNOWN


def test_an_unknown_value_that_cannot_matter_leaves_nothing_undecided() -> None:
    sends = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": unknown("imported")}
    role = Resource(
        "arn:r",
        "AWS::IAM::Role",
        "r",
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [sends]}}]},
    )
    everything = {"Statement": [{**sends, "Action": "*"}]}
    wide = Resource(
        "arn:w",
        "AWS::IAM::Role",
        "w",
        {"Policies": [{"PolicyName": "p", "PolicyDocument": everything}]},
    )

    assert [f.resource_name for f in _findings([role, wide], "PL-IAM-001")] == ["w"]
    assert _findings([wide], "PL-IAM-001")[0].status is Status.UNKNOWN


def test_related_resources_decide_together() -> None:
    denies = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    policy = Resource(
        f"{BUCKET.uid}|AWS::S3::BucketPolicy|policy",
        "AWS::S3::BucketPolicy",
        "reports",
        {
            "Bucket": "reports",
            "PolicyDocument": {
                "Statement": [{**denies, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]
            },
        },
        account="111122223333",
        region="eu-west-1",
    )

    assert _findings([BUCKET], "PL-S3-006")
    assert not _findings([BUCKET, policy], "PL-S3-006")


def test_a_part_without_tags_belongs_to_the_owner_of_the_whole() -> None:
    admits = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    policy = Resource(
        f"{BUCKET.uid}|AWS::S3::BucketPolicy|policy",
        "AWS::S3::BucketPolicy",
        "reports",
        {"Bucket": "reports", "PolicyDocument": {"Statement": [admits]}},
        account="111122223333",
        region="eu-west-1",
    )

    [finding] = _findings([BUCKET, policy], "PL-S3-003")

    assert finding.owner == "orders"


def test_the_tag_prefix_is_a_setting() -> None:
    function = Resource("arn:f", "AWS::Lambda::Function", "f", {}, tags={"acme/vpc-bypass": "yes"})

    assert _findings([function], "PL-LAMBDA-001")
    assert not _findings([function], "PL-LAMBDA-001", Estate(tag_prefix="acme/"))


def test_a_policy_that_fails_on_a_resource_is_a_gap_naming_both(tmp_path: Path) -> None:
    (tmp_path / "types.rego").write_text(
        'package acme.types\n\ndeny contains "a" if startswith(input.resource.Properties.N, "a")\n',
        encoding="utf-8",
    )
    broken = Resource("arn:q", "AWS::SQS::Queue", "q", {"N": 3})

    said = list(evaluate(load([tmp_path]), [broken], estate=Estate(), now=NOW))

    [gap] = [item for item in said if isinstance(item, Gap)]
    assert (gap.scope, gap.resource_uid, gap.reason) == ("ACME-TYPES", "arn:q", "failed")
    assert "types.rego:3" in gap.detail
    assert any(isinstance(item, Finding) for item in said)


def test_rego_v0_messages_become_findings(tmp_path: Path) -> None:
    (tmp_path / "old.rego").write_text(
        'package main\n\ndeny[msg] {\n  input.resource.Type == "AWS::SQS::Queue"\n'
        '  msg := sprintf("queue %s", [input.resource.Name])\n}\n',
        encoding="utf-8",
    )
    queue = Resource("arn:q", "AWS::SQS::Queue", "q", {})

    said = evaluate(load([tmp_path]), [queue, BUCKET], estate=Estate(), now=NOW)
    found = [f for f in said if isinstance(f, Finding) and f.check_id == "MAIN"]

    assert [f.evidence.message for f in found] == ["queue q"]


def test_types_without_a_policy_are_passed_over() -> None:
    assert not list(
        evaluate(SET, [Resource("a", "AWS::Nothing::Here", "a", {})], estate=Estate(), now=NOW)
    )


def test_of_a_resource_declared_elsewhere_only_what_is_said_here_is_judged() -> None:
    there = unknown("the resource itself is not declared here")
    part = replace(
        BUCKET,
        properties={"VersioningConfiguration": there, "AccessControl": there},
        source=SourceSpan("main.tf", 1, 2, "aws_s3_bucket_acl.a"),
        partial=True,
    )
    whole = replace(part, partial=False)
    says_so = replace(part, properties={**part.properties, "AccessControl": "PublicRead"})

    assert [f.status for f in _findings([whole], "PL-S3-004")] == [Status.UNKNOWN]
    assert _findings([part], "PL-S3-004") == []
    assert [f.status for f in _findings([says_so], "PL-S3-007")] == [Status.OPEN]


def test_a_finding_in_a_part_points_at_the_part() -> None:
    whole = SourceSpan("main.tf", 1, 3, "aws_s3_bucket.b")
    part = SourceSpan("main.tf", 5, 8, "aws_s3_bucket_acl.a")
    properties = {"AccessControl": "PublicRead"}
    bucket = replace(BUCKET, properties=properties, source=whole, places={"AccessControl": part})

    assert [f.source for f in _findings([bucket], "PL-S3-007")] == [part]
    assert [f.source for f in _findings([bucket], "PL-S3-004")] == [whole]
