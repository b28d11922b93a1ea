"""SQS queues and SNS topics: encryption, dead letters, who may send and receive."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from collectors.document import policy, renamed
from collectors.reader import Answer, Reader
from collectors.registry import collector
from core.types import EMPTY, Resource, unknown

QUEUE = "AWS::SQS::Queue"
QUEUE_POLICY = "AWS::SQS::QueuePolicy"
TOPIC = "AWS::SNS::Topic"
TOPIC_POLICY = "AWS::SNS::TopicPolicy"
SUBSCRIPTION = "AWS::SNS::Subscription"

_NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_NO_TOPIC = ("NotFound", "NotFoundException")


@collector(yields=(QUEUE, QUEUE_POLICY), calls=("sqs:ListQueues", "sqs:GetQueueAttributes"))
def sqs_queues(aws: Reader) -> Iterator[Resource]:
    """Queues with encryption, redrive, retention and policy."""
    if aws.only is not None:
        known = (*aws.only.properties.get("Queues", ()), *aws.only.aliases)
        urls = [url for url in known if url.startswith("http")]
    else:
        urls = aws.listed("sqs:ListQueues", "QueueUrls", of=QUEUE)
    yield from aws.each(urls, lambda url: _queue(aws, url))


def _queue(aws: Reader, url: str) -> Iterator[Resource]:
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    arn = aws.arn("sqs", name)
    answer = aws.ask(
        "sqs:GetQueueAttributes", uid=arn, of=QUEUE, absent=_NO_QUEUE,
        QueueUrl=url, AttributeNames=["All"],
    )  # fmt: skip
    if answer.body is None and not answer.unread:
        return
    attributes = (answer.body or {}).get("Attributes") or {}
    names = ("KmsMasterKeyId", "SqsManagedSseEnabled", "RedrivePolicy", "MessageRetentionPeriod")
    queue = aws.resource(
        QUEUE,
        uid=attributes.get("QueueArn", arn),
        name=name,
        aliases=(name, url),
        created_at=attributes.get("CreatedTimestamp"),
        changed_at=attributes.get("LastModifiedTimestamp"),
        unreadable={QUEUE_POLICY: answer.unread} if answer.unread else EMPTY,
        properties={
            "QueueName": name,
            **answer.properties(names, lambda body: _queue_properties(body["Attributes"])),
        },
    )
    yield queue
    if attributes.get("Policy"):
        yield aws.part(
            queue,
            QUEUE_POLICY,
            "policy",
            {"Queues": [url], "PolicyDocument": policy(attributes["Policy"])},
        )


_QUEUE_NUMBERS = {
    "VisibilityTimeout": "VisibilityTimeout",
    "MessageRetentionPeriod": "MessageRetentionPeriod",
    "MaximumMessageSize": "MaximumMessageSize",
    "DelaySeconds": "DelaySeconds",
    "ReceiveMessageWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "KmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
}
_QUEUE_FLAGS = {
    name: name for name in ("SqsManagedSseEnabled", "FifoQueue", "ContentBasedDeduplication")
}
_QUEUE_OBJECTS = {name: name for name in ("RedrivePolicy", "RedriveAllowPolicy")}


def _queue_properties(attributes: Mapping[str, str]) -> dict[str, Any]:
    numbers = renamed(attributes, _QUEUE_NUMBERS)
    return {
        **{name: int(value) for name, value in numbers.items()},
        **{name: value == "true" for name, value in renamed(attributes, _QUEUE_FLAGS).items()},
        **{name: json.loads(value) for name, value in renamed(attributes, _QUEUE_OBJECTS).items()},
        "KmsMasterKeyId": attributes.get("KmsMasterKeyId") or None,
    }


@collector(
    yields=(TOPIC, TOPIC_POLICY, SUBSCRIPTION),
    calls=(
        "sns:ListTopics",
        "sns:GetTopicAttributes",
        "sns:ListSubscriptions",
        "sns:ListSubscriptionsByTopic",
        "sns:GetSubscriptionAttributes",
    ),
)
def sns_topics(aws: Reader) -> Iterator[Resource]:
    """Topics with encryption and policy, and their subscriptions."""
    if aws.only is not None:
        arn = aws.only.uid.split("|")[0]
        arns = [":".join(arn.split(":")[:6])]
        subscriptions = (
            aws.listed(
                "sns:ListSubscriptionsByTopic", "Subscriptions", of=SUBSCRIPTION, TopicArn=arns[0]
            )
            if aws.only.type in (TOPIC, SUBSCRIPTION)
            else []
        )
    else:
        arns = [topic["TopicArn"] for topic in aws.listed("sns:ListTopics", "Topics", of=TOPIC)]
        subscriptions = aws.listed("sns:ListSubscriptions", "Subscriptions", of=SUBSCRIPTION)
    yield from aws.each(arns, lambda arn: _topic(aws, arn))
    yield from aws.each(subscriptions, lambda each: [_subscription(aws, each)])


def _topic(aws: Reader, arn: str) -> Iterator[Resource]:
    name = arn.rsplit(":", 1)[-1]
    answer = aws.ask("sns:GetTopicAttributes", uid=arn, of=TOPIC, absent=_NO_TOPIC, TopicArn=arn)
    if answer.body is None and not answer.unread:
        return
    attributes = (answer.body or {}).get("Attributes") or {}
    topic = aws.resource(
        TOPIC,
        uid=arn,
        name=name,
        aliases=(name,),
        unreadable={TOPIC_POLICY: answer.unread} if answer.unread else EMPTY,
        properties={
            "TopicName": name,
            **answer.properties(
                ("KmsMasterKeyId", "SignatureVersion", "TracingConfig"),
                lambda body: _topic_properties(body["Attributes"]),
            ),
        },
    )
    yield topic
    if attributes.get("Policy"):
        yield aws.part(
            topic,
            TOPIC_POLICY,
            "policy",
            {"Topics": [arn], "PolicyDocument": policy(attributes["Policy"])},
        )


def _topic_properties(attributes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "DisplayName": attributes.get("DisplayName") or None,
        "KmsMasterKeyId": attributes.get("KmsMasterKeyId") or None,
        "SignatureVersion": attributes.get("SignatureVersion"),
        "TracingConfig": attributes.get("TracingConfig"),
        **{
            name: attributes[name] == "true"
            for name in ("FifoTopic", "ContentBasedDeduplication")
            if name in attributes
        },
    }


_SUBSCRIPTION_OBJECTS = ("RedrivePolicy", "FilterPolicy", "DeliveryPolicy")


def _subscription(aws: Reader, listed: Mapping[str, Any]) -> Resource:
    arn = listed["SubscriptionArn"]
    confirmed = arn.startswith("arn:")
    topic, endpoint = listed["TopicArn"], listed.get("Endpoint", "")
    answer = (
        aws.ask(
            "sns:GetSubscriptionAttributes", uid=arn, of=SUBSCRIPTION, absent=_NO_TOPIC,
            SubscriptionArn=arn,
        )
        if confirmed
        else Answer()
    )  # fmt: skip
    uid = arn if confirmed else f"{topic}|{SUBSCRIPTION}|{listed.get('Protocol')}:{endpoint}"
    return aws.resource(
        SUBSCRIPTION,
        uid=uid,
        name=f"{topic.rsplit(':', 1)[-1]} to {listed.get('Protocol')}",
        tags=EMPTY,
        properties={
            "TopicArn": topic,
            "Protocol": listed.get("Protocol"),
            "Endpoint": endpoint.split("?", 1)[0],  # a query string may carry a token
            "PendingConfirmation": not confirmed or None,
            **answer.properties(_SUBSCRIPTION_OBJECTS, _subscription_properties),
        },
    )


def _subscription_properties(body: Mapping[str, Any]) -> dict[str, Any]:
    attributes = body.get("Attributes") or {}
    return {
        **{name: _object(attributes[name]) for name in _SUBSCRIPTION_OBJECTS if name in attributes},
        "RawMessageDelivery": attributes.get("RawMessageDelivery") == "true",
    }


def _object(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return unknown("not the JSON it should be")
