"""Writes resources as the template that Guard rules are written for.

    {"Resources": {"<logical id>": {"Type": ..., "Properties": {...}, "Metadata": {...}}}}

A template is one document. Live resources of one account and Region stand together, as far as a
document may be long. References that the readers turned into text (`${Topic}`) become functions
again: rules ask whether something is a `Ref`.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.types import Resource, is_unknown

LIVE_MAX = 250
"""Live resources in one document; a template holds up to 500."""

_REFERENCE = re.compile(r"\$\{([A-Za-z0-9:]+)(?:\.([A-Za-z0-9.]+))?\}")


@dataclass(frozen=True, slots=True)
class GuardDocument:
    """A template, and which resource stands under which logical id."""

    content: Mapping[str, Any]
    resources: Mapping[str, Resource]
    holds_unknown: bool

    @property
    def types(self) -> frozenset[str]:
        """The types of its resources."""
        return frozenset(each.type for each in self.resources.values())

    @property
    def live_type(self) -> str:
        """The type of live resources of one type, empty for anything else."""
        types = self.types
        live = len(types) == 1 and all(each.is_live for each in self.resources.values())
        return next(iter(types)) if live else ""

    def without_unknown(self) -> "GuardDocument":
        """Return the same document as if properties that are not known were not there.

        A member of a list that is not known is a member all the same.
        """
        return GuardDocument(_without(self.content), self.resources, holds_unknown=False)

    def without(self, logical_ids: Collection[str]) -> "GuardDocument":
        """Return the document that lacks some resources."""
        left = {k: v for k, v in self.content["Resources"].items() if k not in logical_ids}
        kept = {k: v for k, v in self.resources.items() if k not in logical_ids}
        return GuardDocument({**self.content, "Resources": left}, kept, self.holds_unknown)


def documents(resources: Sequence[Resource]) -> Iterator[GuardDocument]:
    """Yield the documents in which resources stand, each resource in one."""
    for members in _grouped(resources, lambda each: (_where(each),)):
        size = LIVE_MAX if members[0].is_live else len(members)
        for start in range(0, len(members), size):
            yield document(members[start : start + size])


def by_type(resources: Sequence[Resource]) -> Iterator[GuardDocument]:
    """Yield documents for rules that judge resources one by one.

    A template stays one document. Live resources stand with others of their type: then only the
    rules for that type need to look at them.
    """
    declared = [each for each in resources if not each.is_live]
    yield from documents(declared)
    live = [each for each in resources if each.is_live]
    for members in _grouped(live, lambda each: (each.type,)):
        for start in range(0, len(members), LIVE_MAX):
            yield document(members[start : start + LIVE_MAX])


def _grouped(
    resources: Sequence[Resource], key: Callable[[Resource], tuple[object, ...]]
) -> Iterator[list[Resource]]:
    groups: dict[tuple[object, ...], list[Resource]] = {}
    for resource in resources:
        groups.setdefault(key(resource), []).append(resource)
    yield from groups.values()


def _where(resource: Resource) -> tuple[str, ...]:
    if resource.is_live:
        return ("live", resource.account, resource.region)
    return ("declared", resource.uid.rpartition("//")[0])


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
        return [item if is_unknown(item) else _without(item) for item in value]
    return value
