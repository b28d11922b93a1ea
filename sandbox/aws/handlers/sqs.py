"""AWS::SQS::*."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register

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
    # moto forgets a queue's policy when other attributes are set; SQS keeps it.
    kept = call.api(
        "sqs", "get_queue_attributes", QueueUrl=call.physical_id, AttributeNames=["Policy"]
    ).get("Attributes", {})
    call.api(
        "sqs", "set_queue_attributes", QueueUrl=call.physical_id, Attributes={**kept, **attributes}
    )
    call.retag("sqs", call.tags(), of="queue", QueueUrl=call.physical_id)


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
        delete=lambda call: call.api("sqs", "delete_queue", QueueUrl=call.physical_id),
        attributes=lambda call: {
            "Arn": call.arn("sqs", call.physical_id.rsplit("/", 1)[1]),
            "QueueName": call.physical_id.rsplit("/", 1)[1],
            "QueueUrl": call.physical_id,
        },
        immutable=frozenset({"QueueName", "FifoQueue"}),
        not_verifiable={"RedriveAllowPolicy": NOT_IN_MOTO},
    )
)


def _put_queue_policy(call: Call) -> str:
    for url in call.get("Queues") or ():
        call.api(
            "sqs",
            "set_queue_attributes",
            QueueUrl=url,
            Attributes={"Policy": shape.text(call.get("PolicyDocument"))},
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
        update=_put_queue_policy,
        delete=_delete_queue_policy,
        immutable=frozenset({"Queues"}),
        part_of=("Queues",),
    )
)
