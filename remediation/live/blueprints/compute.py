"""Functions, their URLs, permissions and event sources; state machines."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.gate import Tier
from core.types import LiveCall, Resource
from remediation.blueprints.lambda_function import RESERVED_CONCURRENCY
from remediation.live.blueprint import Answer, Aspect, LiveTarget, live, live_apart
from remediation.live.policy import parsed

_TRACES_REFUSED = "AWS refuses it where the role may not send traces to X-Ray"


def _function(resource: Resource, _key: str = "") -> Mapping[str, Any]:
    """Name the function, and the alias or version that a part of it belongs to."""
    named = str(
        resource.properties.get("FunctionName")
        or resource.properties.get("TargetFunctionArn")
        or ""
    )
    target = named if named.startswith("arn:") else resource.uid.split("|")[0]
    parts = target.split(":")
    qualifier = resource.properties.get("Qualifier") or (parts[7] if len(parts) > 7 else "")
    name = ":".join(parts[:7])
    return {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}


def _concurrency_call(resource: Resource, _key: str, state: Any) -> LiveCall:
    if state is None:
        return LiveCall("lambda:DeleteFunctionConcurrency", _function(resource))
    return LiveCall(
        "lambda:PutFunctionConcurrency",
        {**_function(resource), "ReservedConcurrentExecutions": state},
    )


CONCURRENCY = Aspect(
    "reserved concurrency",
    read="lambda:GetFunctionConcurrency",
    writes=("lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency"),
    ask=_function,
    state=lambda answer, _: answer.get("ReservedConcurrentExecutions"),
    write=_concurrency_call,
)


@live("PL-LAMBDA-011", CONCURRENCY)
def concurrency(target: LiveTarget) -> None:
    """The figure bounds what a flood can do; what is right for the load only its owner knows."""
    target.set(CONCURRENCY, RESERVED_CONCURRENCY)


URL_AUTHENTICATION = Aspect(
    "function URL authentication",
    read="lambda:GetFunctionUrlConfig",
    writes=("lambda:UpdateFunctionUrlConfig",),
    ask=_function,
    state=lambda answer, _: answer["AuthType"],
    write=lambda resource, _, state: LiveCall(
        "lambda:UpdateFunctionUrlConfig", {**_function(resource), "AuthType": state}
    ),
)


def _statement(answer: Answer, key: str) -> Mapping[str, Any] | None:
    document = parsed(answer.get("Policy")) or {}
    found = document.get("Statement", [])
    listed = found if isinstance(found, list) else [found]
    return next((each for each in listed if each.get("Sid") == key), None)


_CONDITIONS = {
    ("ArnLike", "AWS:SourceArn"): "SourceArn",
    ("StringEquals", "AWS:SourceAccount"): "SourceAccount",
    ("StringEquals", "aws:PrincipalOrgID"): "PrincipalOrgID",
    ("StringEquals", "lambda:FunctionUrlAuthType"): "FunctionUrlAuthType",
    ("Bool", "lambda:InvokedViaFunctionUrl"): "InvokedViaFunctionUrl",
}
"""What AddPermission writes for each of its parameters; anything else it cannot write again."""


_PLAIN = {"Sid", "Effect", "Action", "Principal", "Resource", "Condition"}


def _permission_call(resource: Resource, key: str, state: Any) -> LiveCall:
    named = {**_function(resource), "StatementId": key}
    if state is None:
        return LiveCall("lambda:RemovePermission", named)
    return LiveCall("lambda:AddPermission", {**named, **_granted(state)})


def _granted(statement: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that write a statement again. Raises: Declined."""
    principal = statement.get("Principal")
    if isinstance(principal, Mapping) and len(principal) == 1:
        principal = next(iter(principal.values()))
    if not isinstance(principal, str) or not isinstance(statement.get("Action"), str):
        raise Declined(
            "The permission was not written by AddPermission, so it could not be put back"
        )
    granted = {"Action": statement["Action"], "Principal": principal}
    for name in statement.keys() - _PLAIN:
        if name not in _CONDITIONS.values():
            raise Declined(f"The permission's {name} could not be put back")
        granted[name] = statement[name]  # local clouds keep a parameter as it was given
    for operator, conditions in (statement.get("Condition") or {}).items():
        for name, value in conditions.items():
            parameter = _CONDITIONS.get((operator, name))
            if parameter is None:
                raise Declined(f"The permission's condition {name} could not be put back")
            is_flag = parameter == "InvokedViaFunctionUrl"
            granted[parameter] = str(value).lower() == "true" if is_flag else value
    return granted


PERMISSION = Aspect(
    "permission",
    read="lambda:GetPolicy",
    writes=("lambda:RemovePermission", "lambda:AddPermission"),
    absent=("ResourceNotFoundException",),
    ask=_function,
    state=_statement,
    write=_permission_call,
)


@live("PL-LAMBDA-003", URL_AUTHENTICATION, PERMISSION)
def url_authentication(target: LiveTarget) -> None:
    """First close the URL; what admits unsigned callers has no effect then, and goes too."""
    target.set(URL_AUTHENTICATION, "AWS_IAM")
    for key in _unsigned(target):
        target.set(PERMISSION, None, key)


def _unsigned(target: LiveTarget) -> tuple[str, ...]:
    """Return the ids of the statements that admit unsigned callers of a URL."""
    call = LiveCall(PERMISSION.read, _function(target.resource))
    document = parsed((target.api.call(call, absent=PERMISSION.absent) or {}).get("Policy")) or {}
    return tuple(
        each["Sid"]
        for each in document.get("Statement", [])
        if "Sid" in each and _grants_unsigned(each)
    )


def _grants_unsigned(statement: Mapping[str, Any]) -> bool:
    equals = (statement.get("Condition") or {}).get("StringEquals") or {}
    return "NONE" in (
        equals.get("lambda:FunctionUrlAuthType"),
        statement.get("FunctionUrlAuthType"),
    )


@live_apart(
    "PL-LAMBDA-004",
    PERMISSION,
    summary="Remove the permission that lets everyone invoke the function",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("Whoever calls by this permission alone gets 403",),
)
def public_permission(target: LiveTarget) -> None:
    """One statement goes; every other stays."""
    key = target.resource.uid.rsplit("|", 1)[-1].rsplit("/", 1)[-1]
    if target.read(PERMISSION, key) is None:
        raise Declined("The statement has no id, or is gone: use Check again")
    target.set(PERMISSION, None, key)


def _mapping_state(answer: Answer, _key: str) -> list[str]:
    return list(answer.get("FunctionResponseTypes") or ())


def _mapping_id(resource: Resource) -> str:
    return resource.uid.rsplit("|", 1)[-1].rsplit(":", 1)[-1]


BATCH_FAILURES = Aspect(
    "batch failure reports",
    read="lambda:GetEventSourceMapping",
    writes=("lambda:UpdateEventSourceMapping",),
    ask=lambda resource, _: {"UUID": _mapping_id(resource)},
    state=_mapping_state,
    write=lambda resource, _, state: LiveCall(
        "lambda:UpdateEventSourceMapping",
        {"UUID": _mapping_id(resource), "FunctionResponseTypes": state},
    ),
)


@live("PL-LAMBDA-018", BATCH_FAILURES)
def batch_failures(target: LiveTarget) -> None:
    """A function that answers nothing is taken to have processed the whole batch, as before."""
    target.set(BATCH_FAILURES, ["ReportBatchItemFailures"])


MACHINE_TRACING = Aspect(
    "state machine tracing",
    read="stepfunctions:DescribeStateMachine",
    writes=("stepfunctions:UpdateStateMachine",),
    ask=lambda resource, _: {"stateMachineArn": resource.uid},
    state=lambda answer, _: answer.get("tracingConfiguration") or {"enabled": False},
    write=lambda resource, _, state: LiveCall(
        "stepfunctions:UpdateStateMachine",
        {"stateMachineArn": resource.uid, "tracingConfiguration": state},
    ),
)


@live("PL-STATES-002", MACHINE_TRACING, may_break=(_TRACES_REFUSED,))
def machine_tracing(target: LiveTarget) -> None:
    """The role is not touched: a live change gives nobody a permission."""
    target.set(MACHINE_TRACING, {"enabled": True})
