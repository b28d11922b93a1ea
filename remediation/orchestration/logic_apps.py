"""The workflow as an Azure Logic Apps definition. Its actions call `plumbline workflow listen` over HTTP.

One loop does the step whose name stands in a variable, and puts there what follows it. Steps that
wait are looked at every ten minutes at most, so that the 5,000 rounds which a loop may have last for
a month. Terminate may not stand in a loop; how a run ended is therefore judged after it.
Source: https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers,
https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-configuration (2026-11).
"""

import json
from typing import Any

from core.workflow import Step, Workflow

SCHEMA = (
    "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/"
    "workflowdefinition.json#"
)
_ROUNDS_MAX = 5000
_RETRIES_MAX = 90
_LOOK_MIN = 10
_ANYHOW = ["Succeeded", "Failed", "TimedOut"]


def definition(workflow: Workflow) -> dict[str, Any]:
    """Return the workflow definition; endpoint and token are parameters, the token a secret one."""
    cases = {each.name: _case(each) for each in workflow.steps.values()}
    unknown = {"unknown": _set("failed", value=True), "unknown_end": _set("step", "", "unknown")}
    switch = {
        "type": "Switch",
        "expression": "@variables('step')",
        "cases": cases,
        "default": {"actions": unknown},
        "runAfter": {},
    }
    actions = {
        "step": _initialize("step", "string", "@triggerBody()?['step']"),
        "plan": _initialize("plan", "string", "@triggerBody()?['plan_digest']", after="step"),
        "failed": _initialize("failed", "boolean", value=False, after="plan"),
        "steps": {
            "type": "Until",
            "expression": "@equals(variables('step'), '')",
            "limit": {"count": _ROUNDS_MAX, "timeout": "P90D"},
            "actions": {"do": switch},
            "runAfter": {"failed": ["Succeeded"]},
        },
        "judge": _judge(),
    }
    return {
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "parameters": {
            "stepEndpoint": {
                "type": "String",
                "metadata": {"description": "HTTPS address in front of plumbline workflow listen"},
            },
            "stepToken": {
                "type": "SecureString",
                "metadata": {"description": "What PLUMBLINE_STEP_TOKEN holds there"},
            },
        },
        "triggers": {"manual": _trigger(workflow)},
        "actions": actions,
        "outputs": {},
    }


def _trigger(workflow: Workflow) -> dict[str, Any]:
    properties = {
        "step": {"type": "string", "enum": list(workflow.starts)},
        "plan_digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    }
    schema = {"type": "object", "properties": properties, "required": sorted(properties)}
    return {
        "type": "Request",
        "kind": "Http",
        "inputs": {"schema": schema},
        "operationOptions": "EnableSchemaValidation",
    }


def _initialize(name: str, kind: str, value: Any, *, after: str = "") -> dict[str, Any]:
    variable = {"name": name, "type": kind, "value": value}
    return {
        "type": "InitializeVariable",
        "inputs": {"variables": [variable]},
        "runAfter": {after: ["Succeeded"]} if after else {},
    }


def _set(name: str, value: Any, after: str = "") -> dict[str, Any]:
    return {
        "type": "SetVariable",
        "inputs": {"name": name, "value": value},
        "runAfter": {after: ["Succeeded"]} if after else {},
    }


def _case(step: Step) -> dict[str, Any]:
    name = step.name
    answered = {
        "type": "If",
        "expression": _has_status(name, 200),
        "actions": {
            f"{name}_plan": _set("plan", f"@body('{name}')?['plan_digest']"),
            f"{name}_next": _set("step", _following(step), f"{name}_plan"),
        },
        "else": {"actions": {f"{name}_waits": _waits(step)}},
        "runAfter": {name: _ANYHOW},
    }
    return {"case": name, "actions": {name: _call(step), f"{name}_answered": answered}}


def _call(step: Step) -> dict[str, Any]:
    retry = step.retry
    attempts = _RETRIES_MAX if retry.attempts is None else retry.attempts - 1
    return {
        "type": "Http",
        "inputs": {
            "method": "POST",
            "uri": f"@{{parameters('stepEndpoint')}}/{step.name}",
            "headers": {"Content-Type": "application/json"},
            "body": {"plan_digest": "@variables('plan')"},
            "authentication": {
                "type": "Raw",
                "value": "@{concat('Bearer ', parameters('stepToken'))}",
            },
            "retryPolicy": {
                "type": "exponential",
                "count": attempts,
                "interval": f"PT{retry.interval_s}S",
                "minimumInterval": f"PT{retry.interval_s}S",
                "maximumInterval": f"PT{retry.longest_s}S",
            },
        },
        "operationOptions": "DisableAsyncPattern",  # 202 means: call the step again later
        "runtimeConfiguration": {"secureData": {"properties": ["inputs"]}},
        "runAfter": {},
    }


def _has_status(name: str, status: int) -> dict[str, Any]:
    return {"and": [{"equals": [f"@outputs('{name}')?['statusCode']", status]}]}


def _following(step: Step) -> str:
    if not step.undo and len(step.outcomes) == 1:
        return ""  # it put things right, and there is nothing more to do
    known = {outcome.value: following for outcome, following in step.outcomes.items()}
    table = json.dumps(known, separators=(",", ":"))
    return f"@coalesce(json('{table}')?[body('{step.name}')?['outcome']], 'unknown')"


def _waits(step: Step) -> dict[str, Any]:
    """Wait as long as the step says, ten minutes at least; else have things put right."""
    name, soon = step.name, f"addMinutes(utcNow(), {_LOOK_MIN})"
    until = f"body('{name}')?['until']"
    later = f"@if(greater(ticks({until}), ticks({soon})), {until}, {soon})"
    wait = {"type": "Wait", "inputs": {"until": {"timestamp": later}}, "runAfter": {}}
    return {
        "type": "If",
        "expression": _has_status(name, 202),
        "actions": {f"{name}_wait": wait},
        "else": {
            "actions": {
                f"{name}_failed": _set("failed", value=True),
                f"{name}_undo": _set("step", step.undo, f"{name}_failed"),
            }
        },
        "runAfter": {},
    }


def _judge() -> dict[str, Any]:
    error = {"code": "StepFailed", "message": "A step failed; the finding's thread says why"}
    terminate = {
        "type": "Terminate",
        "inputs": {"runStatus": "Failed", "runError": error},
        "runAfter": {},
    }
    return {
        "type": "If",
        "expression": {
            "or": [
                {"equals": ["@variables('failed')", True]},
                {"not": {"equals": ["@variables('step')", ""]}},
            ]
        },
        "actions": {"fail": terminate},
        "else": {"actions": {}},
        "runAfter": {"steps": _ANYHOW},
    }
