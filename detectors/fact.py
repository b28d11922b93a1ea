"""What a fact is: one declared number or word about a resource, with its words for people."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from core.types import Resource, Snapshot, is_unknown
from graph import Relations, relate
from graph.iam import Statement, permissions

Value = float | str | None
"""A number, a word, or None where it is not known or the question does not apply."""


class Kind(Enum):
    """How a fact's values compare."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


@dataclass(frozen=True)
class View:
    """The estate around a resource, for facts that look beyond it."""

    snapshot: Snapshot

    @cached_property
    def relations(self) -> Relations:
        """Who refers to whom."""
        return relate(self.snapshot.resources)

    def rules(self, role: Resource) -> tuple[Statement, ...] | None:
        """Return every statement of a role's policies, None where some could not be read."""
        held = permissions(role, self.relations)
        return None if held.unread else held.statements

    @cached_property
    def users_of_role(self) -> Counter[str]:
        """How many resources run under each role, by what they call it."""
        named = (r.properties.get("Role") for r in self.snapshot.resources)
        return Counter(name for name in named if isinstance(name, str))


Extract = Callable[[Resource, View], Value]


@dataclass(frozen=True, slots=True)
class Fact:
    """One declared fact of a resource type.

    `sentence` holds `{x}` and, where it counts, `{s}` for the plural; `path` is the property a
    reader finds it under; `matters` says that an unusual value bears on security rather than on
    habit alone, unless it is among the `safe` ones: an unusual precaution is no finding.
    """

    name: str
    resource_type: str
    kind: Kind
    sentence: str
    path: str
    matters: bool
    safe: tuple[str, ...]
    extract: Extract

    def says(self, value: float | str) -> str:
        """Put a value into words."""
        shown = f"{value:,.6g}" if isinstance(value, float) else value
        return self.sentence.format(x=shown, s="" if value == 1 else "s")


FACTS: dict[tuple[str, str], Fact] = {}


def fact(  # noqa: PLR0913  # a declaration names everything about itself
    resource_type: str,
    kind: Kind,
    sentence: str,
    *,
    path: str,
    matters: bool = False,
    safe: tuple[str, ...] = (),
) -> Callable[[Extract], Extract]:
    """Declare the decorated function as a fact of a resource type."""

    def register(extract: Extract) -> Extract:
        key = (resource_type, extract.__name__)
        if key in FACTS:
            raise ValueError(f"the fact {key} is declared twice")
        FACTS[key] = Fact(
            extract.__name__, resource_type, kind, sentence, path, matters, safe, extract
        )
        return extract

    return register


def at(resource: Resource, path: str) -> object:
    """Return the property at a dotted path; None where it is absent, the marker where unknown."""
    value: object = resource.properties
    for step in path.split("."):
        if is_unknown(value) or not hasattr(value, "get"):
            return value if is_unknown(value) else None
        value = value.get(step)
    return value


def number(value: object, default: float | None = None) -> float | None:
    """Return a number, None where the value is unknown; an absent one is AWS's default."""
    if is_unknown(value):
        return None
    if value is None:
        return default
    try:
        return float(str(value))
    except ValueError:
        return None


def word(value: object, default: str | None = None) -> str | None:
    """Return a word, None where the value is unknown; an absent one is AWS's default."""
    if is_unknown(value):
        return None
    return default if value is None or value == "" else str(value)


def present(value: object) -> str | None:
    """Return yes or no, None where the value is unknown."""
    return None if is_unknown(value) else "yes" if value else "no"


def size(value: object) -> float | None:
    """Return how many entries a list or mapping has, None where it is unknown."""
    if is_unknown(value):
        return None
    return float(len(value)) if isinstance(value, list | tuple | dict) else 0.0
