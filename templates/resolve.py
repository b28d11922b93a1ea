"""Resolve CloudFormation's intrinsic functions as far as a template alone allows.

A reference to another resource stays readable as `${LogicalId}` or `${LogicalId.Attribute}`; what
only a deployment can know becomes `unknown(reason)`.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.secret import redact
from core.types import UNKNOWN_KEY, is_unknown, unknown

PSEUDO = (
    "Region",
    "AccountId",
    "Partition",
    "StackName",
    "StackId",
    "URLSuffix",
    "NotificationARNs",
)
_SUB = re.compile(r"\$\{(!?)([^}]*)\}")
_REFERENCE = re.compile(r"\$\{[A-Za-z0-9:.]+\}")
_SHOWN = re.compile(r"parameter \S+ has no default\Z")
# CloudFormation holds the members of such a list against what exists: there is at least one.
# Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
_LISTS_OF_IDS = "List<AWS::EC2::"
_MAX_TEXT = 5_000_000  # characters that substitution may produce for one template


class _Removed:
    """What AWS::NoValue leaves: nothing."""


REMOVED = _Removed()


@dataclass(slots=True)
class Scope:
    """What references in one template may name."""

    parameters: Mapping[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    resources: frozenset[str]
    pseudo: Mapping[str, str]
    _decided: dict[str, bool | None] = field(default_factory=dict)
    _deciding: set[str] = field(default_factory=set)
    _produced: int = 0

    def affords(self, length: int) -> bool:
        """Count text made by substitution; False once a template makes more than it may."""
        self._produced += length
        return self._produced <= _MAX_TEXT

    def condition(self, name: str) -> bool | None:
        """Evaluate a named condition; None when it hangs on something unknown."""
        if name in self._decided:
            return self._decided[name]
        if name in self._deciding or name not in self.conditions:
            return None
        self._deciding.add(name)
        self._decided[name] = _truth(self.conditions[name], self)
        self._deciding.discard(name)
        return self._decided[name]


def parameter_values(
    declared: Any, given: Mapping[str, str], *, secret_key: bytes
) -> dict[str, Any]:
    """Return each declared parameter's value: given, else its default, else unknown.

    A NoEcho value becomes a fingerprint: nobody is meant to read it back. Without one, it is a
    reference: whatever is given at deployment, it stands nowhere in plain.
    """
    values: dict[str, Any] = {}
    for name, spec in declared.items() if isinstance(declared, Mapping) else ():
        if not isinstance(spec, Mapping):
            values[name] = unknown(f"parameter {name} is malformed")
            continue
        kind = str(spec.get("Type", "String"))
        value = given.get(name, spec.get("Default"))
        hidden = str(spec.get("NoEcho", "")).lower() == "true"
        if value is None:
            value = f"${{{name}}}" if hidden else unknown(f"parameter {name} has no default")
            if kind.startswith(_LISTS_OF_IDS):
                value = [value]  # of as many as are given, but never empty
        elif kind.startswith("AWS::SSM::Parameter::Value") and name not in given:
            value = unknown(f"parameter {name} is read from Parameter Store at deployment")
        elif hidden:
            value = redact("password", str(value), secret_key)
        elif kind == "CommaDelimitedList" or kind.startswith("List<"):
            value = (
                [v.strip() for v in str(value).split(",")] if not isinstance(value, list) else value
            )
        values[name] = value
    return values


def shown(value: Any) -> bool:
    """Whether a value is that of a parameter which CloudFormation shows to whoever may look."""
    return is_unknown(value) and _SHOWN.match(str(value[UNKNOWN_KEY])) is not None


def resolve(value: Any, scope: Scope) -> Any:
    """Return a value with every intrinsic resolved, kept as a reference, or unknown."""
    if isinstance(value, Mapping):
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            function = _FUNCTIONS.get(name)
            if function is not None:
                return function(argument, scope)
            if isinstance(name, str) and name.startswith("Fn::") and name != UNKNOWN_KEY:
                return unknown(f"{name} is known only at deployment")
        resolved = ((k, resolve(v, scope)) for k, v in value.items())
        return {k: v for k, v in resolved if v is not REMOVED}
    if isinstance(value, list | tuple):
        return [v for v in (resolve(item, scope) for item in value) if v is not REMOVED]
    return value


def _ref(name: Any, scope: Scope) -> Any:
    if not isinstance(name, str):
        return unknown("Ref of something that is not a name")
    if name == "AWS::NoValue":
        return REMOVED
    if name.startswith("AWS::"):
        return scope.pseudo.get(name, f"${{{name}}}")
    if name in scope.parameters:
        return scope.parameters[name]
    return f"${{{name}}}"  # of a fragment too: what it names is declared here or beside it


def _get_att(argument: Any, scope: Scope) -> Any:
    parts = argument.split(".", 1) if isinstance(argument, str) else resolve(argument, scope)
    if not isinstance(parts, list) or len(parts) < 2 or not all(isinstance(p, str) for p in parts):
        return unknown("Fn::GetAtt is malformed or computed")
    # Of a fragment too: whatever has attributes is a resource, declared here or beside it.
    return "${" + ".".join(parts) + "}"


def _sub(argument: Any, scope: Scope) -> Any:
    template, local = argument, {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], Mapping):
        template, local = argument[0], resolve(argument[1], scope)
    if not isinstance(template, str):
        return unknown("Fn::Sub is malformed")
    return _filled(template, local, scope)


def _filled(template: str, local: Any, scope: Scope) -> Any:
    parts: list[str] = []
    position = 0
    for found in _SUB.finditer(template):
        name = found.group(2)
        text = f"${{{name}}}" if found.group(1) else _sub_variable(name.strip(), local, scope)
        if isinstance(text, Mapping):
            return text
        parts += [template[position : found.start()], text]
        position = found.end()
        if not scope.affords(len(text)):
            return unknown("the text grows too long")
    return "".join([*parts, template[position:]])


def _sub_variable(name: str, local: Any, scope: Scope) -> Any:
    if isinstance(local, Mapping) and name in local:
        value = local[name]
    elif "." in name:
        value = _get_att(name, scope)
    else:
        value = _ref(name, scope)
    return _text(value)


def _text(value: Any) -> Any:
    """Return a scalar as text, or the unknown that stands in its way."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    if is_unknown(value):
        return value
    return unknown("a list or map where text is needed")


def _join(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
        return unknown("Fn::Join is malformed")
    items = resolve(argument[1], scope)
    if isinstance(items, str):  # a list-valued attribute of a resource
        return items
    if not isinstance(items, list):
        return items if is_unknown(items) else unknown("Fn::Join of no list")
    texts = [_text(item) for item in items]
    missing = next((t for t in texts if isinstance(t, Mapping)), None)
    if missing is not None:
        return missing
    if not scope.affords(sum(map(len, texts)) + len(argument[0]) * len(texts)):
        return unknown("the text grows too long")
    return argument[0].join(texts)


def _split(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
        return unknown("Fn::Split is malformed")
    text = resolve(argument[1], scope)
    if not isinstance(text, str) or not argument[0]:
        return [text] if is_unknown(text) else unknown("Fn::Split of no text")
    if _REFERENCE.search(text):
        return [unknown("Fn::Split of a value known only at deployment")]
    return text.split(argument[0])


def _select(argument: Any, scope: Scope) -> Any:
    resolved = resolve(argument, scope)
    if not isinstance(resolved, list) or len(resolved) != 2:
        return unknown("Fn::Select is malformed")
    index, items = resolved
    if is_unknown(items) or is_unknown(index):
        return items if is_unknown(items) else index
    if not isinstance(items, list) or not str(index).isdigit() or len(str(index)) > 6:
        return unknown("Fn::Select from a value known only at deployment")
    if int(index) >= len(items) and items and is_unknown(items[-1]):
        return items[-1]
    return items[int(index)] if int(index) < len(items) else unknown("Fn::Select past the end")


def _find_in_map(argument: Any, scope: Scope) -> Any:
    resolved = resolve(argument, scope)
    if not isinstance(resolved, list) or len(resolved) < 3:
        return unknown("Fn::FindInMap is malformed")
    found: Any = scope.mappings
    for key in resolved[:3]:
        if not isinstance(key, str | int):
            return key if is_unknown(key) else unknown("Fn::FindInMap is malformed")
        found = found.get(str(key)) if isinstance(found, Mapping) else None
        if found is None:
            break
    if found is None and len(resolved) > 3 and isinstance(resolved[3], Mapping):
        found = resolved[3].get("DefaultValue")
    return unknown(f"Fn::FindInMap finds nothing under {resolved[1]}") if found is None else found


def _if(argument: Any, scope: Scope) -> Any:
    if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
        return unknown("Fn::If is malformed")
    holds = scope.condition(argument[0])
    if holds is not None:
        return resolve(argument[1] if holds else argument[2], scope)
    yes, no = resolve(argument[1], scope), resolve(argument[2], scope)
    return yes if yes == no else unknown(f"hangs on condition {argument[0]}, which is not known")


def _same(argument: Any, scope: Scope) -> Any:
    return resolve(argument, scope)


def _import(argument: Any, scope: Scope) -> Any:
    name = resolve(argument, scope)
    return unknown(
        f"imported from another stack as {name}"
        if isinstance(name, str)
        else "imported from another stack"
    )


def _length(argument: Any, scope: Scope) -> Any:
    items = resolve(argument, scope)
    if isinstance(items, list) and not any(map(is_unknown, items)):
        return len(items)
    return items if is_unknown(items) else unknown("Fn::Length of a value known only at deployment")


def _json_text(argument: Any, scope: Scope) -> Any:
    value = resolve(argument, scope)
    return value if is_unknown(value) else json.dumps(value, default=str)


def _condition_value(argument: Any, scope: Scope) -> Any:
    holds = scope.condition(argument) if isinstance(argument, str) else None
    return unknown(f"condition {argument} is not known") if holds is None else holds


def _plain_condition(argument: Any, scope: Scope) -> Any:
    # {"Condition": {...}} is an IAM statement's conditions, not a reference to one.
    if isinstance(argument, str) and argument in scope.conditions:
        return _condition_value(argument, scope)
    return {"Condition": resolve(argument, scope)}


_FUNCTIONS: Mapping[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
    "Fn::Base64": _same,
    "Fn::ImportValue": _import,
    "Fn::Length": _length,
    "Fn::ToJsonString": _json_text,
    "Condition": _plain_condition,
}


def _truth(value: Any, scope: Scope) -> bool | None:
    """Evaluate a condition with three values: true, false, not known."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return value if isinstance(value, bool) else None
    name: str
    argument: Any
    name, argument = next(iter(value.items()))
    if name == "Condition" and isinstance(argument, str):
        return scope.condition(argument)
    operands = argument if isinstance(argument, list) else [argument]
    if name == "Fn::Equals" and len(operands) == 2:
        return _equal(resolve(operands[0], scope), resolve(operands[1], scope))
    if name not in ("Fn::Not", "Fn::And", "Fn::Or"):
        return None
    truths = [_truth(operand, scope) for operand in operands]
    if name == "Fn::Not":
        only = truths[0] if len(truths) == 1 else None
        return None if only is None else not only
    decisive: bool = name == "Fn::Or"
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive


def _equal(left: Any, right: Any) -> bool | None:
    first, second = _text(left), _text(right)
    if isinstance(first, Mapping) or isinstance(second, Mapping):
        return None
    if first == second:
        return True
    return None if _REFERENCE.search(first) or _REFERENCE.search(second) else False
