"""How many instances a block has: `count` and `for_each`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.types import EMPTY
from templates.terraform.access import pairs_of
from templates.terraform.syntax import Body, Expression
from templates.terraform.values import (
    Budget,
    Instance,
    Reference,
    Text,
    Unknown,
    caused,
    later,
    to_number,
)
from templates.terraform.written import key_of

MAX_INSTANCES = 1_000  # of one block; AWS's own quotas of nearly all types are lower
_MAX_KEY = 1_000  # characters; every address below repeats it
_COST = 20  # steps that an instance costs before its attributes
_DATA = re.compile(r"(?:module\.[^.]+\.)*data\.")


@dataclass(frozen=True, slots=True)
class Member:
    """One instance: its key (None for a block without count) and the names that only it knows."""

    key: int | str | None
    names: Mapping[str, Any]

    @property
    def suffix(self) -> str:
        """What follows the block's address: "", "[0]" or '["k"]'."""
        if self.key is None:
            return ""
        return f"[{self.key}]" if isinstance(self.key, int) else f'["{self.key}"]'


@dataclass(frozen=True, slots=True)
class Expansion:
    """All instances of a block. `reason` says why their number is not known, if it is not."""

    kind: Literal["single", "count", "each", "uncertain"]
    members: tuple[Member, ...]
    reason: str = ""

    def arranged(self, instances: list[Instance]) -> Any:
        """Return what the block's name means: an instance, a list of them, or a map."""
        if self.kind == "count":
            return instances
        if self.kind == "each":
            return {m.key: i for m, i in zip(self.members, instances, strict=True)}
        return instances[0]


def expand(body: Body, evaluate: Callable[[Expression], Any], budget: Budget) -> Expansion:
    """Return the instances of a resource, data or module block."""
    count, each = body.get("count"), body.get("for_each")
    found: tuple[Member, ...] | Unknown
    if count is not None:
        found = _counted(evaluate(count))
    elif each is not None:
        found = _each(evaluate(each), budget)
    else:
        budget.spend(_COST)
        return Expansion("single", (Member(None, EMPTY),))
    if isinstance(found, Unknown):
        return Expansion("uncertain", (_uncertain(found),), found.reason)
    budget.spend(_COST * len(found))
    return Expansion("count" if count is not None else "each", found)


def _counted(value: Any) -> tuple[Member, ...] | Unknown:
    number = to_number(value) if not isinstance(value, bool) else int(value)
    if isinstance(number, Unknown):
        return number
    if number > MAX_INSTANCES:
        return Unknown(f"more than {MAX_INSTANCES:,} instances")
    return tuple(Member(i, {"count": {"index": i}}) for i in range(int(number)))


def _each(value: Any, budget: Budget) -> tuple[Member, ...] | Unknown:
    # A list is refused by Terraform, but says clearly enough what is meant.
    pairs = [(v, v) for v in value] if isinstance(value, list | tuple) else pairs_of(value)
    if isinstance(pairs, Unknown):
        return pairs
    if len(pairs) > MAX_INSTANCES:
        return Unknown(f"more than {MAX_INSTANCES:,} instances")
    members: list[Member] = []
    for key, member in pairs:
        budget.spend()
        name = key_of(key, budget) if _read_before(key) else key
        if not isinstance(name, str):
            return later(name) if not isinstance(name, int | float) else Unknown("keys are numbers")
        if len(name) > _MAX_KEY:
            return Unknown("a key is too long")
        members.append(Member(name, {"each": {"key": name, "value": member}}))
    return tuple(members)


def _read_before(key: Any) -> bool:
    """Whether a key hangs on data alone, which Terraform reads before it counts instances."""
    parts = key.parts if isinstance(key, Text) else (key,)
    return all(
        isinstance(part, str) or (isinstance(part, Reference) and _DATA.match(part.path))
        for part in parts
    )


def _uncertain(reason: Unknown) -> Member:
    unknown = caused("which instances there are is not known", reason)
    names = {
        "count": {"index": unknown},
        "each": {"key": unknown, "value": unknown},
    }
    return Member(None, names)
