"""Writes resources as the template that Guard rules are written for.

    {"Resources": {"<logical id>": {"Type": ..., "Properties": {...}, "Metadata": {...}}}}

For rules that judge resources one by one, each resource is a document. For others a template is one,
and live resources of one account and Region stand together, as far as a document may be long.
References that the readers turned into text (`${Topic}`) become functions again: rules ask whether
something is a `Ref`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.types import Resource, is_unknown
from policies.document import plain

LIVE_MAX = 250
"""Live resources in one document; a template holds up to 500."""

_ALONE = "Resource"

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9:]+)(?:\.([A-Za-z0-9.]+))?\}")


@dataclass(frozen=True)
class GuardDocument:
    """A template, and which resource stands under which logical id."""

    content: Mapping[str, Any]
    resources: Mapping[str, Resource]

    @cached_property
    def holds_unknown(self) -> bool:
        """Whether a value in it is not known."""
        return _any_unknown(self.content)

    @property
    def types(self) -> frozenset[str]:
        """The types of its resources."""
        return frozenset(each.type for each in self.resources.values())

    @property
    def text(self) -> str:
        """The document as cfn-guard is given it."""
        return _encode(self.content)

    def without_unknown(self) -> "GuardDocument":
        """Return the same document as if properties that are not known were not there.

        A member of a list that is not known is a member all the same.
        """
        return GuardDocument(_without(self.content), self.resources)

    def without(self, logical_ids: Collection[str]) -> "GuardDocument":
        """Return the document that lacks some resources."""
        left = {k: v for k, v in self.content["Resources"].items() if k not in logical_ids}
        kept = {k: v for k, v in self.resources.items() if k not in logical_ids}
        return GuardDocument({**self.content, "Resources": left}, kept)


def documents(resources: Sequence[Resource]) -> Iterator[GuardDocument]:
    """Yield the documents in which resources stand, each resource in one."""
    for members in _grouped(resources, _where):
        size = LIVE_MAX if members[0].is_live else len(members)
        for start in range(0, len(members), size):
            yield document(members[start : start + size])


def alone(
    resources: Iterable[Resource], read: Callable[[str], Collection[str]]
) -> Iterator[tuple[Resource, GuardDocument]]:
    """Yield each resource with a document of its own, which holds what is `read` of its type.

    What it names of its template is a function, as it would be beside what it names.
    """
    for members in _grouped(resources, _where):
        named = _named(members)
        for resource in members:
            shown = read(resource.type)
            properties = {k: v for k, v in resource.properties.items() if k in shown}
            content = {"Resources": {_ALONE: _shape(resource, properties, named)}}
            yield resource, GuardDocument(content, {_ALONE: resource})


def _grouped(
    resources: Iterable[Resource], key: Callable[[Resource], tuple[str, ...]]
) -> Iterator[list[Resource]]:
    groups: dict[tuple[str, ...], list[Resource]] = {}
    for resource in resources:
        groups.setdefault(key(resource), []).append(resource)
    yield from groups.values()


def _where(resource: Resource) -> tuple[str, ...]:
    if resource.is_live:
        return ("live", resource.account, resource.region)
    return ("declared", resource.uid.rpartition("//")[0])


def document(members: Sequence[Resource]) -> GuardDocument:
    """Return the one document in which resources stand."""
    named = _named(members)
    shapes = {name: _shape(each, each.properties, named) for name, each in named.items()}
    content = {"Resources": shapes}
    return GuardDocument(content, named)


def _named(members: Sequence[Resource]) -> dict[str, Resource]:
    """Give each resource its logical id, or one that is free."""
    named: dict[str, Resource] = {}
    for number, resource in enumerate(members):
        name = _logical_id(resource)
        named[name if name and name not in named else f"Resource{number}"] = resource
    return named


def _logical_id(resource: Resource) -> str:
    if resource.source is None:
        return ""
    name = resource.uid.rpartition("//")[2]
    return "" if "/" in name else name


def _shape(
    resource: Resource, properties: Mapping[str, Any], named: Mapping[str, Resource]
) -> Mapping[str, Any]:
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
        return [item if is_unknown(item) else _without(item) for item in value]
    return value


_encode = json.JSONEncoder(default=plain).encode
