"""Data, databases and logs: fixes that only state values. Sources: the CloudFormation reference."""

from core.gate import Tier
from remediation.companion import LOG_RETENTION_DAYS
from remediation.setting import state

BACKUP_DAYS = 7  # a week, as the check asks; RDS keeps one day by default
STREAM_HOURS = 168  # a week: what fails on a Friday can be read again on Monday
PENDING_DAYS = 30  # KMS's own default, the longest there is

state(
    "PL-ATHENA-001",
    summary="Encrypt the workgroup's query results at rest",
    tier=Tier.DATA,
    values={
        "WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.EncryptionOption": "SSE_S3"
    },
)
state(
    "PL-ATHENA-002",
    summary="Enforce the workgroup's settings",
    tier=Tier.DATA,
    values={"WorkGroupConfiguration.EnforceWorkGroupConfiguration": True},
    may_break=("Clients that choose another place for results get the workgroup's instead",),
)
state(
    "PL-CODEBUILD-001",
    summary="Encrypt the project's build logs in S3",
    tier=Tier.DATA,
    values={"LogsConfig.S3Logs.EncryptionDisabled": False},
)
state(
    "PL-DYNAMODB-004",
    summary="Make every replica of the table recoverable to a point in time",
    tier=Tier.DATA,
    values={"Replicas.*.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": True},
    cost="0.20 USD for each GB of each replica a month",
)
state(
    "PL-DYNAMODB-006",
    summary="Protect every replica of the table from deletion",
    tier=Tier.DATA,
    values={"Replicas.*.DeletionProtectionEnabled": True},
    may_break=("Deleting or replacing the table needs the protection taken off first",),
)
state(
    "PL-DYNAMODB-011",
    "PL-DYNAMODB-104",
    summary="Encrypt the table with AWS's key for DynamoDB in KMS",
    tier=Tier.DATA,
    values={"SSESpecification.SSEEnabled": True},
    sam={"SSESpecification.SSEEnabled": True},
    cost="0.03 USD for each 10,000 uses of the key",
)
state(
    "PL-EFS-003",
    summary="Back the file system up every day",
    tier=Tier.DATA,
    values={"BackupPolicy.Status": "ENABLED"},
    cost="0.05 USD for each GB of backup a month",
)
state(
    "PL-FIREHOSE-001",
    "PL-FIREHOSE-101",
    summary="Encrypt records of the delivery stream at rest",
    tier=Tier.DATA,
    values={"DeliveryStreamEncryptionConfigurationInput.KeyType": "AWS_OWNED_CMK"},
)
state(
    "PL-KINESIS-003",
    summary=f"Keep the stream's records for {STREAM_HOURS} hours",
    tier=Tier.DATA,
    values={"RetentionPeriodHours": STREAM_HOURS},
    cost="0.02 USD for each shard and hour",
)
state(
    "PL-KMS-003",
    summary=f"Wait {PENDING_DAYS} days before the key is deleted",
    tier=Tier.DATA,
    values={"PendingWindowInDays": PENDING_DAYS},
    cost="1 USD once, for the month that the key lives longer",
)
state(
    "PL-LOGS-003",
    summary=f"Keep the log group's events for {LOG_RETENTION_DAYS} days",
    tier=Tier.OBSERVABILITY,
    values={"RetentionInDays": LOG_RETENTION_DAYS},
    may_break=("Personal data in the logs is kept longer too",),
    cost="0.03 USD for each GB of logs kept a month",
)
state(
    "PL-OPENSEARCH-002",
    summary="Take HTTPS only",
    tier=Tier.NETWORK,
    values={"DomainEndpointOptions.EnforceHTTPS": True},
    may_break=("Clients that speak plain HTTP are refused",),
)
state(
    "PL-OPENSEARCH-003",
    summary="Encrypt traffic between the domain's nodes",
    tier=Tier.DATA,
    values={"NodeToNodeEncryptionOptions.Enabled": True},
    may_break=(
        "The domain is deployed anew beside itself; it cannot be switched off again",
        "Elasticsearch before 6.0 does not know it",
    ),
)
state(
    "PL-OPENSEARCH-004",
    summary="Require TLS 1.2 of the domain's clients",
    tier=Tier.NETWORK,
    values={"DomainEndpointOptions.TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10"},
    may_break=("Clients older than about 2014 cannot connect",),
)
state(
    "PL-RDS-001",
    "PL-RDS-002",
    summary="Let the database take IAM authentication beside passwords",
    tier=Tier.IDENTITY,
    values={"EnableIAMDatabaseAuthentication": True},
    may_break=("Nobody signs in otherwise than before until a database user is given rds_iam",),
)
state(
    "PL-RDS-004",
    summary="Give the database no public address",
    tier=Tier.NETWORK,
    values={"PubliclyAccessible": False},
    asks_who_calls=True,
    may_break=("Whoever connects from outside the VPC is cut off",),
)
state(
    "PL-RDS-006",
    summary=f"Keep the database's backups for {BACKUP_DAYS} days",
    tier=Tier.DATA,
    values={"BackupRetentionPeriod": BACKUP_DAYS},
    may_break=("An instance without backups restarts once when they are switched on",),
    cost="backup storage above the size of the database, 0.095 USD for each GB a month",
)
state(
    "PL-REDSHIFT-003",
    summary="Give the warehouse no public address",
    tier=Tier.NETWORK,
    values={"PubliclyAccessible": False},
    asks_who_calls=True,
    may_break=("Whoever connects from outside the VPC is cut off",),
)
state(
    "PL-S3-017",
    summary="Let the bucket use a bucket key",
    tier=Tier.DATA,
    values={"BucketEncryption.ServerSideEncryptionConfiguration.*.BucketKeyEnabled": True},
    may_break=("KMS logs name the bucket instead of each object",),
    cost="saves most requests to KMS",
)
state(
    "PL-SQS-011",
    summary="State that SQS encrypts the queue's messages",
    tier=Tier.DATA,
    values={"SqsManagedSseEnabled": True},
)
state(
    "PL-DLM-001",
    summary="Encrypt snapshots that are copied to another Region",
    tier=Tier.DATA,
    values={"PolicyDetails.Schedules.*.CrossRegionCopyRules.*.Encrypted": True},
    may_break=("Accounts that the copies are shared with need the key of that Region",),
)
