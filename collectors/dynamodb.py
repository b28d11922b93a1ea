"""DynamoDB tables: encryption, recovery, protection, capacity and who else may read them."""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import pick, policy
from collectors.reader import Reader
from collectors.registry import collector
from core.types import Resource, Usage

TABLE = "AWS::DynamoDB::Table"

_GONE = ("ResourceNotFoundException",)
_DESCRIBED = (
    "BillingMode", "SSESpecification", "DeletionProtectionEnabled", "StreamSpecification",
    "ProvisionedThroughput", "GlobalSecondaryIndexes", "TableClass",
)  # fmt: skip


@collector(
    yields=(TABLE,),
    calls=(
        "dynamodb:ListTables",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:GetResourcePolicy",
    ),
)
def dynamodb_tables(aws: Reader) -> Iterator[Resource]:
    """Tables with encryption, point-in-time recovery, deletion protection and resource policy."""
    if aws.only is not None:
        names = [aws.only.uid.rsplit("/", 1)[-1]]
    else:
        names = aws.listed("dynamodb:ListTables", "TableNames", of=TABLE)
    yield from aws.each(names, lambda name: _table(aws, name))


def _table(aws: Reader, name: str) -> Iterator[Resource]:
    arn = aws.arn("dynamodb", f"table/{name}")
    described = aws.ask("dynamodb:DescribeTable", uid=arn, of=TABLE, absent=_GONE, TableName=name)
    if described.body is None and not described.unread:
        return
    table = (described.body or {}).get("Table") or {}
    backups = aws.ask(
        "dynamodb:DescribeContinuousBackups", uid=arn, of=TABLE,
        absent=("TableNotFoundException",), TableName=name,
    )  # fmt: skip
    access = aws.ask(
        "dynamodb:GetResourcePolicy", uid=arn, of=TABLE,
        absent=("PolicyNotFoundException",), ResourceArn=arn,
    )  # fmt: skip
    yield aws.resource(
        TABLE,
        uid=arn,
        name=name,
        aliases=(name, table.get("LatestStreamArn")),
        created_at=table.get("CreationDateTime"),
        usage=_size(table),
        properties={
            "TableName": name,
            **described.properties(_DESCRIBED, lambda body: _described(body["Table"])),
            "PointInTimeRecoverySpecification": backups.value(_recovery),
            "ResourcePolicy": access.value(
                lambda body: {"PolicyDocument": policy(body.get("Policy"))}
            ),
        },
    )


def _described(table: Mapping[str, Any]) -> dict[str, Any]:
    mode = (table.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED")
    encryption = table.get("SSEDescription")
    stream = table.get("StreamSpecification") or {}
    return {
        "BillingMode": mode,
        **pick(table, "KeySchema", "AttributeDefinitions", "DeletionProtectionEnabled"),
        "SSESpecification": _encryption(encryption) if encryption else None,
        "StreamSpecification": pick(stream, "StreamViewType") if stream else None,
        "ProvisionedThroughput": _throughput(table) if mode == "PROVISIONED" else None,
        "GlobalSecondaryIndexes": [
            {
                **pick(index, "IndexName", "KeySchema", "Projection"),
                **({"ProvisionedThroughput": _throughput(index)} if mode == "PROVISIONED" else {}),
            }
            for index in table.get("GlobalSecondaryIndexes") or ()
        ]
        or None,
        "TableClass": (table.get("TableClassSummary") or {}).get("TableClass"),
    }


def _encryption(described: Mapping[str, Any]) -> dict[str, Any]:
    enabled = described.get("Status") in ("ENABLED", "ENABLING", "UPDATING")
    key = described.get("KMSMasterKeyArn")
    return {
        "SSEEnabled": enabled,
        **pick(described, "SSEType"),
        **({"KMSMasterKeyId": key} if key else {}),
    }


def _throughput(table: Mapping[str, Any]) -> dict[str, Any]:
    return pick(table.get("ProvisionedThroughput") or {}, "ReadCapacityUnits", "WriteCapacityUnits")


def _recovery(body: Mapping[str, Any]) -> dict[str, Any]:
    described = body["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}
    return {
        "PointInTimeRecoveryEnabled": described.get("PointInTimeRecoveryStatus") == "ENABLED",
        **pick(described, "RecoveryPeriodInDays"),
    }


def _size(table: Mapping[str, Any]) -> tuple[Usage, ...]:
    """Return stored bytes and items as AWS counts them, about every six hours."""
    units = (("TableSizeBytes", "Bytes"), ("ItemCount", "Count"))
    return tuple(
        Usage(metric, float(table[metric]), unit, 0.0)
        for metric, unit in units
        if table.get(metric) is not None
    )
