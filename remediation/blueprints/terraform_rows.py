"""Fixes in Terraform that set attributes of the block itself, as rows."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined, FactMissing
from remediation.blueprint import in_terraform
from remediation.blueprints.api import BURST_LIMIT, RATE_LIMIT_PER_S
from remediation.blueprints.identity import PASSWORD_LENGTH
from remediation.blueprints.lambda_function import RESERVED_CONCURRENCY
from remediation.companion import LOG_RETENTION_DAYS
from remediation.terraform import Path, TerraformTarget
from remediation.terraform_setting import Rows, state

_THROTTLED: Mapping[Path, Any] = {
    ("default_route_settings", "throttling_rate_limit"): RATE_LIMIT_PER_S,
    ("default_route_settings", "throttling_burst_limit"): BURST_LIMIT,
}
_ROWS: Mapping[str, Rows] = {
    "PL-APIGATEWAY-001": {"aws_api_gateway_method": {("authorization",): "AWS_IAM"}},
    "PL-APIGATEWAY-003": {"aws_api_gateway_stage": {("xray_tracing_enabled",): True}},
    "PL-APIGATEWAY-007": {"aws_apigatewayv2_route": {("authorization_type",): "AWS_IAM"}},
    "PL-APIGATEWAY-009": {"aws_apigatewayv2_stage": _THROTTLED},
    "PL-APIGATEWAY-010": {
        "aws_api_gateway_domain_name": {("security_policy",): "TLS_1_2"},
        "aws_apigatewayv2_domain_name": {
            ("domain_name_configuration", "security_policy"): "TLS_1_2"
        },
    },
    "PL-CLOUDTRAIL-001": {
        "aws_cloudtrail": {
            ("is_multi_region_trail",): True,
            ("include_global_service_events",): True,
        }
    },
    "PL-CLOUDTRAIL-002": {"aws_cloudtrail": {("enable_log_file_validation",): True}},
    "PL-COGNITO-001": {
        "aws_cognito_user_pool": {
            ("mfa_configuration",): "OPTIONAL",
            ("software_token_mfa_configuration", "enabled"): True,
        }
    },
    "PL-COGNITO-003": {
        "aws_cognito_user_pool": {
            ("user_pool_tier",): "PLUS",
            ("user_pool_add_ons", "advanced_security_mode"): "ENFORCED",
        }
    },
    "PL-DYNAMODB-001": {"aws_dynamodb_table": {("point_in_time_recovery", "enabled"): True}},
    "PL-DYNAMODB-003": {"aws_dynamodb_table": {("deletion_protection_enabled",): True}},
    "PL-ECR-001": {"aws_ecr_repository": {("image_scanning_configuration", "scan_on_push"): True}},
    "PL-ECR-002": {"aws_ecr_repository": {("image_tag_mutability",): "IMMUTABLE"}},
    "PL-KINESIS-001": {
        "aws_kinesis_stream": {
            ("encryption_type",): "KMS",
            ("kms_key_id",): "alias/aws/kinesis",
        }
    },
    "PL-LAMBDA-003": {"aws_lambda_function_url": {("authorization_type",): "AWS_IAM"}},
    "PL-LAMBDA-011": {
        "aws_lambda_function": {("reserved_concurrent_executions",): RESERVED_CONCURRENCY}
    },
    "PL-LAMBDA-018": {
        "aws_lambda_event_source_mapping": {
            ("function_response_types",): ["ReportBatchItemFailures"]
        }
    },
    "PL-LOGS-001": {"aws_cloudwatch_log_group": {("retention_in_days",): LOG_RETENTION_DAYS}},
}


for _check, _rows in _ROWS.items():
    state(_check, _rows)


@in_terraform("PL-SQS-001")
def queue_encryption(target: TerraformTarget) -> None:
    """SQS's own keys cost nothing and need no permission of senders or readers."""
    target.set(("sqs_managed_sse_enabled",), True)


@in_terraform("PL-KMS-001")
def key_rotation(target: TerraformTarget) -> None:
    """Only symmetric keys whose material AWS makes can rotate; old data stays readable."""
    spec = target.get("customer_master_key_spec") or "SYMMETRIC_DEFAULT"
    if target.type != "aws_kms_key" or spec != "SYMMETRIC_DEFAULT":
        raise Declined("KMS cannot rotate an asymmetric or imported key; replace it by hand")
    target.set(("enable_key_rotation",), True)


@in_terraform("PL-COGNITO-002")
def pool_passwords(target: TerraformTarget) -> None:
    """What the pool already demands is kept where it is stronger."""
    length = target.get("password_policy", "minimum_length")
    if not isinstance(length, int) or length < PASSWORD_LENGTH:
        target.set(("password_policy", "minimum_length"), PASSWORD_LENGTH)
    for kind in ("lowercase", "uppercase", "numbers", "symbols"):
        if target.get("password_policy", f"require_{kind}") is not True:
            target.set(("password_policy", f"require_{kind}"), True)


@in_terraform("PL-CLOUDFRONT-001")
def viewer_https(target: TerraformTarget) -> None:
    """Every behaviour that still takes plain HTTP is changed, none else."""
    behaviours: list[Path] = [("default_cache_behavior",)]
    behaviours += [
        ("ordered_cache_behavior", n) for n in range(target.count("ordered_cache_behavior"))
    ]
    for path in behaviours:
        present = target.get(*path, "viewer_protocol_policy")
        if present not in {"https-only", "redirect-to-https"}:
            target.set((*path, "viewer_protocol_policy"), "redirect-to-https")


@in_terraform("PL-CLOUDFRONT-002")
def viewer_tls(target: TerraformTarget) -> None:
    """CloudFront fixes the version for its own certificate: only a custom one can ask for more."""
    names = ("acm_certificate_arn", "iam_certificate_id")
    if not any(target.get("viewer_certificate", name) for name in names):
        raise FactMissing(
            "The distribution uses CloudFront's own certificate, which admits TLS 1.0: give it a "
            "domain and a certificate of its own first"
        )
    target.set(("viewer_certificate", "minimum_protocol_version"), "TLSv1.2_2021")


@in_terraform("PL-LAMBDA-002")
def owner_tag(target: TerraformTarget) -> None:
    """The owner is written only where it is known; nobody's name is guessed."""
    owner = target.finding.owner
    if not owner:
        raise FactMissing("Who owns the function is not known: say so with a tag, or set its team")
    key = target.estate.owner_tags[0]
    if target.source("tags"):
        raise Declined(f"Add the tag {key} to the map of tags by hand")
    target.set(("tags",), {key: owner})
