"""AWS Security Finding Format, as BatchImportFindings takes it.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.types import Card, Severity, Status

_LABEL = {Severity.INFO: "INFORMATIONAL"}
_WORKFLOW = {Status.OPEN: "NEW", Status.UNKNOWN: "NEW", Status.FIXED: "RESOLVED"}
_TYPE = {
    "AWS::ApiGateway::RestApi": "AwsApiGatewayRestApi",
    "AWS::ApiGateway::Stage": "AwsApiGatewayStage",
    "AWS::ApiGatewayV2::Api": "AwsApiGatewayV2Api",
    "AWS::ApiGatewayV2::Stage": "AwsApiGatewayV2Stage",
    "AWS::AppSync::GraphQLApi": "AwsAppSyncGraphQlApi",
    "AWS::CloudFront::Distribution": "AwsCloudFrontDistribution",
    "AWS::CloudTrail::Trail": "AwsCloudTrailTrail",
    "AWS::CloudWatch::Alarm": "AwsCloudWatchAlarm",
    "AWS::DynamoDB::Table": "AwsDynamoDbTable",
    "AWS::EC2::SecurityGroup": "AwsEc2SecurityGroup",
    "AWS::EC2::Subnet": "AwsEc2Subnet",
    "AWS::EC2::VPC": "AwsEc2Vpc",
    "AWS::ECR::Repository": "AwsEcrRepository",
    "AWS::Events::EventBus": "AwsEventsEventbus",
    "AWS::IAM::ManagedPolicy": "AwsIamPolicy",
    "AWS::IAM::Role": "AwsIamRole",
    "AWS::IAM::User": "AwsIamUser",
    "AWS::KMS::Key": "AwsKmsKey",
    "AWS::Kinesis::Stream": "AwsKinesisStream",
    "AWS::Lambda::Function": "AwsLambdaFunction",
    "AWS::Lambda::LayerVersion": "AwsLambdaLayerVersion",
    "AWS::S3::Bucket": "AwsS3Bucket",
    "AWS::SNS::Topic": "AwsSnsTopic",
    "AWS::SQS::Queue": "AwsSqsQueue",
    "AWS::SecretsManager::Secret": "AwsSecretsManagerSecret",
    "AWS::StepFunctions::StateMachine": "AwsStepFunctionStateMachine",
}
"""ASFF's own names; any other type is "Other".

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html
"""
_GLOBAL_REGION = {"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where Security Hub reports what has no region; us-east-1 in the standard partition."""
_COMPLIANCE = {Status.FIXED: "PASSED", Status.UNKNOWN: "NOT_AVAILABLE"}


def document(cards: Sequence[Card], *, at: datetime) -> dict[str, Any]:
    """Return `{"Findings": [...]}`; Security Hub takes at most 100 of them a call."""
    return {"Findings": [_finding(card, at) for card in cards]}


def _finding(card: Card, at: datetime) -> dict[str, Any]:
    found = card.finding
    product = f"{found.account}/default"
    region = found.region or _GLOBAL_REGION.get(found.partition, "us-east-1")
    resource = {
        "Type": _TYPE.get(found.resource_type, "Other"),
        "Id": found.resource_uid,
        "Partition": found.partition,
        "Region": region,
    }
    fields = {
        "plumbline/risk": f"{card.assessment.risk:.2f}" if card.assessment else "",
        "plumbline/owner": found.owner or "",
    }
    return {
        "SchemaVersion": "2018-10-08",
        "Id": found.uid,
        "ProductArn": (
            f"arn:{found.partition}:securityhub:{region}:{found.account}:product/{product}"
        ),
        "GeneratorId": found.check_id,
        "AwsAccountId": found.account,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        "FirstObservedAt": _text(found.first_seen or at),
        "CreatedAt": _text(found.first_seen or at),
        "UpdatedAt": _text(found.last_seen or at),
        "Severity": {"Label": _LABEL.get(found.severity, found.severity.value.upper())},
        "Title": found.title[:256],
        "Description": (found.evidence.message or found.title)[:1024],
        "Remediation": {"Recommendation": {"Text": found.remediation[:512] or found.title[:512]}},
        "Resources": [resource],
        "Compliance": {
            "Status": _COMPLIANCE.get(found.status, "FAILED"),
            "RelatedRequirements": [
                f"{name} {each}"[:64] for name, ids in found.compliance.items() for each in ids
            ][:32],
        },
        "Workflow": {"Status": _WORKFLOW.get(found.status, "SUPPRESSED")},
        "RecordState": "ACTIVE" if found.status is not Status.FIXED else "ARCHIVED",
        "ProductFields": {name: value for name, value in fields.items() if value},
    }


def _text(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
