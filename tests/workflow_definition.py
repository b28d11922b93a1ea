"""Holds a Logic Apps definition against what Microsoft documents of one. Microsoft's schema file is not here.

Source: learn.microsoft.com/azure/logic-apps: logic-apps-workflow-definition-language,
logic-apps-workflow-actions-triggers, logic-apps-limits-and-configuration (2026-11).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

SCHEMA = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#"
ATTRIBUTES = {"$schema", "contentVersion", "parameters", "triggers", "actions", "outputs", "staticResults"}  # fmt: skip
PARAMETER_TYPES = {"string", "securestring", "int", "bool", "array", "object", "secureobject"}
VARIABLE_TYPES = {"integer", "float", "boolean", "string", "array", "object"}
STATUSES = {"Succeeded", "Failed", "Skipped", "TimedOut"}
COMMON = {"type", "runAfter", "inputs", "operationOptions", "runtimeConfiguration", "limit", "metadata", "kind"}  # fmt: skip
SHAPES = {
    "Http": {"inputs"},
    "InitializeVariable": {"inputs"},
    "SetVariable": {"inputs"},
    "Wait": {"inputs"},
    "Terminate": {"inputs"},
    "If": {"expression", "actions"},
    "Switch": {"expression", "cases"},
    "Until": {"expression", "actions", "limit"},
}
EXTRA = {"If": {"else"}, "Switch": {"default"}}
INPUTS = {
    "Http": {"method", "uri"},
    "InitializeVariable": {"variables"},
    "SetVariable": {"name", "value"},
    "Terminate": {"runStatus"},
}
NAME = re.compile(r"^[A-Za-z0-9_ -]{1,80}$")
DEPTH_MAX, ACTIONS_MAX, CASES_MAX, ROUNDS_MAX, RETRIES_MAX = 8, 500, 25, 5000, 90


def problems(definition: Mapping[str, Any]) -> list[str]:
    """Say everything that the documentation does not allow; nothing where all is well."""
    found = [f"attribute {name}" for name in set(definition) - ATTRIBUTES]
    if definition.get("$schema") != SCHEMA:
        found.append("$schema")
    if not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", str(definition.get("contentVersion"))):
        found.append("contentVersion")
    found += [
        f"parameter {name}"
        for name, each in definition["parameters"].items()
        if each.get("type", "").lower() not in PARAMETER_TYPES
    ]
    if len(definition["triggers"]) != 1:
        found.append("triggers")
    for name, trigger in definition["triggers"].items():
        if trigger.get("type") != "Request" or "schema" not in trigger.get("inputs", {}):
            found.append(f"trigger {name}")
    check = _Check(definition)
    check.scope(definition["actions"], depth=0, looped=False)
    return found + check.found + list(check.names())


class _Check:
    def __init__(self, definition: Mapping[str, Any]) -> None:
        self.found: list[str] = []
        self._definition = definition
        self._seen: list[str] = []
        self._types: dict[str, str] = {}

    def names(self) -> Iterator[str]:
        if len(self._seen) > ACTIONS_MAX:
            yield "too many actions"
        yield from (f"twice {name}" for name in set(self._seen) if self._seen.count(name) > 1)
        text = str(self._definition)
        used = set(re.findall(r"parameters\('(\w+)'\)", text))
        yield from (
            f"parameter {name} unknown" for name in used - set(self._definition["parameters"])
        )
        used = set(re.findall(r"variables\('(\w+)'\)", text))
        yield from (f"variable {name} unknown" for name in used - set(self._types))
        used = set(re.findall(r"(?:body|outputs)\('(\w+)'\)", text))
        yield from (f"action {name} unknown" for name in used - set(self._seen))

    def scope(self, actions: Mapping[str, Any], *, depth: int, looped: bool) -> None:
        if depth > DEPTH_MAX:
            self.found.append("nested too deep")
        self._order(actions)
        for name, action in actions.items():
            self._seen.append(name)
            if not NAME.match(name):
                self.found.append(f"name {name}")
            self._action(name, action, depth=depth, looped=looped)

    def _order(self, actions: Mapping[str, Any]) -> None:
        for name, action in actions.items():
            for before, statuses in action.get("runAfter", {}).items():
                if before not in actions or not statuses or not set(statuses) <= STATUSES:
                    self.found.append(f"{name} runs after {before}")
        done: set[str] = set()
        while ready := {n for n, a in actions.items() if set(a.get("runAfter", {})) <= done} - done:
            done |= ready
        if done != set(actions):
            self.found.append(f"never runs: {sorted(set(actions) - done)}")

    def _action(self, name: str, action: Mapping[str, Any], *, depth: int, looped: bool) -> None:
        kind = str(action.get("type"))
        if kind not in SHAPES:
            self.found.append(f"{name} is of type {kind}")
            return
        allowed = COMMON | SHAPES[kind] | EXTRA.get(kind, set())
        if not SHAPES[kind] <= set(action) or not set(action) <= allowed:
            self.found.append(f"{name} has {sorted(action)}")
            return
        if not INPUTS.get(kind, set()) <= set(action.get("inputs", {})):
            self.found.append(f"{name} lacks inputs")
        if looped and kind in ("Terminate", "InitializeVariable"):
            self.found.append(f"{name} in a loop")
        getattr(self, f"_{kind.lower()}", lambda *_: None)(name, action)
        inside = looped or kind == "Until"
        for each in _scopes(action):
            self.scope(each, depth=depth + 1, looped=inside)

    def _initializevariable(self, name: str, action: Mapping[str, Any]) -> None:
        for each in action["inputs"]["variables"]:
            self._types[each["name"]] = each["type"]
            if each["type"] not in VARIABLE_TYPES:
                self.found.append(f"{name} of type {each['type']}")

    def _setvariable(self, name: str, action: Mapping[str, Any]) -> None:
        variable = action["inputs"]["name"]
        if variable not in self._types:
            self.found.append(f"{name} sets {variable}")
        elif f"variables('{variable}')" in str(action["inputs"]["value"]):
            self.found.append(f"{name} refers to itself")

    def _switch(self, name: str, action: Mapping[str, Any]) -> None:
        cases = action["cases"].values()
        if len(cases) > CASES_MAX or any(set(each) != {"case", "actions"} for each in cases):
            self.found.append(f"{name} has wrong cases")
        if len({each["case"] for each in cases}) != len(cases):
            self.found.append(f"{name} has a case twice")

    def _until(self, name: str, action: Mapping[str, Any]) -> None:
        limit = action["limit"]
        if not 1 <= limit.get("count", 0) <= ROUNDS_MAX or not limit.get("timeout", "").startswith(
            "P"
        ):
            self.found.append(f"{name} has no limit")

    def _http(self, name: str, action: Mapping[str, Any]) -> None:
        inputs = action["inputs"]
        if inputs["method"] not in ("GET", "PUT", "POST", "PATCH", "DELETE"):
            self.found.append(f"{name} method")
        retry = inputs.get("retryPolicy", {"type": "none"})
        if retry["type"] != "none" and not 1 <= retry["count"] <= RETRIES_MAX:
            self.found.append(f"{name} retries {retry['count']} times")
        is_hidden = "inputs" in str(action.get("runtimeConfiguration", {}).get("secureData"))
        if "authentication" in inputs and not is_hidden:
            self.found.append(f"{name} shows its secret")


def _scopes(action: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for key in ("actions",):
        if key in action:
            yield action[key]
    for key in ("else", "default"):
        if key in action:
            yield action[key]["actions"]
    for case in action.get("cases", {}).values():
        yield case["actions"]
