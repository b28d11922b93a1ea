"""Resolve a template's intrinsic functions against what was really created."""

import base64
import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import CloudError

_SUB = re.compile(r"\$\{(!?)([^}]+)\}")
_DYNAMIC = re.compile(r"\{\{resolve:(ssm|secretsmanager):([^}]+)\}\}")

NO_VALUE = object()
"""What `AWS::NoValue` resolves to; the property that holds it is dropped."""


class Unresolved(CloudError):
    """A reference cannot be resolved; the message names it."""


@dataclass(frozen=True, slots=True)
class Created:
    """A resource that exists: what Ref gives and what GetAtt gives."""

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Scope:
    """Everything a stack's intrinsics may refer to. `created` grows while the stack deploys."""

    pseudo: Mapping[str, Any]
    parameters: Mapping[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    exports: Mapping[str, str]
    lookup: Callable[[str, str], str]
    created: dict[str, Created] = field(default_factory=dict)

    def holds(self, condition: str) -> bool:
        """Whether a named condition is true. Raises: Unresolved."""
        if condition not in self.conditions:
            raise Unresolved(f"condition {condition} is not declared")
        return bool(resolve(self.conditions[condition], self))


def resolve(value: Any, scope: Scope) -> Any:
    """Return the value with every intrinsic replaced by what it stands for. Raises: Unresolved."""
    if isinstance(value, Mapping):
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](argument, scope)
            if isinstance(name, str) and name.startswith("Fn::"):
                raise Unresolved(f"{name} is not supported by the sandbox's deployer")
        resolved = ((k, resolve(v, scope)) for k, v in value.items())
        return {str(k): v for k, v in resolved if v is not NO_VALUE}
    if isinstance(value, list | tuple):
        return [v for v in (resolve(item, scope) for item in value) if v is not NO_VALUE]
    if isinstance(value, str):
        return _DYNAMIC.sub(lambda m: scope.lookup(m[1], m[2]), value)
    return value


def references(value: Any) -> Iterator[str]:
    """Name every resource or parameter that a value refers to, with repetitions."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner
            elif key == "Fn::GetAtt":
                yield str(inner[0]) if isinstance(inner, list) else str(inner).split(".")[0]
            elif key == "Fn::Sub":
                text, bound = _sub_parts(inner)
                yield from (m[2].split(".")[0].strip() for m in _SUB.finditer(text) if not m[1])
                yield from references(bound)
            else:
                yield from references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from references(inner)


def _ref(name: Any, scope: Scope) -> Any:
    if name == "AWS::NoValue":
        return NO_VALUE
    for known in (scope.pseudo, scope.parameters):
        if name in known:
            return known[name]
    if name in scope.created:
        return scope.created[name].physical_id
    raise Unresolved(f"Ref {name} refers to nothing that was created")


def _get_att(argument: Any, scope: Scope) -> Any:
    parts = argument if isinstance(argument, list) else str(argument).split(".", 1)
    logical_id, attribute = str(parts[0]), str(resolve(".".join(map(str, parts[1:])), scope))
    if logical_id not in scope.created:
        raise Unresolved(f"GetAtt {logical_id}.{attribute} refers to nothing that was created")
    attributes = scope.created[logical_id].attributes
    if attribute not in attributes:
        raise Unresolved(f"GetAtt {logical_id}.{attribute}: the sandbox knows no such attribute")
    return attributes[attribute]


def _sub_parts(argument: Any) -> tuple[str, Mapping[str, Any]]:
    if isinstance(argument, list):
        return str(argument[0]), argument[1] if len(argument) > 1 else {}
    return str(argument), {}


def _sub(argument: Any, scope: Scope) -> str:
    text, bound = _sub_parts(argument)
    values = {k: resolve(v, scope) for k, v in bound.items()}

    def replace(match: re.Match[str]) -> str:
        literal, name = match[1], match[2].strip()
        if literal:
            return f"${{{match[2]}}}"
        if name in values:
            return _text(values[name])
        return _text(_get_att(name, scope) if "." in name else _ref(name, scope))

    return str(resolve(_SUB.sub(replace, text), scope))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _join(argument: Any, scope: Scope) -> str:
    separator, values = argument
    found = resolve(values, scope)
    return str(separator).join(_text(v) for v in _list(found))


def _list(value: Any) -> Sequence[Any]:
    return value.split(",") if isinstance(value, str) else list(value)


def _select(argument: Any, scope: Scope) -> Any:
    index, values = resolve(argument, scope)
    found = _list(values)
    if not 0 <= int(index) < len(found):
        raise Unresolved(f"Fn::Select {index} of {len(found)} values")
    return found[int(index)]


def _split(argument: Any, scope: Scope) -> list[str]:
    separator, text = resolve(argument, scope)
    return str(text).split(str(separator))


def _if(argument: Any, scope: Scope) -> Any:
    condition, then, otherwise = argument
    return resolve(then if scope.holds(str(condition)) else otherwise, scope)


def _find_in_map(argument: Any, scope: Scope) -> Any:
    name, first, second = (str(v) for v in resolve(argument[:3], scope))
    try:
        return scope.mappings[name][first][second]
    except KeyError as error:
        raise Unresolved(f"FindInMap {name}, {first}, {second}: no such entry") from error


def _import(argument: Any, scope: Scope) -> str:
    name = str(resolve(argument, scope))
    if name not in scope.exports:
        raise Unresolved(f"ImportValue {name}: no deployed stack exports it")
    return scope.exports[name]


def _zones(argument: Any, scope: Scope) -> list[str]:
    region = str(resolve(argument, scope) or scope.pseudo["AWS::Region"])
    return [f"{region}{letter}" for letter in "abc"]


def _cidr(argument: Any, scope: Scope) -> list[str]:
    block, count, *bits = resolve(argument, scope)
    host_bits = int(bits[0]) if bits else 8
    network = ipaddress.ip_network(str(block), strict=False)
    subnets = network.subnets(new_prefix=network.max_prefixlen - host_bits)
    return [str(subnet) for subnet in itertools.islice(subnets, int(count))]


def _equals(argument: Any, scope: Scope) -> bool:
    left, right = (_text(v) for v in resolve(argument, scope))
    return left == right


_FUNCTIONS: Mapping[str, Callable[[Any, Scope], Any]] = {
    "Ref": _ref,
    "Condition": lambda name, scope: scope.holds(str(name)),
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import,
    "Fn::GetAZs": _zones,
    "Fn::Cidr": _cidr,
    "Fn::Base64": lambda v, scope: base64.b64encode(str(resolve(v, scope)).encode()).decode(),
    "Fn::Equals": _equals,
    "Fn::And": lambda v, scope: all(resolve(item, scope) for item in v),
    "Fn::Or": lambda v, scope: any(resolve(item, scope) for item in v),
    "Fn::Not": lambda v, scope: not resolve(v[0], scope),
    "Fn::Length": lambda v, scope: len(_list(resolve(v, scope))),
    "Fn::ToJsonString": lambda v, scope: json.dumps(resolve(v, scope)),
}
