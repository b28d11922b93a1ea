"""The workflow as an Amazon States Language definition, and the policies that it needs.

Each step is a message with a task token on one queue: nothing of ours is deployed in AWS, and a
worker that dies has the message, or its own record of it, when it comes back.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html,
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html (2026-11).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from core.workflow import Step, Workflow

HEARTBEAT_S = 3600
"""A worker says every minute that it is still there; after an hour without, the step is sent anew."""
_NO_END = 99_999_999  # the most that MaxAttempts may be
_SEND = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
_DONE, _PUT_BACK, _UNKNOWN = "done", "put back", "unknown"


def definition(workflow: Workflow, *, queue_url: str) -> dict[str, Any]:
    """Return the state machine. A run's input names its first step and its plan's digest."""
    states: dict[str, Any] = {"start": _start(workflow)}
    for step in workflow.steps.values():
        is_undoing = step.name in workflow.undoing
        states[step.name] = _task(step, queue_url, is_undoing=is_undoing)
        if not is_undoing:
            states[_after(step)] = _choice(step)
    states[_DONE] = {"Type": "Succeed"}
    states[_PUT_BACK] = _fail("StepFailed", "A step failed; the finding's thread says why")
    states[_UNKNOWN] = _fail("UnknownOutcome", "The worker answered what this definition has not")
    return {"Comment": workflow.summary, "StartAt": "start", "States": states}


def _start(workflow: Workflow) -> dict[str, Any]:
    choices = [
        {"Variable": "$.step", "StringEquals": name, "Next": name} for name in workflow.starts
    ]
    return {"Type": "Choice", "Choices": choices, "Default": _UNKNOWN}


def _task(step: Step, queue_url: str, *, is_undoing: bool) -> dict[str, Any]:
    message = {
        "step": step.name,
        "plan_digest.$": "$.plan_digest",
        "attempt.$": "$$.State.RetryCount",
        "run.$": "$$.Execution.Id",
        "token.$": "$$.Task.Token",
    }
    state: dict[str, Any] = {
        "Type": "Task",
        "Comment": step.summary,
        "Resource": _SEND,
        "Parameters": {"QueueUrl": queue_url, "MessageBody": message},
        "HeartbeatSeconds": HEARTBEAT_S,
        "Retry": list(_retries(step)),
        "Next": _PUT_BACK if is_undoing else _after(step),
    }
    if step.undo:
        failed = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": step.undo}
        state["Catch"] = [failed]
    return state


def _retries(step: Step) -> Iterator[dict[str, Any]]:
    retry = step.retry
    yield {
        "ErrorEquals": [each.__name__ for each in retry.errors],
        "IntervalSeconds": retry.interval_s,
        "BackoffRate": retry.rate,
        "MaxDelaySeconds": retry.longest_s,
        "MaxAttempts": _NO_END if retry.attempts is None else retry.attempts - 1,
    }
    yield {
        "ErrorEquals": ["States.HeartbeatTimeout", "SQS.SdkClientException"],
        "IntervalSeconds": retry.interval_s,
        "BackoffRate": 1,
        "MaxAttempts": _NO_END,
    }


def _choice(step: Step) -> dict[str, Any]:
    choices = [
        {"Variable": "$.outcome", "StringEquals": outcome.value, "Next": following or _DONE}
        for outcome, following in step.outcomes.items()
    ]
    return {"Type": "Choice", "Choices": choices, "Default": _UNKNOWN}


def _after(step: Step) -> str:
    return f"after {step.name}"


def _fail(error: str, cause: str) -> dict[str, Any]:
    return {"Type": "Fail", "Error": error, "Cause": cause}


def _statement(sid: str, actions: list[str], resource: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}


def _policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [dict(each) for each in statements]}


def machine_policy(*, queue_arn: str) -> dict[str, Any]:
    """Return what the state machine's role may do: send to the one queue."""
    return _policy(_statement("SendSteps", ["sqs:SendMessage"], queue_arn))


def machine_trust(*, account: str, machine_arn: str) -> dict[str, Any]:
    """Return who may take the state machine's role: Step Functions, for this machine only.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html.
    """
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "states.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": machine_arn},
        },
    }
    return _policy(statement)


def worker_policy(*, queue_arn: str, machine_arn: str) -> dict[str, Any]:
    """Return what the worker needs to take steps and to answer for them."""
    runs = machine_arn.replace(":stateMachine:", ":execution:") + ":*"
    take = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
    answer = ["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"]
    return _policy(
        _statement("TakeSteps", take, queue_arn),
        _statement(
            "StartRuns", ["states:DescribeStateMachine", "states:StartExecution"], machine_arn
        ),
        _statement("SeeRuns", ["states:DescribeExecution"], runs),
        _statement("Answer", answer, machine_arn),
    )
