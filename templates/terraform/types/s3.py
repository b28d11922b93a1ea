"""Amazon S3: buckets, whose settings Terraform keeps in resources of their own."""

from collections.abc import Mapping
from typing import Any

from templates.terraform.mapping import (
    Attributes,
    Kind,
    Part,
    Rows,
    Spawn,
    Take,
    constant,
    document,
    each,
    fallback,
    first,
    one,
    renamed,
    tags,
)
from templates.terraform.types.s3_acl import acl

BUCKET = "aws_s3_bucket"

_ENABLED = {True: "Enabled", False: "Disabled"}
_ENCRYPTION: Rows = {
    "ServerSideEncryptionByDefault": one(
        "apply_server_side_encryption_by_default",
        {"SSEAlgorithm": "sse_algorithm", "KMSMasterKeyID": "kms_master_key_id"},
    ),
    "BucketKeyEnabled": "bucket_key_enabled",
}
_RETENTION = one(
    "rule",
    {
        "DefaultRetention": one(
            "default_retention", {"Mode": "mode", "Days": "days", "Years": "years"}
        )
    },
)
_CORS: Rows = {
    "AllowedHeaders": "allowed_headers",
    "AllowedMethods": "allowed_methods",
    "AllowedOrigins": "allowed_origins",
    "ExposedHeaders": "expose_headers",
    "Id": "id",
    "MaxAge": "max_age_seconds",
}
_TRANSITION: Rows = {
    "StorageClass": "storage_class",
    "TransitionInDays": "days",
    "TransitionDate": "date",
}
_RULE: Rows = {
    "Id": "id",
    "Prefix": first("filter.prefix", "filter.and.prefix", "prefix"),
    "Status": first("status", renamed("enabled", _ENABLED)),
    "AbortIncompleteMultipartUpload.DaysAfterInitiation": first(
        "abort_incomplete_multipart_upload.days_after_initiation",
        "abort_incomplete_multipart_upload_days",
    ),
    "ExpirationInDays": "expiration.days",
    "ExpirationDate": "expiration.date",
    "ExpiredObjectDeleteMarker": "expiration.expired_object_delete_marker",
    "NoncurrentVersionExpiration": one(
        "noncurrent_version_expiration",
        {
            "NoncurrentDays": first("noncurrent_days", "days"),
            "NewerNoncurrentVersions": "newer_noncurrent_versions",
        },
    ),
    "NoncurrentVersionTransitions": each(
        "noncurrent_version_transition",
        {"StorageClass": "storage_class", "TransitionInDays": first("noncurrent_days", "days")},
    ),
    "Transitions": each("transition", _TRANSITION),
}


def _replication_rules(block: str) -> Take:
    return each(
        block,
        {
            "Id": "id",
            "Prefix": first("filter.prefix", "prefix"),
            "Priority": "priority",
            "Status": "status",
            "Destination.Bucket": "destination.bucket",
            "Destination.Account": first("destination.account", "destination.account_id"),
            "Destination.StorageClass": "destination.storage_class",
            "Destination.EncryptionConfiguration.ReplicaKmsKeyID": first(
                "destination.encryption_configuration.replica_kms_key_id",
                "destination.replica_kms_key_id",
            ),
        },
    )


_WEBSITE: Rows = {
    "IndexDocument": first("index_document.suffix", "index_document"),
    "ErrorDocument": first("error_document.key", "error_document"),
    "RedirectAllRequestsTo.HostName": first(
        "redirect_all_requests_to.host_name", "redirect_all_requests_to"
    ),
    "RedirectAllRequestsTo.Protocol": "redirect_all_requests_to.protocol",
}

BUCKET_POLICY = Kind(
    "aws_s3_bucket_policy",
    "AWS::S3::BucketPolicy",
    {"Bucket": "bucket", "PolicyDocument": document("policy")},
    belongs={"Bucket": "AWS::S3::Bucket"},
)
_BUCKET = Kind(
    BUCKET,
    "AWS::S3::Bucket",
    {
        "BucketName": "bucket",
        "BucketNamePrefix": "bucket_prefix",
        **acl("acl", "grant"),
        "VersioningConfiguration": one(
            "versioning",
            {
                "Status": renamed("enabled", {True: "Enabled", False: "Suspended"}),
                "MFADelete": renamed("mfa_delete", _ENABLED),
            },
        ),
        "LoggingConfiguration": one(
            "logging", {"DestinationBucketName": "target_bucket", "LogFilePrefix": "target_prefix"}
        ),
        "BucketEncryption": one(
            "server_side_encryption_configuration",
            {"ServerSideEncryptionConfiguration": each("rule", _ENCRYPTION)},
        ),
        "LifecycleConfiguration.Rules": each("lifecycle_rule", _RULE),
        "CorsConfiguration.CorsRules": each("cors_rule", _CORS),
        "WebsiteConfiguration": one("website", _WEBSITE),
        "ReplicationConfiguration": one(
            "replication_configuration",
            {"Role": "role", "Rules": _replication_rules("rules")},
        ),
        "ObjectLockEnabled": first(
            "object_lock_enabled",
            renamed("object_lock_configuration.object_lock_enabled", {"Enabled": True}),
        ),
        "ObjectLockConfiguration": one(
            "object_lock_configuration",
            {"ObjectLockEnabled": "object_lock_enabled", "Rule": _RETENTION},
        ),
        "AccelerateConfiguration.AccelerationStatus": "acceleration_status",
        "Tags": tags,
    },
    also=(
        Spawn(
            "policy",
            Kind(
                BUCKET,
                "AWS::S3::BucketPolicy",
                {"Bucket": "self", "PolicyDocument": document("policy")},
            ),
            when="policy",
        ),
    ),
)


def _part(suffix: str, rows: Rows) -> Part:
    return Part(f"aws_s3_bucket_{suffix}", BUCKET, {"bucket": "bucket"}, rows)


_PUBLIC_ACCESS_BLOCK: Rows = {
    "BlockPublicAcls": fallback("block_public_acls", default=False),
    "BlockPublicPolicy": fallback("block_public_policy", default=False),
    "IgnorePublicAcls": fallback("ignore_public_acls", default=False),
    "RestrictPublicBuckets": fallback("restrict_public_buckets", default=False),
}


def _by_event(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    events = entry.get("Event")
    return [{**entry, "Event": e} for e in events] if isinstance(events, list) else [entry]


def _notified(block: str, target: str, attribute: str) -> Take:
    """Take the targets of a notification, one for each event that CloudFormation lists."""

    def take(attributes: Attributes) -> Any:
        found = each(block, {target: attribute, "Event": "events"})(attributes)
        if not isinstance(found, list):
            return found
        return [event for entry in found for event in _by_event(entry)]

    return take


_PARTS = (
    _part(
        "versioning",
        {
            "VersioningConfiguration.Status": "versioning_configuration.status",
            "VersioningConfiguration.MFADelete": "versioning_configuration.mfa_delete",
        },
    ),
    _part(
        "server_side_encryption_configuration",
        {"BucketEncryption.ServerSideEncryptionConfiguration": each("rule", _ENCRYPTION)},
    ),
    # The provider sets false where nothing is said; so does CloudFormation.
    # Source: registry.terraform.io/providers/hashicorp/aws, s3_bucket_public_access_block
    _part(
        "public_access_block",
        {f"PublicAccessBlockConfiguration.{k}": v for k, v in _PUBLIC_ACCESS_BLOCK.items()},
    ),
    _part(
        "logging",
        {
            "LoggingConfiguration.DestinationBucketName": "target_bucket",
            "LoggingConfiguration.LogFilePrefix": "target_prefix",
        },
    ),
    _part(
        "acl",
        acl("acl", "access_control_policy.grant"),
    ),
    _part(
        "ownership_controls",
        {"OwnershipControls.Rules": each("rule", {"ObjectOwnership": "object_ownership"})},
    ),
    _part("lifecycle_configuration", {"LifecycleConfiguration.Rules": each("rule", _RULE)}),
    _part("cors_configuration", {"CorsConfiguration.CorsRules": each("cors_rule", _CORS)}),
    _part(
        "website_configuration",
        {f"WebsiteConfiguration.{key}": row for key, row in _WEBSITE.items()},
    ),
    _part(
        "object_lock_configuration",
        {
            "ObjectLockEnabled": constant(True),
            "ObjectLockConfiguration.ObjectLockEnabled": fallback("object_lock_enabled", "Enabled"),
            "ObjectLockConfiguration.Rule": _RETENTION,
        },
    ),
    _part(
        "replication_configuration",
        {
            "ReplicationConfiguration.Role": "role",
            "ReplicationConfiguration.Rules": _replication_rules("rule"),
        },
    ),
    _part("accelerate_configuration", {"AccelerateConfiguration.AccelerationStatus": "status"}),
    _part(
        "notification",
        {
            "NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled": "eventbridge",
            "NotificationConfiguration.LambdaConfigurations": _notified(
                "lambda_function", "Function", "lambda_function_arn"
            ),
            "NotificationConfiguration.QueueConfigurations": _notified(
                "queue", "Queue", "queue_arn"
            ),
            "NotificationConfiguration.TopicConfigurations": _notified(
                "topic", "Topic", "topic_arn"
            ),
        },
    ),
)

_ACCESS_POINT = Kind(
    "aws_s3_access_point",
    "AWS::S3::AccessPoint",
    {
        "Name": "name",
        "Bucket": "bucket",
        "Policy": document("policy"),
        "VpcConfiguration.VpcId": "vpc_configuration.vpc_id",
        # An access point's four switches are true unless said otherwise.
        # Source: registry.terraform.io/providers/hashicorp/aws, s3_access_point
        **{
            f"PublicAccessBlockConfiguration.{name}": fallback(
                f"public_access_block_configuration.{attribute}", default=True
            )
            for name, attribute in (
                ("BlockPublicAcls", "block_public_acls"),
                ("BlockPublicPolicy", "block_public_policy"),
                ("IgnorePublicAcls", "ignore_public_acls"),
                ("RestrictPublicBuckets", "restrict_public_buckets"),
            )
        },
    },
)
# CloudFormation has no such type; the name is ours, the properties are those of a bucket's block.
_ACCOUNT_BLOCK = Kind(
    "aws_s3_account_public_access_block",
    "AWS::S3::AccountPublicAccessBlock",
    {"AccountId": "account_id", **_PUBLIC_ACCESS_BLOCK},
)

# Objects are ours too: CloudFormation has none.
_OBJECTS = tuple(
    Kind(
        terraform,
        "AWS::S3::Object",
        {
            "Bucket": "bucket",
            "Key": "key",
            "KMSMasterKeyID": "kms_key_id",
            "SSEAlgorithm": "server_side_encryption",
            "AccessControl": "acl",
            "Tags": tags,
        },
    )
    for terraform in ("aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy")
)

TYPES: tuple[Kind | Part, ...] = (
    _BUCKET,
    BUCKET_POLICY,
    _ACCESS_POINT,
    _ACCOUNT_BLOCK,
    *_OBJECTS,
    *_PARTS,
)
