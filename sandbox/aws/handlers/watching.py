"""AWS::Logs::*, AWS::CloudWatch::*, AWS::CloudTrail::*."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register


def _create_group(call: Call) -> str:
    name = call.name("LogGroupName", limit=512)
    key = {"kmsKeyId": call.get("KmsKeyId")} if call.get("KmsKeyId") else {}
    call.api("logs", "create_log_group", logGroupName=name, tags=call.tags(), **key)
    call.physical_id = name
    _set_retention(call)
    return name


def _set_retention(call: Call) -> None:
    days = call.get("RetentionInDays")
    if days is not None:
        call.api(
            "logs",
            "put_retention_policy",
            logGroupName=call.physical_id,
            retentionInDays=int(days),
        )
    elif "RetentionInDays" in call.previous:
        call.api("logs", "delete_retention_policy", logGroupName=call.physical_id)


def _update_group(call: Call) -> None:
    _set_retention(call)
    group = {"logGroupName": call.physical_id}
    if call.changed("KmsKeyId") and call.get("KmsKeyId"):
        call.api("logs", "associate_kms_key", **group, kmsKeyId=call.get("KmsKeyId"))
    elif call.changed("KmsKeyId"):
        call.api("logs", "disassociate_kms_key", **group)
    if call.gone_tags():
        call.api("logs", "untag_log_group", **group, tags=call.gone_tags())
    call.api("logs", "tag_log_group", **group, tags=call.tags())


def _find_group(call: Call) -> dict[str, Any]:
    groups = call.api("logs", "describe_log_groups", logGroupNamePrefix=call.physical_id)[
        "logGroups"
    ]
    return next((g for g in groups if g["logGroupName"] == call.physical_id), {})


def _read_group(call: Call) -> Mapping[str, Any]:
    tags = call.api("logs", "list_tags_log_group", logGroupName=call.physical_id)["tags"]
    return _find_group(call) | {"Tags": tags}


register(
    Handler(
        type="AWS::Logs::LogGroup",
        create=_create_group,
        read=_read_group,
        update=_update_group,
        delete=lambda call: call.api("logs", "delete_log_group", logGroupName=call.physical_id),
        attributes=lambda call: {"Arn": call.arn("logs", f"log-group:{call.physical_id}:*")},
        immutable=frozenset({"LogGroupName"}),
        not_verifiable={
            "LogGroupClass": NOT_IN_MOTO,
            "DataProtectionPolicy": NOT_IN_MOTO,
            "FieldIndexPolicies": NOT_IN_MOTO,
            "DeletionProtectionEnabled": NOT_IN_MOTO,
        },
    )
)


def _create_log_stream(call: Call) -> str:
    name = call.name("LogStreamName", limit=512)
    call.api("logs", "create_log_stream", logGroupName=call.get("LogGroupName"), logStreamName=name)
    return name


register(
    Handler(
        type="AWS::Logs::LogStream",
        create=_create_log_stream,
        read=lambda call: (
            call.api(
                "logs",
                "describe_log_streams",
                logGroupName=call.get("LogGroupName"),
                logStreamNamePrefix=call.physical_id,
            )["logStreams"][0]
            | {"LogGroupName": call.get("LogGroupName")}
        ),
        delete=lambda call: call.api(
            "logs",
            "delete_log_stream",
            logGroupName=call.get("LogGroupName"),
            logStreamName=call.physical_id,
        ),
        part_of=("LogGroupName",),
    )
)


def _put_log_policy(call: Call) -> str:
    name = call.name("PolicyName")
    call.api(
        "logs",
        "put_resource_policy",
        policyName=name,
        policyDocument=shape.text(call.get("PolicyDocument")),
    )
    return name


register(
    Handler(
        type="AWS::Logs::ResourcePolicy",
        create=_put_log_policy,
        read=lambda call: next(
            (
                p
                for p in call.api("logs", "describe_resource_policies")["resourcePolicies"]
                if p["policyName"] == call.physical_id
            ),
            {},
        ),
        update=_put_log_policy,
        delete=lambda call: call.api("logs", "delete_resource_policy", policyName=call.physical_id),
        immutable=frozenset({"PolicyName"}),
    )
)


def _put_alarm(call: Call) -> str:
    name = call.physical_id or call.name("AlarmName", limit=255)
    call.api(
        "cloudwatch", "put_metric_alarm", call.properties, AlarmName=name, Tags=call.tag_list()
    )
    return name


def _read_alarm(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api("cloudwatch", "describe_alarms", AlarmNames=[call.physical_id])
    alarm: dict[str, Any] = next(iter(found["MetricAlarms"]), {})
    arn = alarm.get("AlarmArn")
    if not arn:
        return {}
    tags = call.api("cloudwatch", "list_tags_for_resource", ResourceARN=arn)["Tags"]
    return dict(alarm) | {"Tags": tags}


register(
    Handler(
        type="AWS::CloudWatch::Alarm",
        create=_put_alarm,
        read=_read_alarm,
        update=_put_alarm,
        delete=lambda call: call.api("cloudwatch", "delete_alarms", AlarmNames=[call.physical_id]),
        attributes=lambda call: {"Arn": call.arn("cloudwatch", f"alarm:{call.physical_id}")},
        immutable=frozenset({"AlarmName"}),
        not_verifiable={
            "ActionsEnabled": "moto answers with true for every alarm",
            "Metrics": "moto fills the metrics of an expression with defaults",
        },
    )
)


def _put_dashboard(call: Call) -> str:
    name = call.physical_id or call.name("DashboardName")
    body = shape.text(call.get("DashboardBody"))
    call.api("cloudwatch", "put_dashboard", DashboardName=name, DashboardBody=body)
    return name


register(
    Handler(
        type="AWS::CloudWatch::Dashboard",
        create=_put_dashboard,
        read=lambda call: call.api("cloudwatch", "get_dashboard", DashboardName=call.physical_id),
        update=_put_dashboard,
        delete=lambda call: call.api(
            "cloudwatch", "delete_dashboards", DashboardNames=[call.physical_id]
        ),
        immutable=frozenset({"DashboardName"}),
    )
)

# CloudFormation's words beside CloudTrail's.
_TRAIL = {"EnableLogFileValidation": "LogFileValidationEnabled", "KMSKeyId": "KmsKeyId"}


def _trail(call: Call) -> dict[str, Any]:
    return {
        k: v for k, v in call.properties.items() if k not in {"Tags", "EventSelectors", "IsLogging"}
    }


def _create_trail(call: Call) -> str:
    name = call.name("TrailName", limit=128)
    call.api("cloudtrail", "create_trail", _trail(call), Name=name, TagsList=call.tag_list())
    call.physical_id = name
    _switch_trail(call)
    return name


def _switch_trail(call: Call) -> None:
    if shape.text(call.get("IsLogging", False)) == "true":
        call.api("cloudtrail", "start_logging", Name=call.physical_id)
    else:
        call.api("cloudtrail", "stop_logging", Name=call.physical_id)
    if call.get("EventSelectors"):
        call.api(
            "cloudtrail",
            "put_event_selectors",
            {"EventSelectors": call.get("EventSelectors")},
            TrailName=call.physical_id,
        )


def _update_trail(call: Call) -> None:
    gone = {
        "EnableLogFileValidation": False,
        "IsMultiRegionTrail": False,
    }
    declared = {k: v for k, v in gone.items() if k in call.previous} | _trail(call)
    call.api("cloudtrail", "update_trail", declared, Name=call.physical_id)
    _switch_trail(call)


def _read_trail(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api("cloudtrail", "get_trail", Name=call.physical_id)["Trail"]
    status = call.api("cloudtrail", "get_trail_status", Name=call.physical_id)
    arn = found["TrailARN"]
    tags = call.api("cloudtrail", "list_tags", ResourceIdList=[arn])["ResourceTagList"]
    return (
        found
        | {declared: found.get(held) for declared, held in _TRAIL.items()}
        | {
            "TrailName": found["Name"],
            "IsLogging": status["IsLogging"],
            "IncludeGlobalServiceEvents": found.get("IncludeGlobalServiceEvents"),
            "Tags": tags[0]["TagsList"] if tags else [],
            "EventSelectors": call.api(
                "cloudtrail", "get_event_selectors", TrailName=call.physical_id
            ).get("EventSelectors"),
        }
    )


register(
    Handler(
        type="AWS::CloudTrail::Trail",
        create=_create_trail,
        read=_read_trail,
        update=_update_trail,
        delete=lambda call: call.api("cloudtrail", "delete_trail", Name=call.physical_id),
        attributes=lambda call: {"Arn": call.arn("cloudtrail", f"trail/{call.physical_id}")},
        immutable=frozenset({"TrailName"}),
        not_verifiable={
            "AdvancedEventSelectors": NOT_IN_MOTO,
            "AggregationConfigurations": NOT_IN_MOTO,
            "InsightSelectors": NOT_IN_MOTO,
        },
    )
)
