"""Writes resources as the template that Guard rules are written for.

    {"Resources": {"<logical id>": {"Type": ..., "Properties": {...}, "Metadata": {...}}}}

A template is one document. Live resources of one account and Region stand together, as far as a
document may be long. References that the readers turned into text (`${Topic}`) become functions
again: rules ask whether something is a `Ref`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.types import Resource, is_unknown

LIVE_MAX = 500
"""Live resources in one document, as many as CloudFormation takes in a template."""

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9:]+)(?:\.([A-Za-z0-9.]+))?\}")


@dataclass(frozen=True, slots=True)
class GuardDocument:
    """A template, and which resource stands under which logical id."""

    content: Mapping[str, Any]
    resources: Mapping[str, Resource]
    holds_unknown: bool

    def without_unknown(self) -> "GuardDocument":
        """Return the same document as if what is not known were not there."""
        return GuardDocument(_without(self.content), self.resources, holds_unknown=False)


def documents(resources: Sequence[Resource]) -> Iterator[GuardDocument]:
    """Yield the documents in which resources stand, each resource in one."""
    groups: dict[tuple[str, ...], list[Resource]] = {}
    for resource in resources:
        where = (
            ("declared", resource.uid.rpartition("//")[0])
            if resource.source
            else ("live", resource.account, resource.region)
        )
        groups.setdefault(where, []).append(resource)
    for (kind, *_), members in groups.items():
        size = LIVE_MAX if kind == "live" else len(members)
        for start in range(0, len(members), size):
            yield document(members[start : start + size])


def document(members: Sequence[Resource]) -> GuardDocument:
    """Return the one document in which resources stand."""
    named: dict[str, Resource] = {}
    for number, resource in enumerate(members):
        name = _logical_id(resource)
        named[name if name and name not in named else f"Resource{number}"] = resource
    content = {"Resources": {name: _shape(each, named) for name, each in named.items()}}
    return GuardDocument(content, named, _any_unknown(content))


def _logical_id(resource: Resource) -> str:
    if resource.source is None:
        return ""
    name = resource.uid.rpartition("//")[2]
    return "" if "/" in name else name


def _shape(resource: Resource, named: Mapping[str, Resource]) -> Mapping[str, Any]:
    properties = resource.properties
    shape = {
        "Type": resource.type,
        "Properties": _with_functions(properties, named) if resource.source else properties,
    }
    return {**shape, "Metadata": resource.metadata} if resource.metadata else shape


def _with_functions(value: Any, named: Mapping[str, Resource]) -> Any:
    if isinstance(value, Mapping):
        return {key: _with_functions(item, named) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_functions(item, named) for item in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole and _names_something(whole, named):
        name, attribute = whole.groups()
        return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}
    if any(_names_something(found, named) for found in _REFERENCE.finditer(value)):
        return {"Fn::Sub": value}
    return value


def _names_something(found: re.Match[str], named: Mapping[str, Resource]) -> bool:
    return found.group(1) in named or found.group(1).startswith("AWS::")


def _any_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return is_unknown(value) or any(map(_any_unknown, value.values()))
    return isinstance(value, list | tuple) and any(map(_any_unknown, value))


def _without(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without(item) for key, item in value.items() if not is_unknown(item)}
    if isinstance(value, list | tuple):
        return [_without(item) for item in value if not is_unknown(item)]
    return value
