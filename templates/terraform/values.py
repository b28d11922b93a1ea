"""The values that evaluation works on, and how they leave it.

Texts, numbers, booleans, None, lists and dicts stand for themselves; a tuple is a set. Beside them
stand the five below, which know more than the plain value they become.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from core.errors import UnreadableTemplate

MAX_STEPS = 400_000  # some 8,000 real blocks at 50 each, or at worst about 2 s (2026-11-24)
MAX_TEXT = 10_000_000  # characters that evaluation may write for one root module
MAX_MEMBERS = 10_000  # of one list or map; Terraform itself is unusable long before
MAX_DEPTH = 60  # of values: real ones reach 20
MAX_NESTED = 100  # of evaluation; each level costs up to five of Python's 1,000 frames
MAX_NUMBER = 10**30  # beyond it arithmetic is not done
_MAX_REASON = 300  # characters; reasons name those before them
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?\Z")


@dataclass(frozen=True, slots=True)
class Unknown:
    """What cannot be known before deployment, or could not be read.

    `is_error` says that Terraform too would refuse it here, which is what `try` and `can` ask.
    """

    reason: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """What only the provider knows: an attribute's path from its block's address."""

    path: str

    def __str__(self) -> str:
        return f"${{{self.path}}}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is known in part."""

    parts: tuple[str | Reference | Unknown, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text that is the JSON of a value: kept as the value, since most readers parse it."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A whole block or module; its attributes are evaluated when they are asked for.

    `is_certain` is False where it stands for any number of instances, perhaps none.
    """

    address: str
    attribute: Callable[[str], Any]
    is_certain: bool = True


class TooMuch(Exception):  # never leaves this package
    """Evaluation went past a limit."""


class Budget:
    """What the evaluation of one root module may still use.

    Every step, member and letter that evaluation makes is counted here, so that a file of a few
    lines cannot take all memory or time.
    """

    def __init__(self, module: str) -> None:
        self.depth = 0
        self._module = module
        self._steps = MAX_STEPS
        self._text = MAX_TEXT

    def deeper(self) -> bool:
        """Go one level down, unless that is too deep. Who went down counts `depth` up again."""
        if self.depth >= MAX_NESTED:
            return False
        self.depth += 1
        return True

    def spend(self, steps: int = 1) -> None:
        """Count steps. Raises: UnreadableTemplate."""
        self._steps -= steps
        if self._steps < 0:
            raise UnreadableTemplate(
                f"{self._module or 'The root module'}: the module takes more than {MAX_STEPS:,} "
                "steps to evaluate; it is not read further."
            )

    def write(self, length: int) -> None:
        """Count letters. Raises: UnreadableTemplate."""
        self._text -= length
        if self._text < 0:
            raise UnreadableTemplate(
                f"{self._module or 'The root module'}: the module writes more than {MAX_TEXT:,} "
                "characters of text; it is not read further."
            )

    def measure(self, value: Any, depth: int = 0) -> int:
        """Count a value and all that is in it; return the count.

        Raises: UnreadableTemplate, TooMuch.
        """
        size = 1 + (len(value) // 1000 if isinstance(value, str) else 0)
        self.spend(size)
        if depth > MAX_DEPTH:
            raise TooMuch("a value nests too deep")
        return size + sum(self.measure(member, depth + 1) for member in _members(value))


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list | tuple):
        return value
    return (value.value,) if isinstance(value, Encoded) else ()


def is_known(value: Any, budget: Budget) -> bool:
    """Whether all of a value is known. Raises: TooMuch."""
    budget.measure(value)
    return _is_known(value)


def _is_known(value: Any) -> bool:
    if isinstance(value, Unknown | Reference | Text | Instance):
        return False
    return all(_is_known(member) for member in _members(value))


def to_number(value: Any) -> Any:
    """Return a number, also from its text; else Unknown."""
    if isinstance(value, bool):
        return Unknown("a truth value is no number", is_error=True)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        if not _NUMBER.match(value) or not math.isfinite(float(value)):
            return Unknown("the text is no number", is_error=True)
        number = float(value)
        return int(value) if number.is_integer() and value.lstrip("-").isdigit() else number
    return value if isinstance(value, Unknown) else _unfit(value, "number")


def to_bool(value: Any) -> Any:
    """Return a truth value, also from its text; else Unknown."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        known = {"true": True, "false": False, "1": True, "0": False}.get(value)
        no_bool = Unknown("the text is no truth value", is_error=True)
        return no_bool if known is None else known
    return value if isinstance(value, Unknown) else _unfit(value, "truth value")


def _unfit(value: Any, wanted: str) -> Unknown:
    if isinstance(value, Reference | Text | Instance):
        return later(value)
    return Unknown(f"a {wanted} is needed here", is_error=True)


def caused(what: str, cause: Unknown) -> Unknown:
    """Return the unknown that follows from another one."""
    return Unknown(f"{what}: {cause.reason}"[:_MAX_REASON], cause.is_error)


def later(value: Any) -> Unknown:
    """Return the unknown that comes of computing with what only deployment knows."""
    if isinstance(value, Unknown):
        return value
    parts = value.parts if isinstance(value, Text) else (value,)
    known_later = next((p for p in parts if not isinstance(p, str)), value)
    if isinstance(known_later, Unknown):
        return known_later
    name = known_later.address if isinstance(known_later, Instance) else ""
    name = known_later.path if isinstance(known_later, Reference) else name
    return Unknown(f"computed from {name}, which is known only after deployment")
