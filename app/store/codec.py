"""Turn the core's frozen types into JSON and back, by their annotations."""

import base64
import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_SCALARS: Mapping[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    Decimal: (str, Decimal),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    bytes: (lambda raw: base64.b64encode(raw).decode(), base64.b64decode),
}


def to_plain(value: Any) -> Any:
    """Return a value made of JSON types only."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = _field_names(type(value))
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    for kind, (encode, _) in _SCALARS.items():
        if isinstance(value, kind):
            return encode(value)
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [to_plain(item) for item in value]
    return value


def dumps(value: Any) -> str:
    """Serialise to canonical JSON text."""
    return json.dumps(to_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def loads(cls: type[T], text: str) -> T:
    """Rebuild a dataclass from `dumps` text."""
    return from_plain(cls, json.loads(text))


def from_plain(cls: type[T], value: Any) -> T:
    """Rebuild a dataclass from what `to_plain` returned for it."""
    hint: Any = cls
    return typing.cast("T", _builder(hint)(value))


_Build = Callable[[Any], Any]


@cache
def _field_names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


@cache
def _builder(hint: Any) -> _Build:
    """Return what rebuilds a value of a type; worked out once for each."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _dataclass_builder(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    if hint in _SCALARS:
        return _SCALARS[hint][1]
    if hint is float:
        return _number
    return _generic_builder(typing.get_origin(hint), typing.get_args(hint))


def _dataclass_builder(cls: type) -> _Build:
    hints = typing.get_type_hints(cls)
    names = _field_names(cls)
    # Not worked out before it is needed: a type may hold others of its own.
    builders: dict[str, _Build] = {}

    def build(value: Any) -> Any:
        if not builders:
            builders.update({name: _builder(hints[name]) for name in names})
        return cls(**{n: builders[n](item) for n, item in value.items() if n in builders})

    return build


def _generic_builder(origin: Any, arguments: tuple[Any, ...]) -> _Build:
    if origin in (typing.Union, types.UnionType):
        inner = _builder(next(each for each in arguments if each is not type(None)))
        return lambda value: None if value is None else inner(value)
    if not isinstance(origin, type):
        return _as_it_is
    if issubclass(origin, Mapping):
        member = _builder(arguments[1])
        return lambda value: {key: member(item) for key, item in value.items()}
    member = _builder(arguments[0])
    return lambda value: tuple(map(member, value)) if isinstance(value, list) else value


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int) else value


def _as_it_is(value: Any) -> Any:
    return value
