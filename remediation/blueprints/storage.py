"""Buckets and tables: encryption, public access, versions, recovery, deletion."""

from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation import companion, simple_table
from remediation.blueprint import blueprint
from remediation.draft import Target, appended, dig, get_att, ref, ref_id, sub
from remediation.permission import policy_document


@blueprint(
    "PL-S3-001",
    "PL-S3-105",
    summary="Encrypt new objects of the bucket at rest",
    tier=Tier.DATA,
)
def bucket_encryption(target: Target) -> None:
    """S3's own keys cost nothing and need no permission of readers."""
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    target.set(("BucketEncryption",), {"ServerSideEncryptionConfiguration": [rule]})


# These deliver to buckets with S3's own keys only. Source: S3 user guide, "Enabling server access
# logging"; Elastic Load Balancing guide, "Access logs for your Application Load Balancer".
_NO_KMS = frozenset({"logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com"})


@blueprint(
    "PL-S3-001",
    "PL-S3-105",
    alternative="customer-key",
    summary="Encrypt new objects of the bucket with a key of its own",
    tier=Tier.DATA,
    may_break=(
        "Readers and writers in other accounts, and services such as CloudFront, need the new key",
    ),
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses; a bucket key keeps uses few",
)
def bucket_key(target: Target) -> None:
    """Everybody in the account who may read the bucket may use the key through S3."""
    _refuse_customer_key(target)
    statements = [companion.through("s3")]
    key = companion.key(target, f"Encrypts the bucket {target.id}", statements=statements)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": get_att(key)}
    rule = {"ServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    target.set(("BucketEncryption",), {"ServerSideEncryptionConfiguration": [rule]})


def _refuse_customer_key(target: Target) -> None:
    """Refuse a key where anonymous readers or log delivery could not use it. Raises: Declined."""
    if target.get("WebsiteConfiguration") is not None:
        raise Declined("A website is read without signing, and such readers cannot use a key")
    draft = target.draft
    logs = any(
        ref_id(dig(draft.properties(other), ("LoggingConfiguration", "DestinationBucketName")))
        == target.id
        for other in draft.of_type("AWS::S3::Bucket")
    )
    for logical_id in _policies_of(target):
        statements = dig(draft.properties(logical_id), ("PolicyDocument", "Statement"))
        for statement in statements if isinstance(statements, list) else [statements]:
            service = dig(statement, ("Principal", "Service"))
            logs = logs or bool(_NO_KMS & set(service if isinstance(service, list) else [service]))
    if logs:
        raise Declined("Access logs are delivered only to buckets with S3's own keys")


@blueprint(
    "PL-S3-002",
    "PL-S3-008",
    "PL-S3-009",
    "PL-S3-010",
    "PL-S3-011",
    "PL-S3-034",
    "PL-S3-103",
    summary="Block public access to the bucket",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("Anonymous readers get 403: a website served straight from the bucket goes dark",),
)
def public_access_block(target: Target) -> None:
    """A bucket declared as a website is public on purpose: that is for a person to decide."""
    if target.get("WebsiteConfiguration") is not None:
        raise Declined(
            "The bucket is declared as a website. If it is public on purpose accept the risk with "
            "that reason; otherwise serve it through CloudFront first"
        )
    if _admits_everyone(target):
        raise Declined(
            "The bucket's policy admits everyone: S3 refuses such a policy once public access is "
            "blocked. Decide about the policy first"
        )
    if str(target.get("AccessControl") or "").startswith("Public"):
        target.set(("AccessControl",), "Private")
        target.notes.append("The bucket's public ACL becomes private: S3 refuses it once blocked")
    for name in (
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    ):
        if target.get("PublicAccessBlockConfiguration", name) is not True:
            target.set(("PublicAccessBlockConfiguration", name), True)


def _admits_everyone(target: Target) -> bool:
    for logical_id in _policies_of(target):
        statements = dig(target.draft.properties(logical_id), ("PolicyDocument", "Statement"))
        for statement in statements if isinstance(statements, list) else [statements]:
            everyone = dig(statement, ("Principal",)) == "*" or (
                dig(statement, ("Principal", "AWS")) in ("*", ["*"])
            )
            if everyone and dig(statement, ("Effect",)) == "Allow" and "Condition" not in statement:
                return True
    return False


def _policies_of(target: Target) -> tuple[str, ...]:
    draft = target.draft
    return tuple(
        i
        for i in draft.of_type("AWS::S3::BucketPolicy")
        if ref_id(draft.properties(i).get("Bucket")) == target.id
    )


@blueprint(
    "PL-S3-004",
    "PL-S3-101",
    summary="Keep versions of the bucket's objects",
    tier=Tier.DATA,
    may_break=("Deleted and overwritten objects are kept until a lifecycle rule expires them",),
    cost="storage of the older versions",
)
def versioning(target: Target) -> None:
    """Versioning can be suspended later, never removed."""
    target.set(("VersioningConfiguration", "Status"), "Enabled")


@blueprint(
    "PL-S3-006",
    summary="Refuse requests to the bucket that do not use TLS",
    tier=Tier.NETWORK,
    may_break=("Clients that speak plain HTTP get 403",),
)
def bucket_tls_only(target: Target) -> None:
    """A bucket has one policy: extend the one that is declared, else declare one."""
    resources = [get_att(target.id), sub(f"${{{target.id}.Arn}}/*")]
    statement = companion.deny_plain_http("s3:*", resources)
    draft = target.draft
    owners = _policies_of(target)
    if owners:
        path = ("PolicyDocument", "Statement")
        draft.set(owners[0], *appended(draft.properties(owners[0]), path, statement, owners[0]))
        return
    properties = {"Bucket": ref(target.id), "PolicyDocument": policy_document([statement])}
    target.companion("Policy", {"Type": "AWS::S3::BucketPolicy", "Properties": properties})


@blueprint(
    "PL-S3-007",
    "PL-S3-012",
    "PL-S3-013",
    "PL-S3-106",
    "PL-S3-107",
    summary="Make the bucket's ACL private",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("Whoever reads through the public ACL gets 403",),
)
def bucket_acl(target: Target) -> None:
    """Private is also what a bucket without an ACL has."""
    target.set(("AccessControl",), "Private")


@blueprint(
    "PL-S3-007",
    "PL-S3-012",
    "PL-S3-013",
    "PL-S3-106",
    "PL-S3-107",
    alternative="acls-disabled",
    summary="Turn the bucket's ACLs off for good",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=(
        "Whoever reads through an ACL of the bucket or of an object gets 403",
        "Uploads that state an ACL other than bucket-owner-full-control are refused",
    ),
)
def bucket_acls_disabled(target: Target) -> None:
    """S3 refuses an ACL beside this setting, so the stated one goes.

    Source: S3 user guide, "Controlling ownership of objects and disabling ACLs for your bucket".
    """
    if target.get("AccessControl") is not None:
        target.draft.remove(target.id, ("AccessControl",))
    target.set(("OwnershipControls",), {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})


@blueprint(
    "PL-DYNAMODB-001",
    "PL-DYNAMODB-102",
    summary="Make the table recoverable to any second of the last 35 days",
    tier=Tier.DATA,
    cost="0.20 USD for each GB of the table a month",
)
def point_in_time_recovery(target: Target) -> None:
    """The property is the same for a SAM SimpleTable."""
    path = ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
    target.set(path, True)


@blueprint(
    "PL-DYNAMODB-002",
    "PL-DYNAMODB-103",
    summary="Encrypt the table with a key of its own",
    tier=Tier.DATA,
    may_break=("Readers in other accounts need kms:Decrypt on the new key",),
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses",
)
def table_key(target: Target) -> None:
    """Everybody in the account who may use the table may use the key through DynamoDB."""
    simple_table.write_out(target)
    key = companion.key(
        target, f"Encrypts the table {target.id}", statements=[companion.through("dynamodb")]
    )
    value: dict[str, Any] = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": get_att(key)}
    target.set(("SSESpecification",), value)


@blueprint(
    "PL-DYNAMODB-003",
    summary="Protect the table from deletion",
    tier=Tier.DATA,
    may_break=("Deleting or replacing the table needs the protection taken off first",),
)
def deletion_protection(target: Target) -> None:
    """SAM's SimpleTable has no such property."""
    simple_table.write_out(target)
    target.set(("DeletionProtectionEnabled",), True)
