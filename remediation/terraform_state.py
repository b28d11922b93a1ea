"""Read Terraform state: addresses and ids only. Everything else in it may be a secret."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import UnreadableTemplate

# Terraform types whose id, rather than an ARN, is what AWS calls the resource.
# Source: "id" under "Attribute Reference" of each resource, AWS provider 6 documentation.
TYPES: Mapping[str, tuple[str, ...]] = {
    "aws_api_gateway_rest_api": ("AWS::ApiGateway::RestApi",),
    "aws_apigatewayv2_api": ("AWS::ApiGatewayV2::Api",),
    "aws_cloudfront_distribution": ("AWS::CloudFront::Distribution",),
    "aws_cloudwatch_event_rule": ("AWS::Events::Rule",),
    "aws_cloudwatch_log_group": ("AWS::Logs::LogGroup",),
    "aws_cognito_user_pool": ("AWS::Cognito::UserPool",),
    "aws_dynamodb_table": ("AWS::DynamoDB::Table",),
    "aws_ecr_repository": ("AWS::ECR::Repository",),
    "aws_iam_role": ("AWS::IAM::Role",),
    "aws_iam_user": ("AWS::IAM::User",),
    "aws_kms_key": ("AWS::KMS::Key",),
    "aws_lambda_event_source_mapping": ("AWS::Lambda::EventSourceMapping",),
    "aws_lambda_function": ("AWS::Lambda::Function",),
    "aws_s3_bucket": ("AWS::S3::Bucket",),
    "aws_security_group": ("AWS::EC2::SecurityGroup",),
    "aws_sqs_queue": ("AWS::SQS::Queue",),
    "aws_ssm_parameter": ("AWS::SSM::Parameter",),
    "aws_subnet": ("AWS::EC2::Subnet",),
    "aws_vpc": ("AWS::EC2::VPC",),
}


@dataclass(frozen=True, slots=True)
class StateResource:
    """One instance in a state: its full address, its id and ARN, and the types its id may mean."""

    address: str
    id: str
    arn: str
    types: tuple[str, ...]


def read_state(data: bytes) -> tuple[StateResource, ...]:
    """Return the managed resources of a state file of version 4. Raises: UnreadableTemplate."""
    try:
        raw = json.loads(data)
    except ValueError as error:
        raise UnreadableTemplate("The Terraform state is not valid JSON") from error
    if not isinstance(raw, dict) or raw.get("version") != 4:
        raise UnreadableTemplate("Only Terraform states of version 4 (Terraform 0.12 on) are read")
    return tuple(_instances(raw.get("resources")))


def _instances(resources: Any) -> Iterator[StateResource]:
    for block in resources if isinstance(resources, list) else []:
        if not isinstance(block, dict) or block.get("mode") != "managed":
            continue
        kind = str(block.get("type", ""))
        base = f"{kind}.{block.get('name', '')}"
        base = f"{block['module']}.{base}" if block.get("module") else base
        for instance in block.get("instances") or []:
            attributes = instance.get("attributes") or {}
            yield StateResource(
                address=base + _index(instance.get("index_key")),
                id=_text(attributes.get("id")),
                arn=_text(attributes.get("arn")),
                types=TYPES.get(kind, ()),
            )


def _index(key: Any) -> str:
    if key is None:
        return ""
    return f"[{json.dumps(key)}]"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
