"""What an answer rests on: statements and settings, kept as they are until somebody asks."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from core.quote import quote
from core.types import Quote

_MARKS = ("Origin", "Holder")
"""Keys that reading policies adds to a statement; no part of it."""


class Ground(NamedTuple):
    """A passage of a resource's configuration, and which it is in words."""

    resource_uid: str
    where: str
    value: Any


def grounds(rules: Iterable[Mapping[str, Any]]) -> tuple[Ground, ...]:
    """Return statements that know the policy they come from as grounds."""
    return tuple(
        Ground(str(rule.get("Holder", "")), str(rule.get("Origin", "a policy")), rule)
        for rule in rules
    )


def quotes(found: Iterable[Ground]) -> tuple[Quote, ...]:
    """Quote grounds, each once."""
    made: list[Quote] = []
    for ground in found:
        value = ground.value
        if isinstance(value, Mapping):
            value = {key: item for key, item in value.items() if key not in _MARKS}
        quoted = quote(ground.resource_uid, ground.where, value)
        if quoted not in made:
            made.append(quoted)
    return tuple(made)
