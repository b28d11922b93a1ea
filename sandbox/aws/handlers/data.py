"""AWS::DynamoDB::*, AWS::Kinesis::*."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


_TABLE_OWN = frozenset(
    {
        "PointInTimeRecoverySpecification",
        "TimeToLiveSpecification",
        "KinesisStreamSpecification",
        "SSESpecification",
        "StreamSpecification",
        "Tags",
        "TableName",
    }
)


def _table(call: Call) -> dict[str, Any]:
    found = {k: v for k, v in call.properties.items() if k not in _TABLE_OWN}
    stream = call.get("StreamSpecification")
    if stream:
        found["StreamSpecification"] = {"StreamEnabled": True, **stream}
    encryption = call.get("SSESpecification")
    if encryption:
        found["SSESpecification"] = {
            "Enabled": encryption.get("SSEEnabled", False),
            **{k: v for k, v in encryption.items() if k != "SSEEnabled"},
        }
    return found


def _create_table(call: Call) -> str:
    call.physical_id = call.name("TableName", limit=255)
    declared = _table(call)
    if not declared.get("ProvisionedThroughput"):
        declared["BillingMode"] = "PAY_PER_REQUEST"
    call.api("dynamodb", "create_table", declared, TableName=call.physical_id, Tags=call.tag_list())
    _set_recovery(call)
    _set_ttl(call)
    _set_kinesis(call)
    return call.physical_id


def _set_recovery(call: Call) -> None:
    wanted = call.get("PointInTimeRecoverySpecification")
    if wanted is None and "PointInTimeRecoverySpecification" not in call.previous:
        return
    call.api(
        "dynamodb",
        "update_continuous_backups",
        {"PointInTimeRecoverySpecification": wanted or {"PointInTimeRecoveryEnabled": False}},
        TableName=call.physical_id,
    )


def _set_ttl(call: Call) -> None:
    wanted = call.get("TimeToLiveSpecification")
    if wanted and call.changed("TimeToLiveSpecification"):
        call.api(
            "dynamodb",
            "update_time_to_live",
            {"TimeToLiveSpecification": wanted},
            TableName=call.physical_id,
        )


def _set_kinesis(call: Call) -> None:
    wanted = call.get("KinesisStreamSpecification")
    if wanted and call.changed("KinesisStreamSpecification"):
        call.api(
            "dynamodb",
            "enable_kinesis_streaming_destination",
            TableName=call.physical_id,
            StreamArn=wanted["StreamArn"],
        )


def _update_table(call: Call) -> None:
    names = ("BillingMode", "ProvisionedThroughput", "StreamSpecification", "SSESpecification")
    changed = [n for n in (*names, "DeletionProtectionEnabled") if call.changed(n)]
    declared = {k: v for k, v in _table(call).items() if k in changed}
    if "DeletionProtectionEnabled" in changed:
        declared["DeletionProtectionEnabled"] = call.get("DeletionProtectionEnabled", False)
    if "SSESpecification" in changed and not call.get("SSESpecification"):
        declared["SSESpecification"] = {"Enabled": False}
    if "StreamSpecification" in changed and not call.get("StreamSpecification"):
        declared["StreamSpecification"] = {"StreamEnabled": False}
    if declared:
        call.api("dynamodb", "update_table", declared, TableName=call.physical_id)
    _set_recovery(call)
    _set_ttl(call)
    _set_kinesis(call)
    arn = _table_arn(call)
    call.retag("dynamodb", call.tag_list(), ResourceArn=arn)


def _table_arn(call: Call) -> str:
    return call.arn("dynamodb", f"table/{call.physical_id}")


def _read_table(call: Call) -> Mapping[str, Any]:
    name = call.physical_id
    table: dict[str, Any] = call.api("dynamodb", "describe_table", TableName=name)["Table"]
    backups = call.api("dynamodb", "describe_continuous_backups", TableName=name)
    encryption = table.get("SSEDescription") or {}
    found = table | {
        "BillingMode": (table.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED"),
        "Tags": call.api("dynamodb", "list_tags_of_resource", ResourceArn=_table_arn(call))["Tags"],
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": backups["ContinuousBackupsDescription"][
                "PointInTimeRecoveryDescription"
            ]["PointInTimeRecoveryStatus"]
            == "ENABLED"
        },
        "SSESpecification": {
            "SSEEnabled": encryption.get("Status") in ("ENABLED", "UPDATING"),
            "SSEType": encryption.get("SSEType"),
            "KMSMasterKeyId": _key_as_declared(call, encryption.get("KMSMasterKeyArn")),
        },
    }
    if call.get("TimeToLiveSpecification"):
        ttl = call.api("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
        found["TimeToLiveSpecification"] = {
            "AttributeName": ttl.get("AttributeName"),
            "Enabled": ttl.get("TimeToLiveStatus") in ("ENABLED", "ENABLING"),
        }
    if call.get("KinesisStreamSpecification"):
        streams = call.api("dynamodb", "describe_kinesis_streaming_destination", TableName=name)
        found["KinesisStreamSpecification"] = next(
            iter(streams["KinesisDataStreamDestinations"]), None
        )
    return found


def _key_as_declared(call: Call, observed: Any) -> Any:
    """Give back the key's name as declared where AWS answers with the ARN of the same key."""
    declared = (call.get("SSESpecification") or {}).get("KMSMasterKeyId")
    return declared if declared and observed and str(observed).endswith(str(declared)) else observed


def _table_attributes(call: Call) -> Mapping[str, Any]:
    table: dict[str, Any] = call.api("dynamodb", "describe_table", TableName=call.physical_id)[
        "Table"
    ]
    stream = table.get("LatestStreamArn")
    return {"Arn": table["TableArn"]} | ({"StreamArn": stream} if stream else {})


register(
    Handler(
        type="AWS::DynamoDB::Table",
        create=_create_table,
        read=_read_table,
        update=_update_table,
        delete=lambda call: call.api("dynamodb", "delete_table", TableName=call.physical_id),
        attributes=_table_attributes,
        immutable=frozenset(
            {"TableName", "KeySchema", "LocalSecondaryIndexes", "GlobalSecondaryIndexes"}
        ),
        not_verifiable={
            "ContributorInsightsSpecification": NOT_IN_MOTO,
            "GlobalSecondaryIndexes": "moto adds the throughput and the key types it assumes",
            "ImportSourceSpecification": NOT_IN_MOTO,
            "OnDemandThroughput": NOT_IN_MOTO,
            "ResourcePolicy": NOT_IN_MOTO,
            "TableClass": "moto keeps the table class only on creation",
            "WarmThroughput": NOT_IN_MOTO,
        },
    )
)


def _create_stream(call: Call) -> str:
    call.physical_id = call.name("Name", limit=128)
    declared = {
        k: v for k, v in call.properties.items() if k in {"ShardCount", "StreamModeDetails"}
    }
    if (call.get("StreamModeDetails") or {}).get("StreamMode") == "ON_DEMAND":
        declared.pop("ShardCount", None)
    elif "ShardCount" not in declared:
        declared |= {"ShardCount": 1}
    call.api("kinesis", "create_stream", declared, StreamName=call.physical_id)
    _configure_stream(call)
    return call.physical_id


def _configure_stream(call: Call) -> None:
    name = call.physical_id
    hours = int(call.get("RetentionPeriodHours", 24))
    held = call.api("kinesis", "describe_stream_summary", StreamName=name)[
        "StreamDescriptionSummary"
    ]
    if hours != held["RetentionPeriodHours"]:
        verb = "increase" if hours > held["RetentionPeriodHours"] else "decrease"
        call.api(
            "kinesis",
            f"{verb}_stream_retention_period",
            StreamName=name,
            RetentionPeriodHours=hours,
        )
    encryption = call.get("StreamEncryption")
    if encryption:
        call.api("kinesis", "start_stream_encryption", encryption, StreamName=name)
    elif held.get("EncryptionType", "NONE") != "NONE":
        call.api(
            "kinesis",
            "stop_stream_encryption",
            StreamName=name,
            EncryptionType="KMS",
            KeyId=held["KeyId"],
        )
    call.api("kinesis", "add_tags_to_stream", StreamName=name, Tags=call.tags())


def _update_stream(call: Call) -> None:
    if call.changed("ShardCount") and call.get("ShardCount"):
        call.api(
            "kinesis",
            "update_shard_count",
            StreamName=call.physical_id,
            TargetShardCount=int(call.get("ShardCount")),
            ScalingType="UNIFORM_SCALING",
        )
    _configure_stream(call)


def _read_stream(call: Call) -> Mapping[str, Any]:
    name = call.physical_id
    found: dict[str, Any] = call.api("kinesis", "describe_stream_summary", StreamName=name)[
        "StreamDescriptionSummary"
    ]
    return found | {
        "Name": found["StreamName"],
        "ShardCount": found.get("OpenShardCount"),
        "StreamEncryption": {
            "EncryptionType": found.get("EncryptionType"),
            "KeyId": found.get("KeyId"),
        },
        "Tags": call.api("kinesis", "list_tags_for_stream", StreamName=name)["Tags"],
    }


register(
    Handler(
        type="AWS::Kinesis::Stream",
        create=_create_stream,
        read=_read_stream,
        update=_update_stream,
        delete=lambda call: call.api("kinesis", "delete_stream", StreamName=call.physical_id),
        attributes=lambda call: {"Arn": call.arn("kinesis", f"stream/{call.physical_id}")},
        immutable=frozenset({"Name"}),
    )
)


def _create_consumer(call: Call) -> str:
    found: dict[str, Any] = call.api(
        "kinesis",
        "register_stream_consumer",
        StreamARN=call.get("StreamARN"),
        ConsumerName=call.name("ConsumerName"),
    )
    return str(found["Consumer"]["ConsumerARN"])


register(
    Handler(
        type="AWS::Kinesis::StreamConsumer",
        create=_create_consumer,
        read=lambda call: call.api(
            "kinesis", "describe_stream_consumer", ConsumerARN=call.physical_id
        )["ConsumerDescription"],
        delete=lambda call: call.api(
            "kinesis", "deregister_stream_consumer", ConsumerARN=call.physical_id
        ),
        attributes=lambda call: {"ConsumerARN": call.physical_id},
        part_of=("StreamARN",),
    )
)
