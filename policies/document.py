"""Turns resources into the input documents that policies read.

    {"resource": {"uid", "Type", "Name", "Account", "Region", "Properties", "Tags", "Live",
                  "Unreadable": {"<type that could not be listed>": "why"}},
     "related": {"<type>": [the same shape, ...]}, "now": RFC 3339, "settings": {...}}

A resource is converted to JSON once, and its text reused wherever another resource is related to
it: conversion costs more than most verdicts.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.types import UNKNOWN_KEY, Estate, Resource, is_unknown
from graph import relate
from policies.model import ITSELF, RELATED, Policy

_UNKNOWN_MARK = f'"{UNKNOWN_KEY}"'


class Documents:
    """The input documents of one set of resources at one time."""

    def __init__(self, resources: Sequence[Resource], *, estate: Estate, now: datetime) -> None:
        self._relations = relate(resources)
        self._texts: dict[str, str] = {}
        self._tail = f',"now":{json.dumps(rfc3339(now))},"settings":{settings_json(estate)}}}'

    def related(self, resource: Resource) -> Mapping[str, tuple[Resource, ...]]:
        """Return the resources related to one, by type."""
        return self._relations.of(resource)

    def document(self, resource: Resource, types: frozenset[str] | None) -> str:
        """Return the input for a resource, showing related resources of `types` (None for all)."""
        return (
            f'{{"resource":{self._text(resource)},"related":{self._related(resource, types)}'
            f"{self._tail}"
        )

    def at_worst(self, resource: Resource, types: frozenset[str] | None) -> "Supposed | None":
        """Return the input as it would be if policy statements held the worst they could.

        None where no statement holds anything unknown, so that supposing changes nothing.
        """
        related = {
            kind: tuple(supposed(other) for other in others)
            for kind, others in self._relations.of(resource).items()
            if types is None or kind in types
        }
        worst = supposed(resource)
        parts = [
            f"{json.dumps(kind)}:[{','.join(resource_json(other) for other in others)}]"
            for kind, others in related.items()
        ]
        text = f'{{"resource":{resource_json(worst)},"related":{{{",".join(parts)}}}{self._tail}'
        if text == self.document(resource, types):
            return None
        return Supposed(worst, related, text)

    def _related(self, resource: Resource, types: frozenset[str] | None) -> str:
        if types is not None and not types:
            return "{}"
        parts = [
            f"{json.dumps(kind)}:[{','.join(self._text(other) for other in others)}]"
            for kind, others in self._relations.of(resource).items()
            if types is None or kind in types
        ]
        return "{" + ",".join(parts) + "}"

    def _text(self, resource: Resource) -> str:
        text = self._texts.get(resource.uid)
        if text is None:
            text = self._texts[resource.uid] = resource_json(resource)
        return text


@dataclass(frozen=True, slots=True)
class Supposed:
    """A resource and its relatives with the worst supposed of their policy statements."""

    resource: Resource
    related: Mapping[str, tuple[Resource, ...]]
    document: str


def supposed(resource: Resource) -> Resource:
    """Suppose the worst of what is unknown in policy statements, where that is one thing.

    An Allow reaches every resource without a condition, a Deny reaches none. Where even that breaks
    no rule, the unknown value decides nothing: writing to a queue whose ARN is not known is not
    administrator access. Unknown actions and principals stay: none is the worst for every rule.
    """
    return replace(resource, properties=_supposed(resource.properties))


def _supposed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_supposed(item) for item in value]
    if not isinstance(value, Mapping) or is_unknown(value):
        return value
    if "Effect" not in value:
        return {key: _supposed(item) for key, item in value.items()}
    statement = dict(value)
    effect = statement.get("Effect")
    if "Resource" in statement:
        reach = "*" if effect == "Allow" else ""
        statement["Resource"] = _reaching(statement["Resource"], reach)
    if effect == "Allow" and holds_unknown(statement.get("Condition")):
        del statement["Condition"]
    return statement


def _reaching(resources: Any, reach: str) -> Any:
    if isinstance(resources, list | tuple):
        return [reach if is_unknown(each) else each for each in resources]
    return reach if is_unknown(resources) else resources


def resource_json(resource: Resource) -> str:
    """Return a resource in the shape that policies read, as JSON."""
    shape = {
        "uid": resource.uid,
        "Type": resource.type,
        "Name": resource.name,
        "Account": resource.account,
        "Region": resource.region,
        "Properties": resource.properties,
        "Tags": resource.tags,
        "Live": resource.is_live,
        "Unreadable": resource.unreadable,
    }
    return json.dumps(shape, default=plain, separators=(",", ":"))


def settings_json(estate: Estate) -> str:
    """Return how this company names things, as policies read it."""
    return json.dumps(
        {
            "tag_prefix": estate.tag_prefix,
            "owner_tags": list(estate.owner_tags),
            "environment_tags": list(estate.environment_tags),
            "sensitivity_tags": list(estate.sensitivity_tags),
            "trusted_accounts": list(estate.trusted_accounts),
        }
    )


def rfc3339(moment: datetime) -> str:
    """Return an aware time as Rego's `time.parse_rfc3339_ns` reads it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def related_types(policies: Sequence[Policy]) -> frozenset[str] | None:
    """Return which related types these policies read, None when one of them does not say."""
    if any(policy.foreign for policy in policies):
        return None
    return frozenset().union(*(policy.related_types for policy in policies))


def holds_unknown(value: Any) -> bool:
    """Whether a value is the unknown marker or holds one at any depth."""
    return next(_unknown_in(value, ()), None) is not None


def may_hold_unknown(document: str) -> bool:
    """Whether an input document holds the unknown marker anywhere. Costs a text search."""
    return _UNKNOWN_MARK in document


def undecided(
    policy: Policy, resource: Resource, related: Mapping[str, Sequence[Resource]]
) -> tuple[str, ...]:
    """Return why a policy's silence proves nothing: what it reads that is unknown, and the reason."""
    found: dict[str, None] = {}
    for path in policy.reads:
        for reason in _unknown_along(path, resource, related):
            found[reason] = None
    return tuple(found)


def _unknown_along(
    path: str, resource: Resource, related: Mapping[str, Sequence[Resource]]
) -> Iterator[str]:
    if not path.startswith(RELATED):
        for reason in _unknown_in(resource.properties, path.split(".")):
            yield f"{path.removesuffix(ITSELF)} is not known ({reason})"
        return
    kind, _, inner = path.removeprefix(RELATED).partition(".")
    if kind in resource.unreadable:
        yield f"{kind} could not be read ({resource.unreadable[kind]})"
    for other in related.get(kind, ()):
        for reason in _unknown_in(other.properties, inner.split(".") if inner else []):
            yield f"{inner.removesuffix(ITSELF) or kind} of {other.name} is not known ({reason})"


def _unknown_in(value: Any, path: Sequence[str]) -> Iterator[str]:
    """Yield the reason of each unknown value met on the way down a path, or below its end.

    A path that ends in `!` means the value itself: what it holds does not matter. Of something known
    in part (the marker beside other keys), what is asked for may be known.
    """
    if is_unknown(value) and not (path and path[0].removesuffix(ITSELF) in value):
        yield str(value[UNKNOWN_KEY])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _unknown_in(item, path)
    elif isinstance(value, Mapping):
        if not path:
            for item in value.values():
                yield from _unknown_in(item, path)
        elif path[0].endswith(ITSELF):
            yield from _reason(value.get(path[0].removesuffix(ITSELF)))
        elif path[0] in value:
            yield from _unknown_in(value[path[0]], path[1:])


def _reason(value: Any) -> Iterator[str]:
    if is_unknown(value):
        yield str(value[UNKNOWN_KEY])


def plain(value: Any) -> Any:
    """Return what JSON can hold of a value that it has no form for."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Iterable):
        return list(value)
    return str(value)
