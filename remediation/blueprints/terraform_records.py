"""Buckets, networks, trails and firewalls in Terraform: who did what, written down and kept."""

import re
from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from remediation import terraform_companion as companion
from remediation.blueprint import in_terraform
from remediation.blueprints.bucket_more import UPLOAD_DAYS
from remediation.blueprints.terraform_storage import bucket_acl, public_access_block
from remediation.companion import LOG_RETENTION_DAYS, deny_plain_http
from remediation.permission import allow, policy_document
from remediation.terraform import TerraformTarget
from templates.terraform.writer import Code, Inner, Json

_BUCKET = "aws_s3_bucket"
_NAMED = re.compile(r"(aws_s3_bucket\.[\w-]+(?:\[[^\]]*\])?)\.(?:id|bucket)\Z")
_PREFIX_LENGTH = 37  # of 63 characters, Terraform's own ending takes 26
_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"


@in_terraform("PL-S3-005")
def bucket_access_log(target: TerraformTarget) -> None:
    """S3 delivers with a service principal, which the new bucket's policy admits."""
    _require_bucket(target)
    if target.get("acl") == "log-delivery-write":
        raise Declined(
            "The bucket keeps the logs of others: logging it into a third would only move the "
            "question; record its data events in CloudTrail"
        )
    logs = _log_bucket(target)
    parts = {
        "bucket": Code(f"{target.ref}.id"),
        "target_bucket": Code(f"{logs}.id"),
        "target_prefix": "",
    }
    target.companion("aws_s3_bucket_logging", parts)


def _log_bucket(target: TerraformTarget) -> str:
    """Add a bucket that S3 may deliver access logs to; return how to refer to it.

    S3 delivers logs only to buckets with its own keys. Source: S3 user guide, "Enabling server
    access logging".
    """
    owner = companion.account(target)
    plain = re.sub(r"[^a-z0-9]+", "-", target.name.lower()).strip("-") or "access"
    prefix = f"{plain[: _PREFIX_LENGTH - len('-logs-')]}-logs-"
    logs = target.companion(_BUCKET, {"bucket_prefix": prefix}, suffix="logs")
    own = {"bucket": Code(f"{logs}.id")}
    default = Inner({"sse_algorithm": "AES256"})
    settings: Mapping[str, Mapping[str, Any]] = {
        _ENCRYPTION: {"rule": Inner({"apply_server_side_encryption_by_default": default})},
        "aws_s3_bucket_public_access_block": dict.fromkeys(
            (
                "block_public_acls",
                "block_public_policy",
                "ignore_public_acls",
                "restrict_public_buckets",
            ),
            True,
        ),
        "aws_s3_bucket_versioning": {"versioning_configuration": Inner({"status": "Enabled"})},
        _LIFECYCLE: {"rule": Inner(_expire())},
        "aws_s3_bucket_policy": {"policy": Json(policy_document(_deliver(target, logs, owner)))},
    }
    for kind, parts in settings.items():
        target.companion(kind, {**own, **parts}, suffix="logs")
    return logs


def _expire() -> dict[str, Any]:
    """Return the rule that deletes logs, old versions and parts of uploads when their time is up."""
    return {
        "id": "expire-logs",
        "status": "Enabled",
        "filter": Inner({}),
        "expiration": Inner({"days": LOG_RETENTION_DAYS}),
        "noncurrent_version_expiration": Inner({"noncurrent_days": 1}),
        "abort_incomplete_multipart_upload": Inner({"days_after_initiation": UPLOAD_DAYS}),
    }


def _deliver(target: TerraformTarget, logs: str, owner: Code) -> list[dict[str, Any]]:
    everything = companion.text(f"${{{logs}.arn}}/*")
    deliver = {
        "Sid": "DeliverAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": everything,
        "Condition": {
            "ArnLike": {"aws:SourceArn": Code(f"{target.ref}.arn")},
            "StringEquals": {"aws:SourceAccount": owner},
        },
    }
    return [deliver, deny_plain_http("s3:*", [Code(f"{logs}.arn"), everything])]


@in_terraform("PL-S3-017")
def bucket_key(target: TerraformTarget) -> None:
    """Only rules that name KMS have a bucket key."""
    part = target.part(_ENCRYPTION)
    if part is not None:
        target.set(("rule", "bucket_key_enabled"), True, at=part)
    else:
        path = ("server_side_encryption_configuration", "rule", "bucket_key_enabled")
        target.set(path, True)


@in_terraform("PL-S3-023", "PL-S3-024")
def abort_uploads(target: TerraformTarget) -> None:
    """How long objects are kept only their owner knows; parts of failed uploads serve nobody."""
    _require_bucket(target)
    name = "abort-incomplete-uploads"
    part = target.part(_LIFECYCLE)
    if part is None and target.count("lifecycle_rule"):
        old = {
            "id": name,
            "enabled": True,
            "abort_incomplete_multipart_upload_days": UPLOAD_DAYS,
        }
        target.add_nested(target.spot, "lifecycle_rule", old)
        return
    rule = {
        "id": name,
        "status": "Enabled",
        "filter": Inner({}),
        "abort_incomplete_multipart_upload": Inner({"days_after_initiation": UPLOAD_DAYS}),
    }
    if part is not None:
        target.add_nested(part, "rule", rule)
    else:
        target.companion(_LIFECYCLE, {"bucket": Code(f"{target.ref}.id"), "rule": Inner(rule)})


def _require_bucket(target: TerraformTarget) -> None:
    if target.type != _BUCKET:
        raise Declined("The bucket itself is declared elsewhere: change it there")


@in_terraform("PL-S3-033")
def policy_tls_only(target: TerraformTarget) -> None:
    """The statement is of the bucket that the policy is for, in this module or not."""
    if target.type == _BUCKET:
        arn = f"{target.ref}.arn"
    elif named := _NAMED.match(target.source("bucket")):
        arn = f"{named[1]}.arn"
    else:
        raise Declined("Which bucket the policy is for cannot be read from the module")
    statement = deny_plain_http("s3:*", [Code(arn), companion.text(f"${{{arn}}}/*")])
    companion.add_statement(target, target.spot, statement)


@in_terraform("PL-VPC-007")
def flow_logs(target: TerraformTarget) -> None:
    """Flow logs are delivered with a role of their own. Source: VPC guide."""
    group = companion.log_group(target, "/aws/vpc")
    statements = [
        allow(
            ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            companion.text(f"${{{group}.arn}}:*"),
        ),
        allow(["logs:DescribeLogGroups"], "*"),
    ]
    role = companion.logging_role(target, "vpc-flow-logs", statements)
    parts = {
        "vpc_id": Code(f"{target.ref}.id"),
        "traffic_type": "ALL",
        "log_destination": Code(f"{group}.arn"),
        "iam_role_arn": Code(f"{role}.arn"),
    }
    target.companion("aws_flow_log", parts)


@in_terraform("PL-CLOUDTRAIL-006")
def trail_log_group(target: TerraformTarget) -> None:
    """CloudTrail writes with a role of its own, and wants the group's streams in its ARN."""
    group = companion.log_group(target, "/aws/cloudtrail")
    streams = companion.text(f"${{{group}.arn}}:*")
    statement = allow(["logs:CreateLogStream", "logs:PutLogEvents"], streams)
    role = companion.logging_role(target, "cloudtrail", [statement], waits=True)
    target.set(("cloud_watch_logs_group_arn",), streams)
    target.set(("cloud_watch_logs_role_arn",), Code(f"{role}.arn"))


@in_terraform("PL-CLOUDTRAIL-009")
def trail_bucket_block(target: TerraformTarget) -> None:
    """The bucket is the one to change."""
    public_access_block(_bucket_of(target))


@in_terraform("PL-CLOUDTRAIL-012")
def trail_bucket_acl(target: TerraformTarget) -> None:
    """The bucket is the one to change."""
    bucket_acl(_bucket_of(target))


def _bucket_of(target: TerraformTarget) -> TerraformTarget:
    return target.other("AWS::S3::Bucket", target.resource.properties.get("S3BucketName"))


@in_terraform("PL-WAF-003")
def web_acl_logs(target: TerraformTarget) -> None:
    """WAF takes only groups whose name begins with aws-waf-logs-."""
    group = companion.log_group(target, "aws-waf-logs", join="-")
    parts = {
        "resource_arn": Code(f"{target.ref}.arn"),
        "log_destination_configs": [Code(f"{group}.arn")],
    }
    target.companion("aws_wafv2_web_acl_logging_configuration", parts)


@in_terraform("PL-EFS-003")
def file_system_backup(target: TerraformTarget) -> None:
    """Terraform keeps the backup policy in a block apart."""
    part = target.part("aws_efs_backup_policy")
    if part is not None:
        target.set(("backup_policy", "status"), "ENABLED", at=part)
        return
    policy = Inner({"status": "ENABLED"})
    parts = {"file_system_id": Code(f"{target.ref}.id"), "backup_policy": policy}
    target.companion("aws_efs_backup_policy", parts)
