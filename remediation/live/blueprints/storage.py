"""Buckets, tables and image repositories."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.types import LiveCall, Resource
from remediation.live.blueprint import Answer, Aspect, LiveTarget, live
from remediation.live.policy import parsed, refuse_plain_http

_EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
_SETTINGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _bucket(resource: Resource, _key: str) -> Mapping[str, Any]:
    return {"Bucket": resource.name}


def _encryption_call(resource: Resource, _key: str, state: Any) -> LiveCall:
    if state is None:
        return LiveCall("s3:DeleteBucketEncryption", {"Bucket": resource.name})
    return LiveCall(
        "s3:PutBucketEncryption",
        {"Bucket": resource.name, "ServerSideEncryptionConfiguration": state},
    )


def _encryption_rules(state: Any) -> Any:
    """Return the rules with what S3 adds to each."""
    rules = state["Rules"] if state else []
    return [{"BucketKeyEnabled": False, **rule} for rule in rules]


BUCKET_ENCRYPTION = Aspect(
    "bucket encryption",
    read="s3:GetBucketEncryption",
    writes=("s3:PutBucketEncryption", "s3:DeleteBucketEncryption"),
    absent=("ServerSideEncryptionConfigurationNotFoundError",),
    ask=_bucket,
    state=lambda answer, _: answer["ServerSideEncryptionConfiguration"],
    write=_encryption_call,
    same=_encryption_rules,
)


@live("PL-S3-001", BUCKET_ENCRYPTION)
def bucket_encryption(target: LiveTarget) -> None:
    """S3's own keys cost nothing and need no permission of readers."""
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    present = target.read(BUCKET_ENCRYPTION) or {}
    kept = {name: each for rules in present.get("Rules", []) for name, each in rules.items()}
    target.set(BUCKET_ENCRYPTION, {"Rules": [{**kept, **rule}]})


def _block_call(resource: Resource, _key: str, state: Any) -> LiveCall:
    if state is None:
        return LiveCall("s3:DeletePublicAccessBlock", {"Bucket": resource.name})
    return LiveCall(
        "s3:PutPublicAccessBlock",
        {"Bucket": resource.name, "PublicAccessBlockConfiguration": state},
    )


PUBLIC_ACCESS_BLOCK = Aspect(
    "public access block",
    read="s3:GetPublicAccessBlock",
    writes=("s3:PutPublicAccessBlock", "s3:DeletePublicAccessBlock"),
    absent=("NoSuchPublicAccessBlockConfiguration",),
    ask=_bucket,
    state=lambda answer, _: answer["PublicAccessBlockConfiguration"],
    write=_block_call,
)


def _policy_call(resource: Resource, _key: str, state: Any) -> LiveCall:
    if state is None:
        return LiveCall("s3:DeleteBucketPolicy", {"Bucket": resource.name})
    return LiveCall("s3:PutBucketPolicy", {"Bucket": resource.name, "Policy": state})


BUCKET_POLICY = Aspect(
    "bucket policy",
    read="s3:GetBucketPolicy",
    writes=("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    absent=("NoSuchBucketPolicy",),
    ask=_bucket,
    state=lambda answer, _: answer["Policy"],
    write=_policy_call,
    same=parsed,
)


@live("PL-S3-002", PUBLIC_ACCESS_BLOCK, BUCKET_POLICY)
def public_access_block(target: LiveTarget) -> None:
    """A policy that admits everyone would silently lose its readers: decide about it first."""
    document = parsed(target.read(BUCKET_POLICY)) or {}
    if any(_admits_everyone(each) for each in _statements(document)):
        raise Declined(
            "The bucket's policy admits everyone, and would have no effect once public access is "
            "blocked. Decide about the policy first"
        )
    target.set(PUBLIC_ACCESS_BLOCK, dict.fromkeys(_SETTINGS, True))


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = document.get("Statement", [])
    return found if isinstance(found, list) else [found]


def _admits_everyone(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    everyone = named == "*" or (isinstance(named, list) and "*" in named)
    return everyone and statement.get("Effect") == "Allow" and "Condition" not in statement


@live("PL-S3-006", BUCKET_POLICY)
def bucket_tls_only(target: LiveTarget) -> None:
    """A bucket has one policy: extend it, else give it one."""
    arn = target.resource.uid
    refuse_plain_http(target, BUCKET_POLICY, "s3:*", [arn, f"{arn}/*"])


def _acl_call(resource: Resource, _key: str, state: Any) -> LiveCall:
    return LiveCall("s3:PutBucketAcl", {"Bucket": resource.name, "AccessControlPolicy": state})


def _acl(answer: Answer, _key: str) -> dict[str, Any]:
    return {"Owner": answer["Owner"], "Grants": answer["Grants"]}


BUCKET_ACL = Aspect(
    "bucket ACL",
    read="s3:GetBucketAcl",
    writes=("s3:PutBucketAcl",),
    ask=_bucket,
    state=_acl,
    write=_acl_call,
)


@live("PL-S3-007", BUCKET_ACL)
def bucket_acl(target: LiveTarget) -> None:
    """Only what everyone is granted goes; grants to others stay."""
    acl = target.read(BUCKET_ACL)
    kept = [each for each in acl["Grants"] if each["Grantee"].get("URI") != _EVERYONE]
    target.set(BUCKET_ACL, {**acl, "Grants": kept})


def _table(resource: Resource, _key: str) -> Mapping[str, Any]:
    return {"TableName": resource.name}


RECOVERY = Aspect(
    "point-in-time recovery",
    read="dynamodb:DescribeContinuousBackups",
    writes=("dynamodb:UpdateContinuousBackups",),
    ask=_table,
    state=lambda answer, _: _recovery(answer),
    write=lambda resource, _, state: LiveCall(
        "dynamodb:UpdateContinuousBackups",
        {"TableName": resource.name, "PointInTimeRecoverySpecification": state},
    ),
)


def _recovery(answer: Answer) -> dict[str, Any]:
    """Return the settings; the days say nothing of a table that has no recovery."""
    found = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
    enabled = found.get("PointInTimeRecoveryStatus") == "ENABLED"
    return {"PointInTimeRecoveryEnabled": enabled}


@live(
    "PL-DYNAMODB-001",
    RECOVERY,
    may_break=("Revert deletes what could be recovered until then",),
)
def point_in_time_recovery(target: LiveTarget) -> None:
    """AWS keeps 35 days unless told otherwise."""
    target.set(RECOVERY, {"PointInTimeRecoveryEnabled": True})


DELETION_PROTECTION = Aspect(
    "deletion protection",
    read="dynamodb:DescribeTable",
    writes=("dynamodb:UpdateTable",),
    ask=_table,
    state=lambda answer, _: bool(answer["Table"].get("DeletionProtectionEnabled")),
    write=lambda resource, _, state: LiveCall(
        "dynamodb:UpdateTable", {"TableName": resource.name, "DeletionProtectionEnabled": state}
    ),
)


@live("PL-DYNAMODB-003", DELETION_PROTECTION)
def deletion_protection(target: LiveTarget) -> None:
    """It can be taken off again by whoever may update the table."""
    target.set(DELETION_PROTECTION, True)


def _repository(resource: Resource, _key: str) -> Mapping[str, Any]:
    return {"repositoryNames": [resource.name]}


SCAN_ON_PUSH = Aspect(
    "image scanning",
    read="ecr:DescribeRepositories",
    writes=("ecr:PutImageScanningConfiguration",),
    ask=_repository,
    state=lambda answer, _: answer["repositories"][0]["imageScanningConfiguration"],
    write=lambda resource, _, state: LiveCall(
        "ecr:PutImageScanningConfiguration",
        {"repositoryName": resource.name, "imageScanningConfiguration": state},
    ),
)


@live("PL-ECR-001", SCAN_ON_PUSH)
def scan_on_push(target: LiveTarget) -> None:
    """Basic scanning costs nothing."""
    target.set(SCAN_ON_PUSH, {"scanOnPush": True})


TAG_MUTABILITY = Aspect(
    "tag mutability",
    read="ecr:DescribeRepositories",
    writes=("ecr:PutImageTagMutability",),
    ask=_repository,
    state=lambda answer, _: answer["repositories"][0]["imageTagMutability"],
    write=lambda resource, _, state: LiveCall(
        "ecr:PutImageTagMutability",
        {"repositoryName": resource.name, "imageTagMutability": state},
    ),
)


@live("PL-ECR-002", TAG_MUTABILITY)
def immutable_tags(target: LiveTarget) -> None:
    """A mutable repository with exclusions is a choice that somebody made."""
    if target.read(TAG_MUTABILITY) != "MUTABLE":
        raise Declined("Which tags may move was chosen for this repository: ask its owner")
    target.set(TAG_MUTABILITY, "IMMUTABLE")
