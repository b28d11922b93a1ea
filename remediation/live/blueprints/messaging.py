"""Queues, topics and streams."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.types import LiveCall, Resource
from remediation.live.blueprint import Answer, Aspect, LiveTarget, live
from remediation.live.policy import parsed, refuse_plain_http


def _url(resource: Resource) -> str:
    found = next((each for each in resource.aliases if each.startswith("http")), "")
    if not found:
        raise Declined("The queue's URL is not known: use Check again")
    return found


def _queue(name: str) -> Any:
    def ask(resource: Resource, _key: str) -> Mapping[str, Any]:
        return {"QueueUrl": _url(resource), "AttributeNames": [name]}

    return ask


def _queue_attribute(name: str) -> Any:
    def write(resource: Resource, _key: str, state: Any) -> LiveCall:
        attributes = {name: "" if state is None else state}
        return LiveCall(
            "sqs:SetQueueAttributes", {"QueueUrl": _url(resource), "Attributes": attributes}
        )

    return write


def _attribute(name: str) -> Any:
    def state(answer: Answer, _key: str) -> Any:
        return (answer.get("Attributes") or {}).get(name) or None

    return state


QUEUE_ENCRYPTION = Aspect(
    "queue encryption",
    read="sqs:GetQueueAttributes",
    writes=("sqs:SetQueueAttributes",),
    ask=_queue("SqsManagedSseEnabled"),
    state=lambda answer, _: (answer.get("Attributes") or {}).get("SqsManagedSseEnabled", "false"),
    write=_queue_attribute("SqsManagedSseEnabled"),
)
QUEUE_POLICY = Aspect(
    "queue policy",
    read="sqs:GetQueueAttributes",
    writes=("sqs:SetQueueAttributes",),
    ask=_queue("Policy"),
    state=_attribute("Policy"),
    write=_queue_attribute("Policy"),
    same=parsed,
)


@live("PL-SQS-001", QUEUE_ENCRYPTION)
def queue_encryption(target: LiveTarget) -> None:
    """SQS's own keys cost nothing and need no permission of senders or readers."""
    target.set(QUEUE_ENCRYPTION, "true")


@live("PL-SQS-004", QUEUE_POLICY)
def queue_tls_only(target: LiveTarget) -> None:
    """Extend the queue's policy, else give it one."""
    refuse_plain_http(target, QUEUE_POLICY, "sqs:*", target.resource.uid)


def _topic(resource: Resource, _key: str) -> Mapping[str, Any]:
    return {"TopicArn": resource.uid}


def _topic_attribute(name: str) -> Any:
    def write(resource: Resource, _key: str, state: Any) -> LiveCall:
        return LiveCall(
            "sns:SetTopicAttributes",
            {
                "TopicArn": resource.uid,
                "AttributeName": name,
                "AttributeValue": "" if state is None else state,
            },
        )

    return write


TOPIC_ENCRYPTION = Aspect(
    "topic encryption",
    read="sns:GetTopicAttributes",
    writes=("sns:SetTopicAttributes",),
    ask=_topic,
    state=_attribute("KmsMasterKeyId"),
    write=_topic_attribute("KmsMasterKeyId"),
)
TOPIC_POLICY = Aspect(
    "topic policy",
    read="sns:GetTopicAttributes",
    writes=("sns:SetTopicAttributes",),
    ask=_topic,
    state=_attribute("Policy"),
    write=_topic_attribute("Policy"),
    same=parsed,
)


@live(
    "PL-SNS-001",
    TOPIC_ENCRYPTION,
    TOPIC_POLICY,
    may_break=("Alarms of CloudWatch can no longer publish: AWS's own key does not admit them",),
)
def topic_encryption(target: LiveTarget) -> None:
    """AWS's own key admits no service that publishes: those need a key of the topic's own."""
    document = parsed(target.read(TOPIC_POLICY)) or {}
    if _admits_services(document):
        raise Declined(
            "AWS services publish to the topic, which AWS's own key does not allow: encrypt it "
            "with a key of its own that admits them"
        )
    target.set(TOPIC_ENCRYPTION, "alias/aws/sns")


def _admits_services(document: Mapping[str, Any]) -> bool:
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    principals = [each.get("Principal") for each in listed if each.get("Effect") == "Allow"]
    return any(isinstance(each, Mapping) and "Service" in each for each in principals)


@live("PL-SNS-003", TOPIC_POLICY)
def topic_tls_only(target: LiveTarget) -> None:
    """Extend the topic's policy; every topic has one."""
    refuse_plain_http(target, TOPIC_POLICY, "sns:Publish", target.resource.uid)


def _stream_state(answer: Answer, _key: str) -> dict[str, Any]:
    found = answer["StreamDescriptionSummary"]
    if found.get("EncryptionType", "NONE") == "NONE":
        return {"EncryptionType": "NONE"}
    return {"EncryptionType": found["EncryptionType"], "KeyId": found["KeyId"]}


def _stream_call(resource: Resource, _key: str, state: Any) -> LiveCall:
    if state["EncryptionType"] == "NONE":
        stop = {"EncryptionType": "KMS", "KeyId": _KINESIS_KEY}
        return LiveCall("kinesis:StopStreamEncryption", {"StreamName": resource.name, **stop})
    return LiveCall("kinesis:StartStreamEncryption", {"StreamName": resource.name, **state})


_KINESIS_KEY = "alias/aws/kinesis"
STREAM_ENCRYPTION = Aspect(
    "stream encryption",
    read="kinesis:DescribeStreamSummary",
    writes=("kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption"),
    ask=lambda resource, _: {"StreamName": resource.name},
    state=_stream_state,
    write=_stream_call,
)


@live("PL-KINESIS-001", STREAM_ENCRYPTION)
def stream_encryption(target: LiveTarget) -> None:
    """AWS's key for Kinesis, as the template's fix names it."""
    target.set(STREAM_ENCRYPTION, {"EncryptionType": "KMS", "KeyId": _KINESIS_KEY})
