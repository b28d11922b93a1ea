"""Resources that a fix needs beside the one it puts right, each right in itself."""

from collections.abc import Mapping, Sequence
from typing import Any

from remediation.draft import Target, get_att, ref, sub, without
from remediation.permission import policy_document

LOG_RETENTION_DAYS = 365  # PCI DSS 4.0 10.5.1: a year, of which three months at hand
DEAD_LETTER_RETENTION_S = 1_209_600  # 14 days, the most SQS keeps


def dead_letter_queue(
    target: Target,
    *,
    fifo: bool = False,
    for_service_failures: bool = True,
    allow: Mapping[str, Any] | None = None,
) -> str:
    """Add an encrypted queue for failures and the policy that refuses plain HTTP; return its id.

    `allow` is one more statement of that policy, for a service that sends to the queue. A queue that
    takes what another queue gives up on says so itself: `for_service_failures` is False.
    """
    properties: dict[str, Any] = {"FifoQueue": True} if fifo else {}
    properties |= {
        "MessageRetentionPeriod": DEAD_LETTER_RETENTION_S,
        "SqsManagedSseEnabled": True,
    }
    if for_service_failures:
        # Says what the queue is for: no other queue may redrive into it.
        properties["RedriveAllowPolicy"] = {"redrivePermission": "denyAll"}
    queue = target.companion(
        "DeadLetterQueue", {"Type": "AWS::SQS::Queue", "Properties": properties}
    )
    statements: list[Mapping[str, Any]] = [deny_plain_http("sqs:*", get_att(queue))]
    if allow is not None:
        statements.append(
            {**without(allow, "Condition"), "Resource": get_att(queue), **_condition(allow)}
        )
    beside(target, queue, "Policy", "AWS::SQS::QueuePolicy", "Queues", statements)
    return queue


def beside(  # noqa: PLR0913, PLR0917 - each says one thing of the policy it adds
    target: Target,
    owner: str,
    suffix: str,
    kind: str,
    list_property: str,
    statements: Sequence[Mapping[str, Any]],
) -> str:
    """Add the resource policy of a queue or topic after it; return its logical id."""
    condition = target.draft.declared[owner].condition
    body = {
        "Type": kind,
        **({"Condition": condition} if condition else {}),
        "Properties": {
            list_property: [ref(owner)],
            "PolicyDocument": policy_document(statements),
        },
    }
    return target.draft.add(f"{owner}{suffix}", body, after=owner)


def deny_plain_http(action: str, resource: Any) -> dict[str, Any]:
    """Return the statement that refuses requests without TLS."""
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def log_group(target: Target, *, name: Any = None, depends_on: str = "") -> str:
    """Add a log group that keeps its events for a stated time; return its logical id."""
    named = {"LogGroupName": name} if name is not None else {}
    body = {
        "Type": "AWS::Logs::LogGroup",
        **({"DependsOn": depends_on} if depends_on else {}),
        "Properties": {**named, "RetentionInDays": LOG_RETENTION_DAYS},
    }
    return target.companion("LogGroup", body)


def log_bucket(target: Target) -> str:
    """Add a bucket that S3 may deliver access logs of this one to; return its logical id.

    S3 delivers logs only to buckets with its own keys. Source: S3 user guide, "Enabling server
    access logging".
    """
    blocked = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    bucket = target.companion(
        "LogBucket",
        {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
                "PublicAccessBlockConfiguration": dict.fromkeys(blocked, True),
                "VersioningConfiguration": {"Status": "Enabled"},
                "LifecycleConfiguration": {"Rules": [_expire()]},
            },
        },
    )
    everything = sub(f"${{{bucket}.Arn}}/*")
    deliver = {
        "Sid": "DeliverAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": everything,
        # Naming the bucket too would make both wait for each other.
        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
    }
    refuse = deny_plain_http("s3:*", [get_att(bucket), everything])
    properties = {"Bucket": ref(bucket), "PolicyDocument": policy_document([deliver, refuse])}
    condition = target.draft.declared[bucket].condition
    extra = {"Condition": condition} if condition else {}
    body = {"Type": "AWS::S3::BucketPolicy", **extra, "Properties": properties}
    target.draft.add(f"{bucket}Policy", body, after=bucket)
    return bucket


def _expire() -> dict[str, Any]:
    """Return the rule that deletes logs, old versions and parts of uploads when their time is up."""
    return {
        "Id": "ExpireLogs",
        "Status": "Enabled",
        "ExpirationInDays": LOG_RETENTION_DAYS,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }


def service_role(
    target: Target,
    suffix: str,
    service: str,
    statements: Sequence[Mapping[str, Any]],
    *,
    name: str,
) -> str:
    """Add a role that one service may take, with these statements; return its logical id."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    policy = {"PolicyName": name, "PolicyDocument": policy_document(statements)}
    properties = {"AssumeRolePolicyDocument": policy_document([trust]), "Policies": [policy]}
    return target.companion(suffix, {"Type": "AWS::IAM::Role", "Properties": properties})


def key(target: Target, purpose: str, *, statements: Sequence[Mapping[str, Any]] = ()) -> str:
    """Add a rotating key that the account administers; `statements` let a service use it."""
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": "kms:*",
        "Resource": "*",
    }
    return target.companion(
        "Key",
        {
            "Type": "AWS::KMS::Key",
            "Properties": {
                "Description": purpose,
                "EnableKeyRotation": True,
                "KeyPolicy": policy_document([root, *statements]),
            },
        },
    )


def through(service: str) -> dict[str, Any]:
    """Let everybody in the account who may use a service use the key through it, as AWS's own do.

    Source: key policies of AWS managed keys, KMS developer guide, read 2026-11-22.
    """
    return {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:CreateGrant",
            "kms:DescribeKey",
        ],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:CallerAccount": ref("AWS::AccountId"),
                "kms:ViaService": sub(f"{service}.${{AWS::Region}}.amazonaws.com"),
            }
        },
    }


def for_service(
    principal: Any, actions: Sequence[str], condition: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Let an AWS service use the key for itself."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": list(actions),
        "Resource": "*",
        **({"Condition": dict(condition)} if condition else {}),
    }


def _condition(statement: Mapping[str, Any]) -> dict[str, Any]:
    return {"Condition": statement["Condition"]} if "Condition" in statement else {}
