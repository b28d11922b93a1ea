"""Reach into values and compare them."""

from typing import Any

from templates.terraform.values import (
    MAX_MEMBERS,
    Budget,
    Instance,
    Reference,
    Text,
    Unknown,
    is_known,
    later,
    to_number,
)
from templates.terraform.written import as_text

_MAX_PATH = 2_000  # characters of a reference


def member(value: Any, name: str) -> Any:
    """Return `value.name`."""
    if isinstance(value, Instance):
        return value.attribute(name)
    if isinstance(value, Reference):
        return _further(value, f".{name}")
    if isinstance(value, dict) and name in value:
        return value[name]
    if isinstance(value, Unknown | Text):
        return later(value)
    return Unknown(f"nothing is called {name} here", is_error=True)


def _further(reference: Reference, step: str) -> Reference | Unknown:
    path = reference.path + step
    return Reference(path) if len(path) <= _MAX_PATH else Unknown("a reference is too long")


def indexed(value: Any, key: Any, budget: Budget) -> Any:
    """Return `value[key]`."""
    if isinstance(value, Instance) and not value.is_certain:
        return value
    if isinstance(value, Unknown | Text):
        return later(value)
    if not isinstance(key, str | int | float) or isinstance(key, bool):
        return later(key) if not isinstance(key, dict | list) else Unknown("no such key", True)
    if isinstance(value, Reference):
        step = f'["{key}"]' if isinstance(key, str) else f"[{as_text(key, budget)}]"
        return _further(value, step)
    if isinstance(value, list | tuple):
        place = to_number(key)
        if isinstance(place, int) and 0 <= place < len(value):
            return value[place]
        return Unknown("an index beyond the list", is_error=True)
    name = str(as_text(key, budget))
    if isinstance(value, dict) and name not in value:
        return Unknown("no such key", is_error=True)  # keys may be anything; they are not shown
    return member(value, name)


def pairs_of(value: Any) -> list[tuple[Any, Any]] | Unknown:
    """Return the keys and values that a loop over a value meets."""
    if isinstance(value, dict):
        pairs: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, tuple):
        pairs = [(v, v) for v in value]
    elif isinstance(value, list):
        pairs = list(enumerate(value))
    elif isinstance(value, Instance) and not value.is_certain:
        return [(Unknown("the key of an instance that may not exist"), value)]
    else:
        is_later = isinstance(value, Unknown | Reference | Text | Instance)
        return later(value) if is_later else Unknown("a loop over no collection", is_error=True)
    return pairs if len(pairs) <= MAX_MEMBERS else Unknown("a loop over too many members")


def equal(left: Any, right: Any, budget: Budget) -> bool | Unknown:
    """Whether two values are equal; what is known only later is at least not null."""
    for one, other in ((left, right), (right, left)):
        if other is None and not isinstance(one, Unknown):
            return one is None
    for value in (left, right):
        if not is_known(value, budget):
            return (
                later(value)
                if not isinstance(value, list | tuple | dict)
                else Unknown("compared with something not known")
            )
    return same(left, right)


def same(left: Any, right: Any) -> bool:
    """Whether two known values are equal, without taking true for 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(v, right[k]) for k, v in left.items())
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)
