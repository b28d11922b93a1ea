"""Read numbers from the properties of resources, where some of them could not be read."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from core.types import Properties, Resource, is_unknown
from explain.feature import Column
from explain.scene import Scene

Reader = Callable[[Properties], float]


def at(properties: Properties, path: str) -> Any:
    """Return the value at a dotted path, None where nothing is, the first unknown met on the way."""
    value: Any = properties
    for step in path.split("."):
        if value is None or is_unknown(value):
            return value
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def number(path: str, *, default: float) -> Reader:
    """Read a number; `default` is what AWS takes where none is given."""

    def read(properties: Properties) -> float:
        value = at(properties, path)
        if value is None:
            return default
        try:
            return float(value)
        except (TypeError, ValueError):
            return math.nan

    return read


def size(path: str) -> Reader:
    """Read how many entries a list or a mapping has."""

    def read(properties: Properties) -> float:
        value = at(properties, path)
        if value is None:
            return 0.0
        if is_unknown(value) or not isinstance(value, list | tuple | Mapping):
            return math.nan
        return float(len(value))

    return read


def absent(path: str) -> Reader:
    """Read 1 where nothing is set at a path, 0 where something is; a number 0 is set."""

    def read(properties: Properties) -> float:
        value = at(properties, path)
        return math.nan if is_unknown(value) else float(value is None or value == "")

    return read


def off(path: str, *, on: str = "true") -> Reader:
    """Read 1 where a switch is not at `on`, in any case; AWS's default counts as off."""

    def read(properties: Properties) -> float:
        value = at(properties, path)
        return math.nan if is_unknown(value) else float(str(value).lower() != on.lower())

    return read


def by_type(scene: Scene, readers: Mapping[str, Reader]) -> Column:
    """Build a column over resources from one reader a type; NaN for the other types."""

    def value(resource: Resource) -> float:
        read = readers.get(resource.type)
        return read(resource.properties) if read else math.nan

    return scene.per_resource(value)
