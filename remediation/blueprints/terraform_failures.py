"""Where failures are kept, and for how long, in Terraform; who may call for whom."""

from collections.abc import Mapping

from core.errors import Declined
from remediation import terraform_companion as companion
from remediation.blueprint import in_terraform
from remediation.blueprints.failures import VISIBILITY_TIMES, refuse_longest
from remediation.companion import DEAD_LETTER_RETENTION_S
from remediation.permission import allow
from remediation.terraform import Path, TerraformTarget
from templates.terraform.writer import Code, Json

_DEFAULT_TIMEOUT_S, _DEFAULT_VISIBILITY_S = 3, 30
_STREAMS = ("kinesis_stream_parameters", "dynamodb_stream_parameters")


@in_terraform("PL-SNS-008")
def subscription_dead_letter(target: TerraformTarget) -> None:
    """The queue admits SNS for this topic only."""
    topic = target.source("topic_arn")
    if not topic or "\n" in topic:
        raise Declined("Which topic the subscription is of cannot be read from the module")
    admit = {
        "Sid": "KeepUndelivered",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": {"ArnEquals": {"aws:SourceArn": Code(topic)}},
    }
    queue = companion.dead_letter_queue(target, allow=admit)
    target.set(("redrive_policy",), Json({"deadLetterTargetArn": Code(f"{queue}.arn")}))


@in_terraform("PL-SCHEDULER-001")
def schedule_dead_letter(target: TerraformTarget) -> None:
    """EventBridge Scheduler sends to the queue with the schedule's own role."""
    queue = companion.dead_letter_queue(target)
    target.set(("target", "dead_letter_config", "arn"), Code(f"{queue}.arn"))
    _let_send(target, queue, ("target", "role_arn"))


@in_terraform("PL-PIPES-002")
def pipe_dead_letter(target: TerraformTarget) -> None:
    """The pipe sends to the queue with its own role."""
    queue = companion.dead_letter_queue(target)
    for kind in _STREAMS:
        if target.get("source_parameters", kind) is not None:
            path = ("source_parameters", kind, "dead_letter_config", "arn")
            target.set(path, Code(f"{queue}.arn"))
    _let_send(target, queue, ("role_arn",))


def _let_send(target: TerraformTarget, queue: str, role: tuple[str, ...]) -> None:
    statement = allow(["sqs:SendMessage"], Code(f"{queue}.arn"))
    companion.grant(target, [statement], suffix="dead letter", at=target.spot, named_by=role)


@in_terraform("PL-SQS-008")
def dead_letter_retention(target: TerraformTarget) -> None:
    """A message keeps the age it had in the first queue, so the second must keep it longer."""
    if target.get("message_retention_seconds") == DEAD_LETTER_RETENTION_S:
        return
    for other in target.draft.reading.resources:
        redrive = other.properties.get("RedrivePolicy")
        named = redrive.get("deadLetterTargetArn") if isinstance(redrive, Mapping) else None
        if other.type == "AWS::SQS::Queue" and named in target.resource.aliases:
            refuse_longest(other.name, other.properties.get("MessageRetentionPeriod"))
    target.set(("message_retention_seconds",), DEAD_LETTER_RETENTION_S)


@in_terraform("PL-LAMBDA-028")
def queue_visibility(target: TerraformTarget) -> None:
    """The queue is the one to change: the function needs the time it has."""
    properties = target.resource.properties
    timeout_s = _timeout_s(target, properties.get("FunctionName"))
    queue = target.other("AWS::SQS::Queue", properties.get("EventSourceArn"))
    path: Path = ("visibility_timeout_seconds",)
    hidden_s = queue.get(*path) or _DEFAULT_VISIBILITY_S
    if not isinstance(hidden_s, int) or hidden_s < timeout_s * VISIBILITY_TIMES:
        queue.set(path, timeout_s * VISIBILITY_TIMES)


def _timeout_s(target: TerraformTarget, function: object) -> int:
    """Return how long a function may run. Raises: Declined."""
    for resource in target.draft.reading.resources:
        if resource.type == "AWS::Lambda::Function" and function in resource.aliases:
            value = resource.properties.get("Timeout", _DEFAULT_TIMEOUT_S)
            if str(value).isdigit():
                return int(str(value))
            raise Declined(f"How long {resource.name} may run cannot be read from the module")
    raise Declined("The function of this queue is declared elsewhere")


@in_terraform("PL-LAMBDA-032", "PL-LAMBDA-033")
def permission_account(target: TerraformTarget) -> None:
    """A bucket's name can be taken by another account once it is free; the account cannot."""
    target.set(("source_account",), companion.account(target))
