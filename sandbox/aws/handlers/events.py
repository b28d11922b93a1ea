"""AWS::Events::*."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register
from sandbox.aws.simple import Simple, register_simple


def _create_bus(call: Call) -> str:
    declared = {k: v for k, v in call.properties.items() if k not in {"Tags", "Policy"}}
    name = call.name("Name", limit=256)
    call.api("events", "create_event_bus", declared, Name=name, Tags=call.tag_list())
    call.physical_id = name
    _set_bus_policy(call)
    return name


def _set_bus_policy(call: Call) -> None:
    policy = call.get("Policy")
    if policy:
        call.api(
            "events", "put_permission", EventBusName=call.physical_id, Policy=shape.text(policy)
        )


def _update_bus(call: Call) -> None:
    _set_bus_policy(call)
    arn = call.arn("events", f"event-bus/{call.physical_id}")
    call.retag("events", call.tag_list(), ResourceARN=arn)


def _read_bus(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api("events", "describe_event_bus", Name=call.physical_id)
    arn = call.arn("events", f"event-bus/{call.physical_id}")
    return found | {"Tags": call.api("events", "list_tags_for_resource", ResourceARN=arn)["Tags"]}


register(
    Handler(
        type="AWS::Events::EventBus",
        create=_create_bus,
        read=_read_bus,
        update=_update_bus,
        delete=lambda call: call.api("events", "delete_event_bus", Name=call.physical_id),
        attributes=lambda call: {
            "Arn": call.arn("events", f"event-bus/{call.physical_id}"),
            "Name": call.physical_id,
        },
        immutable=frozenset({"Name"}),
        not_verifiable={
            "Description": NOT_IN_MOTO,
            "KmsKeyIdentifier": NOT_IN_MOTO,
            "DeadLetterConfig": NOT_IN_MOTO,
            "LogConfig": NOT_IN_MOTO,
        },
    )
)


def _bus(call: Call) -> str:
    return str(call.get("EventBusName") or "default")


def _put_rule(call: Call) -> str:
    name = call.physical_id.rsplit("|", 1)[-1] or call.name("Name")
    declared = {k: v for k, v in call.properties.items() if k not in {"Targets", "Tags"}}
    fixed = (
        {"EventPattern": shape.text(call.get("EventPattern"))} if call.get("EventPattern") else {}
    )
    # Tags are taken on creation only.
    tags = {} if call.physical_id else {"Tags": call.tag_list()}
    call.api("events", "put_rule", declared, Name=name, **fixed, **tags)
    gone = {str(t["Id"]) for t in call.previous.get("Targets") or ()} - {
        str(t["Id"]) for t in call.get("Targets") or ()
    }
    if gone:
        call.api("events", "remove_targets", Rule=name, EventBusName=_bus(call), Ids=sorted(gone))
    if call.get("Targets"):
        found = call.api(
            "events",
            "put_targets",
            {"Targets": call.get("Targets")},
            Rule=name,
            EventBusName=_bus(call),
        )
        if found.get("FailedEntryCount"):
            raise ValueError(f"targets were refused: {found['FailedEntries']}")
    bus = _bus(call).rsplit("/", 1)[-1]
    return name if bus == "default" else f"{bus}|{name}"


def _rule_key(call: Call) -> dict[str, str]:
    return {"Name": call.physical_id.rsplit("|", 1)[-1], "EventBusName": _bus(call)}


def _read_rule(call: Call) -> Mapping[str, Any]:
    key = _rule_key(call)
    found: dict[str, Any] = call.api("events", "describe_rule", **key)
    targets = call.api(
        "events", "list_targets_by_rule", Rule=key["Name"], EventBusName=key["EventBusName"]
    )["Targets"]
    tags = call.api("events", "list_tags_for_resource", ResourceARN=found["Arn"])["Tags"]
    return found | {"Targets": targets, "Tags": tags, "EventBusName": call.get("EventBusName")}


def _delete_rule(call: Call) -> None:
    key = _rule_key(call)
    target = {"Rule": key["Name"], "EventBusName": key["EventBusName"]}
    listed = call.api("events", "list_targets_by_rule", **target)["Targets"]
    if listed:
        call.api("events", "remove_targets", **target, Ids=[t["Id"] for t in listed])
    call.api("events", "delete_rule", **key)


register(
    Handler(
        type="AWS::Events::Rule",
        create=_put_rule,
        read=_read_rule,
        update=_put_rule,
        delete=_delete_rule,
        attributes=lambda call: {
            "Arn": call.api("events", "describe_rule", **_rule_key(call))["Arn"]
        },
        immutable=frozenset({"Name", "EventBusName"}),
        part_of=("EventBusName",),
    )
)


def _permit_bus(call: Call) -> str:
    statement = call.get("Statement")
    bus = {"EventBusName": _bus(call)}
    if statement:
        policy = {
            "Version": "2012-10-17",
            "Statement": [{"Sid": call.get("StatementId"), **statement}],
        }
        call.api("events", "put_permission", **bus, Policy=json.dumps(policy))
    else:
        call.api("events", "put_permission", call.properties, **bus)
    return str(call.get("StatementId"))


def _read_bus_permission(call: Call) -> Mapping[str, Any]:
    policy = json.loads(
        call.api("events", "describe_event_bus", Name=_bus(call)).get("Policy") or "{}"
    )
    statement = next(
        (s for s in policy.get("Statement", ()) if s.get("Sid") == call.physical_id), None
    )
    if statement is None:
        return {}
    return (
        dict(call.properties)
        if not call.get("Statement")
        else {
            **call.properties,
            "Statement": statement,
        }
    )


register(
    Handler(
        type="AWS::Events::EventBusPolicy",
        create=_permit_bus,
        read=_read_bus_permission,
        update=_permit_bus,
        delete=lambda call: call.api(
            "events",
            "remove_permission",
            EventBusName=_bus(call),
            StatementId=call.physical_id,
        ),
        immutable=frozenset({"StatementId", "EventBusName"}),
        part_of=("EventBusName",),
    )
)

register_simple(
    Simple(
        type="AWS::Events::Archive",
        service="events",
        create="create_archive",
        read="describe_archive",
        delete="delete_archive",
        update="update_archive",
        key="ArchiveName",
        name="ArchiveName",
        name_limit=48,
        rename={"SourceArn": "EventSourceArn"},
        attributes={"Arn": "ArchiveArn"},
    )
)
register_simple(
    Simple(
        type="AWS::Events::Connection",
        service="events",
        create="create_connection",
        read="describe_connection",
        delete="delete_connection",
        update="update_connection",
        key="Name",
        name="Name",
        attributes={"Arn": "ConnectionArn", "SecretArn": "SecretArn"},
        not_verifiable={"AuthParameters": "credentials are never given back"},
    )
)
register_simple(
    Simple(
        type="AWS::Events::ApiDestination",
        service="events",
        create="create_api_destination",
        read="describe_api_destination",
        delete="delete_api_destination",
        update="update_api_destination",
        key="Name",
        name="Name",
        attributes={"Arn": "ApiDestinationArn"},
    )
)
