"""AWS::SQS::*, AWS::SNS::*, AWS::Events::*."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import Call, Handler, register
from sandbox.aws.server import ACCOUNT
from sandbox.aws.simple import Simple, register_simple

_NOT_IN_MOTO = "moto does not keep it"


def _discard(_: object) -> None:
    return None


# What a queue falls back to when a template no longer declares the attribute.
_QUEUE_DEFAULTS = {
    "DelaySeconds": "0",
    "MaximumMessageSize": "262144",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
    "RedrivePolicy": "",
    "KmsMasterKeyId": "",
}


_SELF_ENCRYPTED = {"SqsManagedSseEnabled": "true"}


def _queue_attributes(call: Call) -> dict[str, str]:
    gone = {k: v for k, v in _QUEUE_DEFAULTS.items() if k in call.previous}
    declared = {
        k: shape.text(v) for k, v in call.properties.items() if k not in {"QueueName", "Tags"}
    }
    if declared.get("FifoQueue") == "false":
        del declared["FifoQueue"]  # SQS refuses the attribute on a standard queue
    # SQS encrypts by itself unless it is told not to, or given a key. (moto leaves that out.)
    own = {} if {"KmsMasterKeyId", "SqsManagedSseEnabled"} & declared.keys() else _SELF_ENCRYPTED
    return gone | own | declared


def _create_queue(call: Call) -> str:
    name = call.name("QueueName", limit=75)
    is_fifo = shape.text(call.get("FifoQueue", False)) == "true"
    if is_fifo and not name.endswith(".fifo"):
        name += ".fifo"
    found: dict[str, Any] = call.api(
        "sqs", "create_queue", QueueName=name, Attributes=_queue_attributes(call), tags=call.tags()
    )
    return str(found["QueueUrl"])


def _update_queue(call: Call) -> None:
    attributes = _queue_attributes(call)
    attributes.pop("FifoQueue", None)
    call.api("sqs", "set_queue_attributes", QueueUrl=call.physical_id, Attributes=attributes)
    if call.gone_tags():
        call.api("sqs", "untag_queue", QueueUrl=call.physical_id, TagKeys=call.gone_tags())
    call.api("sqs", "tag_queue", QueueUrl=call.physical_id, Tags=call.tags())


def _read_queue(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api(
        "sqs", "get_queue_attributes", QueueUrl=call.physical_id, AttributeNames=["All"]
    )["Attributes"]
    tags = call.api("sqs", "list_queue_tags", QueueUrl=call.physical_id)
    if call.get("KmsMasterKeyId"):
        found.pop("SqsManagedSseEnabled", None)  # off, because a key took over
    return found | {
        "QueueName": call.physical_id.rsplit("/", 1)[1],
        "Tags": tags.get("Tags", {}),
        "FifoQueue": found.get("FifoQueue", "false"),
    }


register(
    Handler(
        type="AWS::SQS::Queue",
        create=_create_queue,
        read=_read_queue,
        update=_update_queue,
        delete=lambda call: _discard(call.api("sqs", "delete_queue", QueueUrl=call.physical_id)),
        attributes=lambda call: {
            "Arn": call.arn("sqs", call.physical_id.rsplit("/", 1)[1]),
            "QueueName": call.physical_id.rsplit("/", 1)[1],
            "QueueUrl": call.physical_id,
        },
        immutable=frozenset({"QueueName", "FifoQueue"}),
        not_verifiable={"RedriveAllowPolicy": _NOT_IN_MOTO},
    )
)


def _document(call: Call) -> str:
    return shape.text(call.get("PolicyDocument"))


def _put_queue_policy(call: Call) -> str:
    for url in call.get("Queues") or ():
        call.api(
            "sqs", "set_queue_attributes", QueueUrl=url, Attributes={"Policy": _document(call)}
        )
    return call.physical_id or call.name()


def _read_queue_policy(call: Call) -> Mapping[str, Any]:
    found = {
        url: call.api("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["Policy"])
        for url in call.get("Queues") or ()
    }
    documents = [f.get("Attributes", {}).get("Policy", "") for f in found.values()]
    return {"Queues": list(found), "PolicyDocument": documents[0] if documents else ""}


def _delete_queue_policy(call: Call) -> None:
    for url in call.get("Queues") or ():
        call.api("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"Policy": ""})


register(
    Handler(
        type="AWS::SQS::QueuePolicy",
        create=_put_queue_policy,
        read=_read_queue_policy,
        update=lambda call: _discard(_put_queue_policy(call)),
        delete=_delete_queue_policy,
        immutable=frozenset({"Queues"}),
        part_of=("Queues",),
    )
)

_TOPIC_ATTRIBUTES = (
    "DisplayName",
    "KmsMasterKeyId",
    "SignatureVersion",
    "TracingConfig",
    "ContentBasedDeduplication",
    "DeliveryPolicy",
)


def _create_topic(call: Call) -> str:
    name = call.name("TopicName", limit=250)
    attributes = {n: shape.text(call.get(n)) for n in _TOPIC_ATTRIBUTES if call.get(n) is not None}
    if shape.text(call.get("FifoTopic", False)) == "true":
        attributes["FifoTopic"] = "true"
        name = name if name.endswith(".fifo") else f"{name}.fifo"
    found: dict[str, Any] = call.api(
        "sns", "create_topic", Name=name, Attributes=attributes, Tags=call.tag_list()
    )
    call.physical_id = str(found["TopicArn"])
    for row in call.get("Subscription") or ():
        call.api("sns", "subscribe", row, TopicArn=call.physical_id)
    return call.physical_id


def _update_topic(call: Call) -> None:
    arn = call.physical_id
    for name in _TOPIC_ATTRIBUTES:
        if call.changed(name):
            call.api(
                "sns",
                "set_topic_attributes",
                TopicArn=arn,
                AttributeName=name,
                AttributeValue=shape.text(call.get(name, "")),
            )
    if call.gone_tags():
        call.api("sns", "untag_resource", ResourceArn=arn, TagKeys=call.gone_tags())
    call.api("sns", "tag_resource", ResourceArn=arn, Tags=call.tag_list())


def _read_topic(call: Call) -> Mapping[str, Any]:
    arn = call.physical_id
    found: dict[str, Any] = call.api("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
    listed = call.api("sns", "list_subscriptions_by_topic", TopicArn=arn)["Subscriptions"]
    inline = [
        {"Protocol": row["Protocol"], "Endpoint": row["Endpoint"]}
        for row in call.get("Subscription") or ()
        if any(
            s["Protocol"] == row["Protocol"] and s["Endpoint"] == row["Endpoint"] for s in listed
        )
    ]
    return found | {
        "TopicName": arn.rsplit(":", 1)[1],
        "FifoTopic": found.get("FifoTopic", "false"),
        "Subscription": inline,
        "Tags": call.api("sns", "list_tags_for_resource", ResourceArn=arn)["Tags"],
    }


register(
    Handler(
        type="AWS::SNS::Topic",
        create=_create_topic,
        read=_read_topic,
        update=_update_topic,
        delete=lambda call: _discard(call.api("sns", "delete_topic", TopicArn=call.physical_id)),
        attributes=lambda call: {
            "TopicArn": call.physical_id,
            "TopicName": call.physical_id.rsplit(":", 1)[1],
        },
        immutable=frozenset({"TopicName", "FifoTopic", "Subscription"}),
        not_verifiable={
            "ArchivePolicy": _NOT_IN_MOTO,
            "DataProtectionPolicy": _NOT_IN_MOTO,
            "DeliveryStatusLogging": _NOT_IN_MOTO,
            "FifoThroughputScope": _NOT_IN_MOTO,
        },
    )
)


def _put_topic_policy(call: Call) -> str:
    for arn in call.get("Topics") or ():
        call.api(
            "sns",
            "set_topic_attributes",
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=_document(call),
        )
    return call.physical_id or call.name()


def _read_topic_policy(call: Call) -> Mapping[str, Any]:
    topics = list(call.get("Topics") or ())
    documents = [
        call.api("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]["Policy"]
        for arn in topics
    ]
    return {"Topics": topics, "PolicyDocument": documents[0] if documents else ""}


def _own_topic(arn: str) -> str:
    """Write the policy that SNS gives a topic which has none: its own account only."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes"],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
    }
    return json.dumps({"Version": "2008-10-17", "Statement": [statement]})


def _reset_topic_policy(call: Call) -> None:
    for arn in call.get("Topics") or ():
        call.api(
            "sns",
            "set_topic_attributes",
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=_own_topic(arn),
        )


register(
    Handler(
        type="AWS::SNS::TopicPolicy",
        create=_put_topic_policy,
        read=_read_topic_policy,
        update=lambda call: _discard(_put_topic_policy(call)),
        delete=_reset_topic_policy,
        immutable=frozenset({"Topics"}),
        part_of=("Topics",),
    )
)

_SUBSCRIPTION_ATTRIBUTES = (
    "DeliveryPolicy",
    "FilterPolicy",
    "FilterPolicyScope",
    "RawMessageDelivery",
    "RedrivePolicy",
    "SubscriptionRoleArn",
)


def _subscribe(call: Call) -> str:
    attributes = {
        n: shape.text(call.get(n)) for n in _SUBSCRIPTION_ATTRIBUTES if call.get(n) is not None
    }
    found: dict[str, Any] = call.api(
        "sns",
        "subscribe",
        TopicArn=call.get("TopicArn"),
        Protocol=call.get("Protocol"),
        Endpoint=str(call.get("Endpoint", "")),
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )
    return str(found["SubscriptionArn"])


def _update_subscription(call: Call) -> None:
    for name in _SUBSCRIPTION_ATTRIBUTES:
        if call.changed(name):
            call.api(
                "sns",
                "set_subscription_attributes",
                SubscriptionArn=call.physical_id,
                AttributeName=name,
                AttributeValue=shape.text(call.get(name, "")),
            )


register(
    Handler(
        type="AWS::SNS::Subscription",
        create=_subscribe,
        read=lambda call: call.api(
            "sns", "get_subscription_attributes", SubscriptionArn=call.physical_id
        )["Attributes"],
        update=_update_subscription,
        delete=lambda call: _discard(
            call.api("sns", "unsubscribe", SubscriptionArn=call.physical_id)
        ),
        immutable=frozenset({"TopicArn", "Protocol", "Endpoint"}),
        part_of=("TopicArn",),
        not_verifiable={"Region": "a subscription is found by its ARN, which holds the region"},
    )
)


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
    call.api("events", "tag_resource", ResourceARN=arn, Tags=call.tag_list())


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
        delete=lambda call: _discard(call.api("events", "delete_event_bus", Name=call.physical_id)),
        attributes=lambda call: {
            "Arn": call.arn("events", f"event-bus/{call.physical_id}"),
            "Name": call.physical_id,
        },
        immutable=frozenset({"Name"}),
        not_verifiable={
            "Description": _NOT_IN_MOTO,
            "KmsKeyIdentifier": _NOT_IN_MOTO,
            "DeadLetterConfig": _NOT_IN_MOTO,
            "LogConfig": _NOT_IN_MOTO,
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
        update=lambda call: _discard(_put_rule(call)),
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
        update=lambda call: _discard(_permit_bus(call)),
        delete=lambda call: _discard(
            call.api(
                "events",
                "remove_permission",
                EventBusName=_bus(call),
                StatementId=call.physical_id,
            )
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
