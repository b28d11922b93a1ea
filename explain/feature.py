"""What a feature is: one declared column of numbers, with its unit, direction, source and words.

A feature says what a value means in words that need no key; nothing but a feature's own declaration
knows its name, so a new one is one decorated function in `explain/features/`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.identity import digest

if TYPE_CHECKING:
    from explain.scene import Scene

Column = NDArray[np.float64]
"""One float64 value a row; NaN where the value is not known or the question does not apply."""

Compute = Callable[["Scene"], Column]
Words = Callable[[float], str]


class Direction(IntEnum):
    """Which way risk may move when the value grows, whatever the labels say."""

    FALLS = -1
    FREE = 0
    RISES = 1


class Scope(Enum):
    """What one row of a feature's column stands for."""

    RESOURCE = "resource"
    FINDING = "finding"


def _always(_: float) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Feature:
    """One declared column.

    `label` is the short noun for pictures and tables; `says` turns a known value into a sentence;
    `peers` turns it into what its peers do ("can be reached by anyone on the internet"), where a
    comparison with them says something. `evidence` names the scene's texts to quote after it.
    `speaks` says which values are worth giving as a reason; "the check is sure" is not.
    """

    name: str
    label: str
    unit: str
    direction: Direction
    source: str
    scope: Scope
    says: Words
    compute: Compute
    peers: Words | None = None
    evidence: str = ""
    speaks: Callable[[float], bool] = _always


FEATURES: dict[str, Feature] = {}


def feature(  # noqa: PLR0913  # a declaration names everything about itself
    *,
    label: str,
    unit: str,
    direction: Direction,
    source: str,
    says: Words,
    scope: Scope = Scope.RESOURCE,
    peers: Words | None = None,
    evidence: str = "",
    speaks: Callable[[float], bool] = _always,
) -> Callable[[Compute], Compute]:
    """Declare the decorated function as a feature of its own name."""

    def register(compute: Compute) -> Compute:
        name = compute.__name__
        if name in FEATURES:
            raise ValueError(f"the feature {name} is declared twice")
        FEATURES[name] = Feature(
            name, label, unit, direction, source, scope, says, compute, peers, evidence, speaks
        )
        return compute

    return register


def declared() -> tuple[Feature, ...]:
    """Return every feature in the order of declaration, which is the order of the columns."""
    import explain.features  # registers them; here so that importing a type registers nothing

    return explain.features.ALL


def names() -> tuple[str, ...]:
    """Return the names of the columns in order."""
    return tuple(f.name for f in declared())


def schema_hash(features: Iterable[Feature]) -> str:
    """Identify what a model was trained on: names, units and directions, in order."""
    return digest([(f.name, f.unit, int(f.direction)) for f in features])[:16]
