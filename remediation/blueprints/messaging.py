"""Queues, topics, streams and rules: encryption, failures, TLS."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation import companion
from remediation.blueprint import blueprint
from remediation.draft import Path, Target, appended, dig, get_att, ref, ref_id

_SAM_RULES = frozenset({"CloudWatchEvent", "EventBridgeRule", "Schedule"})
MAX_RECEIVES = 5  # AWS's own advice for queues that feed functions (Lambda guide, 2026-11-22)


@blueprint("PL-SQS-001", summary="Encrypt the queue's messages at rest", tier=Tier.DATA)
def queue_encryption(target: Target) -> None:
    """SQS's own keys cost nothing and need no permission of senders or readers."""
    target.set(("SqsManagedSseEnabled",), True)


@blueprint(
    "PL-SQS-001",
    "PL-SQS-011",
    alternative="customer-key",
    summary="Encrypt the queue's messages with a key of its own",
    tier=Tier.DATA,
    may_break=("Senders and readers in other accounts are refused: the key admits this account",),
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses",
)
def queue_key(target: Target) -> None:
    """Services that the queue's policy admits must be able to use the key too.

    Source: SQS developer guide, "Configure KMS permissions for AWS services".
    """
    services = _admitted_services(target, "AWS::SQS::QueuePolicy")
    key = _shared_key(target, "queue", "sqs", services)
    if target.get("SqsManagedSseEnabled") is not None:
        target.draft.remove(target.id, ("SqsManagedSseEnabled",))
    target.set(("KmsMasterKeyId",), get_att(key))


@blueprint(
    "PL-SQS-002",
    summary=f"Move messages that fail {MAX_RECEIVES} times to a dead-letter queue",
    tier=Tier.DATA,
    may_break=(f"A message is no longer retried for ever: after {MAX_RECEIVES} receives it moves",),
    cost="0.40 USD for each million messages that fail",
)
def redrive(target: Target) -> None:
    """The dead-letter queue of a FIFO queue must be FIFO too."""
    queue = companion.dead_letter_queue(
        target, fifo=target.get("FifoQueue") is True, for_service_failures=False
    )
    value = {"deadLetterTargetArn": get_att(queue), "maxReceiveCount": MAX_RECEIVES}
    target.set(("RedrivePolicy",), value)


@blueprint(
    "PL-SQS-004",
    summary="Refuse requests to the queue that do not use TLS",
    tier=Tier.NETWORK,
    may_break=("Clients that speak plain HTTP are refused",),
)
def queue_tls_only(target: Target) -> None:
    """Extend the policy that is declared for the queue, else declare one."""
    statement = companion.deny_plain_http("sqs:*", get_att(target.id))
    if _added(target, "AWS::SQS::QueuePolicy", "Queues", statement):
        return
    kind = "AWS::SQS::QueuePolicy"
    companion.beside(target, target.id, "Policy", kind, "Queues", [statement])


@blueprint(
    "PL-SNS-001",
    "PL-SNS-101",
    summary="Encrypt the topic's messages at rest",
    tier=Tier.DATA,
    may_break=("Publishers in other accounts can no longer publish: the key admits this account",),
    cost="1 USD a month for the key where services publish; 0.03 USD for each 10,000 uses",
)
def topic_encryption(target: Target) -> None:
    """AWS's own key cannot admit services such as alarms: those need a key of the topic's own."""
    services = _publishing_services(target)
    if not services:
        target.set(("KmsMasterKeyId",), "alias/aws/sns")
        return
    target.set(("KmsMasterKeyId",), ref(_shared_key(target, "topic", "sns", services)))


@blueprint(
    "PL-SNS-001",
    "PL-SNS-101",
    alternative="customer-key",
    summary="Encrypt the topic's messages with a key of its own",
    tier=Tier.DATA,
    may_break=("Publishers in other accounts are refused until the key's policy names them",),
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses",
)
def topic_key(target: Target) -> None:
    """A key of the topic's own can later admit other accounts and services; AWS's own cannot."""
    services = _publishing_services(target)
    if services:
        raise Declined("The usual fix is a key of the topic's own already: services publish to it")
    target.set(("KmsMasterKeyId",), ref(_shared_key(target, "topic", "sns", services)))


def _shared_key(target: Target, kind: str, service: str, users: list[str]) -> str:
    """Add a key that the account uses through a service, and these services for themselves."""
    statements = [companion.through(service)]
    if users:
        use = companion.for_service(
            users[0] if len(users) == 1 else users,
            ["kms:Decrypt", "kms:GenerateDataKey*"],
            {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
        )
        statements.append(use)
    return companion.key(target, f"Encrypts the {kind} {target.id}", statements=statements)


def _admitted_services(target: Target, kind: str) -> list[str]:
    found: set[str] = set()
    for logical_id in target.draft.of_type(kind):
        properties = target.draft.properties(logical_id)
        if _mentions(properties, target.id):
            found |= _service_principals(properties)
    return sorted(found)


def _publishing_services(target: Target) -> list[str]:
    """Find the AWS services that publish to the topic, from what the template says of them."""
    found: set[str] = set()
    sources = {
        "AWS::CloudWatch::Alarm": "cloudwatch.amazonaws.com",
        "AWS::S3::Bucket": "s3.amazonaws.com",
        "AWS::Events::Rule": "events.amazonaws.com",
        "AWS::Budgets::Budget": "budgets.amazonaws.com",
    }
    for declared in target.draft.declared.values():
        if declared.type in sources and _mentions(declared.properties, target.id):
            found.add(sources[declared.type])
        if declared.type == "AWS::SNS::TopicPolicy" and _mentions(declared.properties, target.id):
            found |= _service_principals(declared.properties)
    return sorted(found)


def _mentions(value: Any, logical_id: str) -> bool:
    if ref_id(value) == logical_id:
        return True
    if isinstance(value, Mapping):
        return any(_mentions(v, logical_id) for v in value.values())
    if isinstance(value, list):
        return any(_mentions(v, logical_id) for v in value)
    return isinstance(value, str) and (
        f"${{{logical_id}}}" in value or f"${{{logical_id}." in value
    )


def _service_principals(properties: Mapping[str, Any]) -> set[str]:
    statements = dig(properties, ("PolicyDocument", "Statement")) or []
    statements = statements if isinstance(statements, list) else [statements]
    found: set[str] = set()
    for statement in statements:
        service = dig(statement, ("Principal", "Service"))
        names = service if isinstance(service, list) else [service]
        found |= {n for n in names if isinstance(n, str)}
    return found


@blueprint(
    "PL-SNS-003",
    summary="Refuse publishing to the topic without TLS",
    tier=Tier.NETWORK,
    may_break=("Publishers that speak plain HTTP are refused",),
)
def topic_tls_only(target: Target) -> None:
    """A declared policy replaces the topic's default one, so the default is stated beside ours."""
    statement = companion.deny_plain_http("sns:Publish", ref(target.id))
    if _added(target, "AWS::SNS::TopicPolicy", "Topics", statement):
        return
    default = {
        "Sid": "AccountMayUse",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["sns:Publish", "sns:Subscribe", "sns:GetTopicAttributes"],
        "Resource": ref(target.id),
        "Condition": {"StringEquals": {"AWS:SourceOwner": ref("AWS::AccountId")}},
    }
    kind = "AWS::SNS::TopicPolicy"
    companion.beside(target, target.id, "Policy", kind, "Topics", [default, statement])


@blueprint(
    "PL-KINESIS-001",
    "PL-KINESIS-005",
    "PL-KINESIS-101",
    summary="Encrypt the stream at rest with AWS's key for Kinesis",
    tier=Tier.DATA,
    may_break=(
        "Producers and consumers in other accounts lose access: the key admits this account",
    ),
    cost="0.03 USD for each 10,000 key uses",
)
def stream_encryption(target: Target) -> None:
    """The alias exists in every account."""
    target.set(("StreamEncryption",), {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"})


@blueprint(
    "PL-KINESIS-001",
    "PL-KINESIS-005",
    "PL-KINESIS-101",
    alternative="customer-key",
    summary="Encrypt the stream at rest with a key of its own",
    tier=Tier.DATA,
    may_break=("Producers and consumers in other accounts lose access until the key names them",),
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses",
)
def stream_key(target: Target) -> None:
    """A key of the stream's own can be limited, revoked and shared with other accounts."""
    key = _shared_key(target, "stream", "kinesis", [])
    target.set(("StreamEncryption",), {"EncryptionType": "KMS", "KeyId": get_att(key)})


@blueprint(
    "PL-FIREHOSE-001",
    "PL-FIREHOSE-101",
    alternative="customer-key",
    summary="Encrypt records of the delivery stream with a key of its own",
    tier=Tier.DATA,
    may_break=("Records cannot be taken in while the key is disabled",),
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses",
)
def delivery_stream_key(target: Target) -> None:
    """Firehose gets a grant of the key from whoever turns the encryption on.

    Source: Amazon Data Firehose developer guide, "Data protection".
    """
    key = _shared_key(target, "delivery stream", "firehose", [])
    value = {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": get_att(key)}
    target.set(("DeliveryStreamEncryptionConfigurationInput",), value)


@blueprint(
    "PL-EVENTS-002",
    summary="Keep events that cannot be delivered in a dead-letter queue",
    tier=Tier.DATA,
    cost="0.40 USD for each million failed events",
)
def rule_dead_letter(target: Target) -> None:
    """The queue admits EventBridge, for these rules only. SAM makes a rule of each event."""
    if target.type == "AWS::Events::Rule":
        rules, places = [target.id], _rule_targets(target)
    elif target.is_sam:
        events = _sam_rules(target)
        rules = [f"{target.id}{name}" for name in events]
        places = [("Events", name, "Properties", "DeadLetterConfig", "Arn") for name in events]
    else:
        rules, places = [], []
    if not places:
        raise Declined("The rule's targets are not written as a plain list")
    sources = [get_att(rule) for rule in rules]
    admit = {
        "Sid": "DeliverFailedEvents",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": {"ArnEquals": {"aws:SourceArn": sources[0] if len(sources) == 1 else sources}},
    }
    queue = companion.dead_letter_queue(target, allow=admit)
    for place in places:
        target.set(place, get_att(queue))


def _rule_targets(target: Target) -> list[Path]:
    targets = target.get("Targets")
    return [
        ("Targets", number, "DeadLetterConfig", "Arn")
        for number, item in enumerate(targets if isinstance(targets, list) else [])
        if isinstance(item, Mapping) and dig(item, ("DeadLetterConfig", "Arn")) is None
    ]


def _sam_rules(target: Target) -> list[str]:
    events = target.get("Events")
    return [
        name
        for name, event in (events.items() if isinstance(events, Mapping) else ())
        if dig(event, ("Type",)) in _SAM_RULES
        and dig(event, ("Properties", "DeadLetterConfig")) is None
    ]


def _added(target: Target, kind: str, list_property: str, statement: Mapping[str, Any]) -> bool:
    """Add a statement to the policy that is declared for a resource; False where there is none.

    A policy of several is attached to each: "*" is then the one it is attached to, and SQS refuses
    a statement that names more than one queue.
    """
    for logical_id in target.draft.of_type(kind):
        properties = target.draft.properties(logical_id)
        owners = properties.get(list_property)
        names = [ref_id(o) for o in owners] if isinstance(owners, list) else []
        if target.id in names:
            if len(names) > 1:
                statement = {**statement, "Resource": "*"}
                others = ", ".join(name or "another" for name in names if name != target.id)
                target.notes.append(
                    f"{logical_id} is the policy of {others} too: what it refuses, it refuses there"
                )
            path = ("PolicyDocument", "Statement")
            target.draft.set(logical_id, *appended(properties, path, statement, logical_id))
            return True
    return False
