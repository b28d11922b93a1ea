"""Keys, secrets, log groups and trails."""

from core.errors import Declined
from core.gate import Tier
from remediation import companion
from remediation.blueprint import asks_then, blueprint
from remediation.draft import Target, get_att, ref, sub


@blueprint("PL-KMS-001", "PL-KMS-101", summary="Rotate the key every year", tier=Tier.DATA)
def key_rotation(target: Target) -> None:
    """Only symmetric keys whose material AWS makes can rotate; old data stays readable."""
    spec = target.get("KeySpec") or "SYMMETRIC_DEFAULT"
    origin = target.get("Origin") or "AWS_KMS"
    if spec != "SYMMETRIC_DEFAULT" or origin != "AWS_KMS":
        raise Declined("KMS cannot rotate an asymmetric or imported key; replace it by hand")
    target.set(("EnableKeyRotation",), True)


@blueprint(
    "PL-SECRETS-002",
    "PL-SECRETS-102",
    summary="Encrypt the secret with a key of its own",
    tier=Tier.DATA,
    may_break=("Readers in other accounts need kms:Decrypt on the new key",),
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses",
)
def secret_key(target: Target) -> None:
    """Everybody in the account who may read the secret may use the key through Secrets Manager."""
    statements = [companion.through("secretsmanager")]
    key = companion.key(target, f"Encrypts the secret {target.id}", statements=statements)
    target.set(("KmsKeyId",), get_att(key))


@blueprint(
    "PL-LOGS-001",
    "PL-LOGS-102",
    summary=f"Keep the log group's events for {companion.LOG_RETENTION_DAYS} days",
    tier=Tier.OBSERVABILITY,
    may_break=(f"Events older than {companion.LOG_RETENTION_DAYS} days are deleted for good",),
    cost="saves storage of older logs",
)
def retention(target: Target) -> None:
    """Logs without a stated time are kept, and paid for, for ever."""
    target.set(("RetentionInDays",), companion.LOG_RETENTION_DAYS)


@blueprint(
    "PL-LOGS-002",
    "PL-LOGS-101",
    summary="Encrypt the log group with a key of its own",
    tier=Tier.DATA,
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses",
)
def log_key(target: Target) -> None:
    """CloudWatch Logs uses the key itself, for log groups of this account only."""
    context = sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:*")
    use = companion.for_service(
        sub("logs.${AWS::Region}.amazonaws.com"),
        ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": context}},
    )
    key = companion.key(target, f"Encrypts the log group {target.id}", statements=[use])
    target.set(("KmsKeyId",), get_att(key))


asks_then(
    "PL-CLOUDTRAIL-001",
    "PL-CLOUDTRAIL-004",
    "PL-CLOUDTRAIL-102",
    "PL-CLOUDTRAIL-106",
    then=tuple(f"PL-CLOUDTRAIL-{n:03}" for n in range(20, 35)),  # alarms on what the trail records
)


@blueprint(
    "PL-CLOUDTRAIL-001",
    "PL-CLOUDTRAIL-106",
    summary="Record every Region in the trail",
    tier=Tier.OBSERVABILITY,
    cost="storage of the other Regions' events",
)
def trail_regions(target: Target) -> None:
    """A trail of every Region must include the global services' events."""
    target.set(("IsMultiRegionTrail",), True)
    if target.get("IncludeGlobalServiceEvents") is not True:
        target.set(("IncludeGlobalServiceEvents",), True)


@blueprint(
    "PL-CLOUDTRAIL-002",
    "PL-CLOUDTRAIL-104",
    summary="Validate the trail's log files",
    tier=Tier.OBSERVABILITY,
)
def trail_validation(target: Target) -> None:
    """Digest files lie beside the logs in the same bucket."""
    target.set(("EnableLogFileValidation",), True)


@blueprint(
    "PL-CLOUDTRAIL-003",
    "PL-CLOUDTRAIL-103",
    summary="Encrypt the trail with a key of its own",
    tier=Tier.DATA,
    may_break=("Readers of the log files need kms:Decrypt on the new key",),
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses",
)
def trail_key(target: Target) -> None:
    """CloudTrail uses the key itself, for trails of this account only."""
    pattern = sub("arn:${AWS::Partition}:cloudtrail:*:${AWS::AccountId}:trail/*")
    use = companion.for_service(
        "cloudtrail.amazonaws.com",
        ["kms:GenerateDataKey*", "kms:DescribeKey"],
        {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": pattern}},
    )
    key = companion.key(target, f"Encrypts the trail {target.id}", statements=[use])
    target.set(("KMSKeyId",), ref(key))
