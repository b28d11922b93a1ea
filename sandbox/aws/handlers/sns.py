"""AWS::SNS::*."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register
from sandbox.aws.server import ACCOUNT

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
    call.retag("sns", call.tag_list(), ResourceArn=arn)


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
        delete=lambda call: call.api("sns", "delete_topic", TopicArn=call.physical_id),
        attributes=lambda call: {
            "TopicArn": call.physical_id,
            "TopicName": call.physical_id.rsplit(":", 1)[1],
        },
        immutable=frozenset({"TopicName", "FifoTopic", "Subscription"}),
        not_verifiable={
            "ArchivePolicy": NOT_IN_MOTO,
            "DataProtectionPolicy": NOT_IN_MOTO,
            "DeliveryStatusLogging": NOT_IN_MOTO,
            "FifoThroughputScope": NOT_IN_MOTO,
        },
    )
)


def _set_policy(call: Call, arn: str, document: str) -> None:
    call.api(
        "sns",
        "set_topic_attributes",
        TopicArn=arn,
        AttributeName="Policy",
        AttributeValue=document,
    )


def _put_topic_policy(call: Call) -> str:
    for arn in call.get("Topics") or ():
        _set_policy(call, arn, shape.text(call.get("PolicyDocument")))
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
        _set_policy(call, arn, _own_topic(arn))


register(
    Handler(
        type="AWS::SNS::TopicPolicy",
        create=_put_topic_policy,
        read=_read_topic_policy,
        update=_put_topic_policy,
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
        delete=lambda call: call.api("sns", "unsubscribe", SubscriptionArn=call.physical_id),
        immutable=frozenset({"TopicArn", "Protocol", "Endpoint"}),
        part_of=("TopicArn",),
        not_verifiable={"Region": "a subscription is found by its ARN, which holds the region"},
    )
)
