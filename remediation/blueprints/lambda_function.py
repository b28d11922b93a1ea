"""Functions: tracing, failures, concurrency, logs, keys, URLs and who may call."""

from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation import companion
from remediation.blueprint import blueprint
from remediation.draft import Target, get_att, ref, ref_id, sub
from remediation.permission import allow, grant, role_of

# A starting figure, since a template knows no load: it bounds a flood and is said in the plan.
# Lambda keeps 100 executions unreserved (quotas page, 2026-11-22): small accounts cannot reserve.
RESERVED_CONCURRENCY = 10
XRAY = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")


@blueprint(
    "PL-LAMBDA-009",
    summary="Trace the function's requests with X-Ray",
    tier=Tier.OBSERVABILITY,
    cost="5 USD for each million traces above 100,000 a month",
)
def tracing(target: Target) -> None:
    """SAM adds the permission itself, but only to a role it makes."""
    if target.is_sam:
        target.set_where_stated(("Tracing",), "Active")
        if role_of(target, target.id) is None:
            return
    else:
        target.set(("TracingConfig", "Mode"), "Active")
    grant(target, [allow(XRAY, "*")], name="TraceWithXRay")


@blueprint(
    "PL-LAMBDA-010",
    "PL-LAMBDA-102",
    summary="Keep events that the function fails to process in a dead-letter queue",
    tier=Tier.DATA,
    may_break=("Failed events are kept for 14 days: their content now also lies in the queue",),
    cost="0.40 USD for each million failed events",
)
def dead_letter(target: Target) -> None:
    """SAM adds sqs:SendMessage itself, but only to a role it makes."""
    queue = companion.dead_letter_queue(target)
    if target.is_sam:
        target.set(("DeadLetterQueue",), {"Type": "SQS", "TargetArn": get_att(queue)})
        if role_of(target, target.id) is None:
            return
    else:
        target.set(("DeadLetterConfig", "TargetArn"), get_att(queue))
    grant(target, [allow(["sqs:SendMessage"], get_att(queue))], name="SendToDeadLetterQueue")


@blueprint(
    "PL-LAMBDA-010",
    alternative="on-failure-destination",
    summary="Send events that the function fails to process to an on-failure destination",
    tier=Tier.DATA,
    may_break=(
        "Failed events, with the function's answer and error, are kept for 14 days in the queue",
        "Of the function's versions and aliases only the one configured here has it",
    ),
    cost="0.40 USD for each million failed events",
)
def failure_destination(target: Target) -> None:
    """The record says what failed and why, which a dead-letter queue does not.

    Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations".
    """
    queue = companion.dead_letter_queue(target)
    path = ("DestinationConfig", "OnFailure")
    if target.is_sam:
        value = {"Type": "SQS", "Destination": get_att(queue)}
        target.set(("EventInvokeConfig", *path), value)
        if role_of(target, target.id) is None:
            return
    else:
        _on_failure(target, get_att(queue))
    grant(target, [allow(["sqs:SendMessage"], get_att(queue))], name="SendFailedEvents")


def _on_failure(target: Target, destination: dict[str, Any]) -> None:
    """Name the destination where the function's asynchronous calls are configured, else there."""
    path = ("DestinationConfig", "OnFailure", "Destination")
    kind = "AWS::Lambda::EventInvokeConfig"
    for config in target.draft.of_type(kind):
        properties = target.draft.properties(config)
        if ref_id(properties.get("FunctionName")) == target.id:
            target.draft.set(config, path, destination)
            return
    properties = {
        "FunctionName": ref(target.id),
        "Qualifier": "$LATEST",
        "DestinationConfig": {"OnFailure": {"Destination": destination}},
    }
    target.companion("FailedEvents", {"Type": kind, "Properties": properties})


@blueprint(
    "PL-LAMBDA-011",
    "PL-LAMBDA-101",
    summary=f"Reserve {RESERVED_CONCURRENCY} concurrent executions for the function",
    tier=Tier.NETWORK,
    may_break=(
        f"More than {RESERVED_CONCURRENCY} requests at once are throttled; raise it for a busy one",
        "The account's other functions share what is left; one at its quota refuses to deploy this",
    ),
)
def concurrency(target: Target) -> None:
    """The figure bounds what a flood can do; what is right for the load only its owner knows."""
    target.set(("ReservedConcurrentExecutions",), RESERVED_CONCURRENCY)


@blueprint(
    "PL-LAMBDA-013",
    summary=f"Keep the function's logs for {companion.LOG_RETENTION_DAYS} days",
    tier=Tier.OBSERVABILITY,
    may_break=(
        "New log events go to a log group of the stack's own; the old group stays as it is",
        "Alarms and dashboards on the old log group must be pointed at the new one",
    ),
    cost="saves storage of older logs",
)
def log_retention(target: Target) -> None:
    """Set the declared group's time, else point the function at a new group.

    Lambda has usually made the default group already: declaring one of that name would fail on
    deployment.
    """
    declared = _log_groups(target)
    for group in declared:
        if target.draft.properties(group).get("RetentionInDays") is None:
            target.draft.set(group, ("RetentionInDays",), companion.LOG_RETENTION_DAYS)
    if declared:
        return
    if target.get("LoggingConfig", "LogGroup") is not None:
        raise Declined("The function logs to a group that is declared elsewhere; set it there")
    name = sub(f"/aws/lambda/${{AWS::StackName}}-{target.id}")
    group = companion.log_group(target, name=name)
    target.set(("LoggingConfig", "LogGroup"), ref(group))


def _log_groups(target: Target) -> tuple[str, ...]:
    """Return the log groups of this template that the function logs to, by reference or by name."""
    named = target.get("LoggingConfig", "LogGroup")
    function = target.resource.properties.get("FunctionName")
    names = [f"/aws/lambda/${{{target.id}}}", f"/aws/lambda/{function}", named]
    return tuple(
        group
        for group in target.draft.of_type("AWS::Logs::LogGroup")
        if ref_id(named) == group or _log_group_name(target, group) in names
    )


def _log_group_name(target: Target, group: str) -> object:
    resource = target.draft.template.resource(group)
    return resource.properties.get("LogGroupName", "") if resource else ""


@blueprint(
    "PL-LAMBDA-007",
    summary="Encrypt the function's environment with a key of its own",
    tier=Tier.DATA,
    cost="1 USD a month for the key, 0.03 USD for each 10,000 uses",
)
def environment_key(target: Target) -> None:
    """The role decrypts at every cold start, so it needs the permission."""
    key = companion.key(target, f"Encrypts the environment of {target.id}")
    target.set(("KmsKeyArn",), get_att(key))
    grant(target, [allow(["kms:Decrypt"], get_att(key))], name="DecryptEnvironment")


@blueprint(
    "PL-LAMBDA-003",
    summary="Let only signed AWS requests call the function URL",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("Callers that do not sign their requests get 403: browsers and webhooks cannot",),
)
def function_url(target: Target) -> None:
    """A URL is a resource of its own, or a part of a SAM function."""
    if target.type == "AWS::Serverless::Function":
        target.set(("FunctionUrlConfig", "AuthType"), "AWS_IAM")
        return
    target.set(("AuthType",), "AWS_IAM")
    for logical_id in target.draft.of_type("AWS::Lambda::Permission"):
        permission = target.draft.properties(logical_id)
        if permission.get("FunctionUrlAuthType") == "NONE":
            target.notes.append(f"{logical_id} admits unsigned callers and has no effect any more")
