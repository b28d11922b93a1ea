"""Buckets, tables and keys in Terraform, whose provider keeps a bucket's settings in blocks apart."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from remediation import terraform_companion as companion
from remediation.blueprint import in_terraform
from remediation.companion import deny_plain_http
from remediation.permission import policy_document
from remediation.terraform import TerraformTarget
from templates.terraform.writer import Code, Inner, Json

_BUCKET = "aws_s3_bucket"


def _only_buckets(target: TerraformTarget) -> None:
    if target.type != _BUCKET:
        raise Declined("The bucket itself is declared elsewhere: change it there")


def _bucket(target: TerraformTarget) -> dict[str, Any]:
    return {"bucket": Code(f"{target.ref}.id")}


@in_terraform("PL-S3-001")
def bucket_encryption(target: TerraformTarget) -> None:
    """S3's own keys cost nothing and need no permission of readers."""
    _only_buckets(target)
    kind = "aws_s3_bucket_server_side_encryption_configuration"
    part = target.part(kind)
    default = ("rule", "apply_server_side_encryption_by_default")
    if part is not None:
        target.set((*default, "sse_algorithm"), "AES256", at=part)
        return
    rule = Inner({default[1]: Inner({"sse_algorithm": "AES256"})})
    target.companion(kind, {**_bucket(target), "rule": rule})


@in_terraform("PL-S3-002")
def public_access_block(target: TerraformTarget) -> None:
    """A bucket declared as a website is public on purpose: that is for a person to decide."""
    _only_buckets(target)
    properties = target.resource.properties
    if properties.get("WebsiteConfiguration") is not None:
        raise Declined(
            "The bucket is declared as a website. If it is public on purpose accept the risk with "
            "that reason; otherwise serve it through CloudFront first"
        )
    if _admits_everyone(target):
        raise Declined(
            "The bucket's policy admits everyone: S3 refuses such a policy once public access is "
            "blocked. Decide about the policy first"
        )
    if str(properties.get("AccessControl") or "").startswith("Public"):
        bucket_acl(target)
        target.notes.append("The bucket's public ACL becomes private: S3 refuses it once blocked")
    kind = "aws_s3_bucket_public_access_block"
    settings = {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    }
    part = target.part(kind)
    if part is None:
        target.companion(kind, {**_bucket(target), **settings})
        return
    for name, value in settings.items():
        target.set((name,), value, at=part)


def _admits_everyone(target: TerraformTarget) -> bool:
    aliases = {*target.resource.aliases}
    for other in target.draft.reading.resources:
        if other.type != "AWS::S3::BucketPolicy" or other.properties.get("Bucket") not in aliases:
            continue
        document = other.properties.get("PolicyDocument")
        statements = document.get("Statement") if isinstance(document, Mapping) else None
        for statement in statements if isinstance(statements, list) else []:
            principal = statement.get("Principal")
            named = principal.get("AWS") if isinstance(principal, Mapping) else principal
            if (
                named in ("*", ["*"])
                and statement.get("Effect") == "Allow"
                and "Condition" not in statement
            ):
                return True
    return False


@in_terraform("PL-S3-004")
def versioning(target: TerraformTarget) -> None:
    """Versioning can be suspended later, never removed."""
    _only_buckets(target)
    part = target.part("aws_s3_bucket_versioning")
    if part is not None:
        target.set(("versioning_configuration", "status"), "Enabled", at=part)
    elif target.count("versioning"):
        target.set(("versioning", "enabled"), True)
    else:
        status = Inner({"status": "Enabled"})
        parts = {**_bucket(target), "versioning_configuration": status}
        target.companion("aws_s3_bucket_versioning", parts)


@in_terraform("PL-S3-006")
def bucket_tls_only(target: TerraformTarget) -> None:
    """A bucket has one policy: extend the one that is declared, else declare one."""
    _only_buckets(target)
    arn = f"{target.ref}.arn"
    resources = [Code(arn), companion.text(f"${{{arn}}}/*")]
    owner = target.belonging("AWS::S3::BucketPolicy", "Bucket")
    if owner is not None:
        statement = deny_plain_http("s3:*", resources)
        companion.add_statement(target, owner, statement)
        return
    policy = Json(policy_document([deny_plain_http("s3:*", resources)]))
    target.companion("aws_s3_bucket_policy", {**_bucket(target), "policy": policy})


@in_terraform("PL-S3-007")
def bucket_acl(target: TerraformTarget) -> None:
    """Private is also what a bucket without an ACL has."""
    _only_buckets(target)
    part = target.part("aws_s3_bucket_acl")
    target.set(("acl",), "private", at=part)


@in_terraform("PL-DYNAMODB-002")
def table_key(target: TerraformTarget) -> None:
    """Everybody in the account who may use the table may use the key through DynamoDB."""
    statements = [companion.through(target, "dynamodb")]
    key = companion.key(target, f"Encrypts the table {target.name}", statements=statements)
    if target.count("server_side_encryption"):
        target.set(("server_side_encryption", "enabled"), True)
        target.set(("server_side_encryption", "kms_key_arn"), Code(f"{key}.arn"))
    else:
        parts = {"enabled": True, "kms_key_arn": Code(f"{key}.arn")}
        target.set(("server_side_encryption",), Inner(parts))


@in_terraform("PL-SECRETS-002")
def secret_key(target: TerraformTarget) -> None:
    """Everybody in the account who may read the secret may use the key through Secrets Manager."""
    statements = [companion.through(target, "secretsmanager")]
    key = companion.key(target, f"Encrypts the secret {target.name}", statements=statements)
    target.set(("kms_key_id",), Code(f"{key}.arn"))


@in_terraform("PL-LOGS-002")
def log_key(target: TerraformTarget) -> None:
    """CloudWatch Logs uses the key itself, for log groups of this account only."""
    region = f"{target.data('aws_region')}.name"
    owner = f"{target.data('aws_caller_identity')}.account_id"
    use = {
        "Effect": "Allow",
        "Principal": {"Service": companion.text(f"logs.${{{region}}}.amazonaws.com")},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
        ],
        "Resource": "*",
        "Condition": {
            "ArnLike": {
                "kms:EncryptionContext:aws:logs:arn": companion.text(f"arn:*:logs:*:${{{owner}}}:*")
            }
        },
    }
    key = companion.key(target, f"Encrypts the log group {target.name}", statements=[use])
    target.set(("kms_key_id",), Code(f"{key}.arn"))


@in_terraform("PL-CLOUDTRAIL-003")
def trail_key(target: TerraformTarget) -> None:
    """CloudTrail uses the key itself, for trails of this account only."""
    owner = f"{target.data('aws_caller_identity')}.account_id"
    pattern = companion.text(f"arn:*:cloudtrail:*:${{{owner}}}:trail/*")
    use = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": pattern}},
    }
    key = companion.key(target, f"Encrypts the trail {target.name}", statements=[use])
    target.set(("kms_key_id",), Code(f"{key}.arn"))
