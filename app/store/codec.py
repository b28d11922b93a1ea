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
    return typing.cast("T", _build(cls, json.loads(text)))


@cache
def _field_names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


@cache
def _hints(cls: type) -> Mapping[str, Any]:
    hints = typing.get_type_hints(cls)
    return {name: hints[name] for name in _field_names(cls)}


def _build(hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        fields = _hints(hint)
        return hint(
            **{name: _build(fields[name], item) for name, item in value.items() if name in fields}
        )
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if hint in _SCALARS:
        return _SCALARS[hint][1](value)
    return _build_generic(hint, value)


def _build_generic(hint: Any, value: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _build(next(each for each in arguments if each is not type(None)), value)
    if origin is tuple:
        return tuple(_build(arguments[0], item) for item in value)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _build(arguments[1], item) for key, item in value.items()}
    if origin is not None and isinstance(value, list):
        return tuple(_build(arguments[0], item) for item in value)
    if hint is float and isinstance(value, int):
        return float(value)
    return value
