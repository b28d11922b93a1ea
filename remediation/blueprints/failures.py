"""Where failures are kept, and for how long: subscriptions, schedules, pipes, queues."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined, FactMissing
from core.gate import Tier
from remediation import companion
from remediation.blueprint import blueprint
from remediation.draft import Path, Target, dig, get_att, ref_id
from remediation.permission import allow, grant_role

# Source: Lambda developer guide, "Using Lambda with Amazon SQS".
VISIBILITY_TIMES = 6
_DEFAULT_TIMEOUT_S = 3


@blueprint(
    "PL-SQS-008",
    summary="Keep messages in the dead-letter queue for 14 days",
    tier=Tier.DATA,
    may_break=("Failed messages, and what is in them, are kept longer",),
)
def dead_letter_retention(target: Target) -> None:
    """A message keeps the age it had in the first queue, so the second must keep it longer."""
    if target.get("MessageRetentionPeriod") == companion.DEAD_LETTER_RETENTION_S:
        return
    for queue in target.draft.of_type("AWS::SQS::Queue"):
        first = target.draft.properties(queue)
        if ref_id(dig(first, ("RedrivePolicy", "deadLetterTargetArn"))) == target.id:
            refuse_longest(queue, first.get("MessageRetentionPeriod"))
    target.set(("MessageRetentionPeriod",), companion.DEAD_LETTER_RETENTION_S)


def refuse_longest(queue: str, seconds: Any) -> None:
    """Raise FactMissing where a queue keeps messages for as long as SQS keeps any."""
    if str(seconds) == str(companion.DEAD_LETTER_RETENTION_S):
        raise FactMissing(
            f"{queue} keeps messages for 14 days itself, the most SQS keeps: keep them there for "
            "less, so that the dead-letter queue has time"
        )


@blueprint(
    "PL-LAMBDA-028",
    summary=f"Hide a message for {VISIBILITY_TIMES} times the function's timeout",
    tier=Tier.DATA,
    may_break=("A message that fails without an answer is tried again later than before",),
)
def queue_visibility(target: Target) -> None:
    """The queue is the one to change: the function needs the time it has."""
    if target.type == "AWS::Lambda::EventSourceMapping":
        function = ref_id(target.get("FunctionName"))
        queues = [ref_id(target.get("EventSourceArn"))]
    else:
        function = target.id
        queues = [ref_id(source) for source in _queues_of_events(target)]
    timeout_s = _timeout_s(target, str(function))
    for queue in queues:
        other = target.other(str(queue))
        hidden_s = other.get("VisibilityTimeout")
        if not isinstance(hidden_s, int) or hidden_s < timeout_s * VISIBILITY_TIMES:
            other.set(("VisibilityTimeout",), timeout_s * VISIBILITY_TIMES)


def _queues_of_events(target: Target) -> list[Any]:
    events = target.get("Events")
    return [
        event["Properties"].get("Queue")
        for event in (events.values() if isinstance(events, Mapping) else ())
        if isinstance(event, Mapping)
        and event.get("Type") == "SQS"
        and isinstance(event.get("Properties"), Mapping)
    ]


def _timeout_s(target: Target, function: str) -> int:
    """Return how long a function may run, as the template resolves it. Raises: Declined."""
    resource = target.draft.template.resource(function)
    if resource is None:
        raise Declined("The function of this queue is declared elsewhere")
    value = resource.properties.get("Timeout", _DEFAULT_TIMEOUT_S)
    if not isinstance(value, int | str) or not str(value).isdigit():
        raise Declined(f"How long {function} may run cannot be read from the template")
    return int(value)


@blueprint(
    "PL-SNS-008",
    summary="Keep messages that the subscription cannot deliver in a dead-letter queue",
    tier=Tier.DATA,
    cost="0.40 USD for each million failed messages",
)
def subscription_dead_letter(target: Target) -> None:
    """The queue admits SNS for this topic only. SAM makes a subscription of each SNS event."""
    if target.type == "AWS::SNS::Subscription":
        places: list[tuple[Path, Any]] = [((), target.get("TopicArn"))]
    else:
        places = [
            (("Events", name, "Properties"), event["Properties"].get("Topic"))
            for name, event in _sns_events(target).items()
            if "RedrivePolicy" not in event["Properties"]
        ]
    if not places or any(topic is None for _, topic in places):
        raise Declined("Which topic the subscription is of cannot be read from the template")
    topics = [topic for _, topic in places]
    admit = {
        "Sid": "KeepUndelivered",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": {"ArnEquals": {"aws:SourceArn": topics[0] if len(topics) == 1 else topics}},
    }
    queue = companion.dead_letter_queue(target, allow=admit)
    for path, _ in places:
        target.set((*path, "RedrivePolicy", "deadLetterTargetArn"), get_att(queue))


def _sns_events(target: Target) -> dict[str, Mapping[str, Any]]:
    events = target.get("Events")
    return {
        name: event
        for name, event in (events.items() if isinstance(events, Mapping) else ())
        if isinstance(event, Mapping)
        and event.get("Type") == "SNS"
        and isinstance(event.get("Properties"), Mapping)
    }


@blueprint(
    "PL-SCHEDULER-001",
    summary="Keep invocations that fail in a dead-letter queue",
    tier=Tier.DATA,
    cost="0.40 USD for each million failed invocations",
)
def schedule_dead_letter(target: Target) -> None:
    """EventBridge Scheduler sends to the queue with the schedule's own role."""
    if target.type != "AWS::Scheduler::Schedule":
        raise Declined("Name a queue under DeadLetterConfig of the function's ScheduleV2 event")
    role = target.get("Target", "RoleArn")
    queue = companion.dead_letter_queue(target)
    target.set(("Target", "DeadLetterConfig", "Arn"), get_att(queue))
    statement = allow(["sqs:SendMessage"], get_att(queue))
    grant_role(target, role, [statement], name="KeepFailedInvocations", owner=target.id)


@blueprint(
    "PL-PIPES-002",
    summary="Keep records that the pipe cannot deliver in a dead-letter queue",
    tier=Tier.DATA,
    cost="0.40 USD for each million failed batches",
)
def pipe_dead_letter(target: Target) -> None:
    """The pipe sends to the queue with its own role."""
    queue = companion.dead_letter_queue(target)
    for kind in ("KinesisStreamParameters", "DynamoDBStreamParameters"):
        if isinstance(target.get("SourceParameters", kind), Mapping):
            target.set(("SourceParameters", kind, "DeadLetterConfig", "Arn"), get_att(queue))
    statement = allow(["sqs:SendMessage"], get_att(queue))
    grant_role(target, target.get("RoleArn"), [statement], name="KeepFailed", owner=target.id)
