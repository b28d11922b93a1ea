"""Put the state machine, its queue and its role into AWS, or bring them up to date."""

import json
from typing import Any

from app.step_functions import NO_MACHINE, Refused, StepFunctions
from core.errors import CloudError
from core.workflow import REMEDIATION
from remediation.orchestration import states_language as asl

_KEPT_S = 14 * 24 * 3600  # the longest that SQS keeps a message
_POLICY = "send-steps"
_TAG = {"created-by": "plumbline"}


def deploy(machine: StepFunctions) -> tuple[str, ...]:
    """Create or update everything, in the order in which one needs the other; say what was done.

    Running executions go on with the definition that they began with. Raises: CloudError.
    """
    queue_url = _queue(machine)
    role_arn = machine.settings.role_arn or _role(machine)
    definition = json.dumps(asl.definition(REMEDIATION, queue_url=queue_url))
    done = _machine(machine, definition, role_arn)
    return (f"Queue {machine.queue_arn}", f"Role {role_arn}", f"State machine {done}")


def is_current(machine: StepFunctions) -> bool:
    """Whether what is deployed is what would be deployed now. Raises: SettingsError when nothing is."""
    wanted = asl.definition(REMEDIATION, queue_url=machine.queue_url)
    try:
        found = machine.call(
            "stepfunctions", "describe_state_machine", stateMachineArn=machine.machine_arn
        )
    except Refused as error:
        if error.code != NO_MACHINE:
            raise
        return False
    return bool(json.loads(found["definition"]) == wanted)


def _queue(machine: StepFunctions) -> str:
    attributes = {"MessageRetentionPeriod": str(_KEPT_S), "SqsManagedSseEnabled": "true"}
    created = machine.call(
        "sqs", "create_queue", QueueName=machine.queue_name, Attributes=attributes, tags=_TAG
    )
    return str(created["QueueUrl"])


def _role(machine: StepFunctions) -> str:
    name = machine.settings.name
    trust = asl.machine_trust(account=machine.account, machine_arn=machine.machine_arn)
    tags = [{"Key": key, "Value": value} for key, value in _TAG.items()]
    try:
        role = machine.call(
            "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=json.dumps(trust),
            Description="Lets Plumbline's state machine send to its one queue", Tags=tags,
        )["Role"]  # fmt: skip
    except Refused as error:
        if error.code != "EntityAlreadyExists":
            raise
        role = machine.call("iam", "get_role", RoleName=name)["Role"]
        if {"Key": "created-by", "Value": "plumbline"} not in role.get("Tags", []):
            raise CloudError(
                f"There is a role {name} that Plumbline did not make. Set workflow.role_arn, or "
                "another workflow.name."
            ) from error
    policy = json.dumps(asl.machine_policy(queue_arn=machine.queue_arn))
    machine.call("iam", "put_role_policy", RoleName=name, PolicyName=_POLICY, PolicyDocument=policy)
    return str(role["Arn"])


def _machine(machine: StepFunctions, definition: str, role_arn: str) -> str:
    given: dict[str, Any] = {"definition": definition, "roleArn": role_arn}
    try:
        machine.call(
            "stepfunctions", "update_state_machine",
            stateMachineArn=machine.machine_arn, **given,
        )  # fmt: skip
    except Refused as error:
        if error.code != NO_MACHINE:
            raise
        tags = [{"key": key, "value": value} for key, value in _TAG.items()]
        machine.call(
            "stepfunctions", "create_state_machine",
            name=machine.settings.name, type="STANDARD", tags=tags, **given,
        )  # fmt: skip
        return f"{machine.machine_arn} (new)"
    return f"{machine.machine_arn} (updated)"
