"""What a function is: the kinds of its parameters, and how it is applied to values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.secret import redact
from templates.terraform.values import (
    MAX_MEMBERS,
    Budget,
    Encoded,
    Instance,
    Reference,
    Text,
    TooMuch,
    Unknown,
    caused,
    is_known,
    later,
    to_bool,
    to_number,
)
from templates.terraform.written import as_text

MAX_LETTERS = 1_000_000  # of one text; the largest policy AWS takes has 20,480
_LETTERS_A_STEP = 200  # a digest or a search over so many takes about as long as one step


@dataclass(frozen=True, slots=True)
class Function:
    """A function on converted arguments.

    `kinds` has a letter for each parameter: s text, n number, b truth value, l list or set, m map,
    L a list or set that is known throughout, k any known value, a any value at all. The first
    `required` must be given; a `*` at the end repeats the last. Members of l and m may be unknown
    or references.
    """

    run: Callable[..., Any]
    kinds: str
    required: int = -1
    takes_budget: bool = False


def apply(name: str, function: Function, arguments: Sequence[Any], budget: Budget) -> Any:
    """Return what a function gives for some values; Unknown says why it cannot."""
    letters, repeats = function.kinds.rstrip("*"), function.kinds.endswith("*")
    required = function.required if function.required >= 0 else len(letters)
    if len(arguments) < required or (len(arguments) > len(letters) and not repeats):
        return Unknown(f"{name}() with {len(arguments)} arguments", is_error=True)
    converted: list[Any] = []
    for place, argument in enumerate(arguments):
        value = _converted(letters[min(place, len(letters) - 1)], argument, budget)
        if isinstance(value, Unknown) and letters[min(place, len(letters) - 1)] != "a":
            return caused(f"{name}()", value)
        converted.append(value)
    given = {"budget": budget} if function.takes_budget else {}
    try:
        return _limited(name, function.run(*converted, **given), budget)
    except TooMuch as error:
        return Unknown(f"{name}(): {error}")


def _converted(kind: str, value: Any, budget: Budget) -> Any:
    match kind:
        case "a":
            return value
        case "n":
            return to_number(value)
        case "b":
            return to_bool(value)
        case "s":
            if isinstance(value, bytes):
                return value
            text = as_text(value, budget)
            budget.spend(len(text) // _LETTERS_A_STEP if isinstance(text, str) else 0)
            return text if isinstance(text, str) else later(text)
        case "k" | "L" if not is_known(value, budget):
            return later(value)
        case "k":
            return value
    wanted = dict if kind == "m" else (list, tuple)
    if isinstance(value, wanted):
        budget.spend(len(value))
        return value
    if isinstance(value, Unknown | Reference | Text | Instance):
        return later(value)
    return Unknown("a value of another type", is_error=True)


def _limited(name: str, value: Any, budget: Budget) -> Any:
    if isinstance(value, str):
        budget.write(len(value))
        return value if len(value) <= MAX_LETTERS else Unknown(f"{name}() gives too long a text")
    if isinstance(value, list | tuple | dict):
        budget.spend(len(value))
        return value if len(value) <= MAX_MEMBERS else Unknown(f"{name}() gives too many members")
    return value


def error(reason: str) -> Unknown:
    """Return what stands for a refusal by Terraform."""
    return Unknown(reason, is_error=True)


def fingerprinted(value: Any, key: bytes) -> Any:
    """Return a value whose texts became fingerprints: the author called it sensitive."""
    if isinstance(value, str):
        return redact("password", value, key) if value else value
    if isinstance(value, Mapping):
        return {k: fingerprinted(v, key) for k, v in value.items()}
    if isinstance(value, list):
        return [fingerprinted(v, key) for v in value]
    if isinstance(value, tuple):
        return tuple(fingerprinted(v, key) for v in value)
    if isinstance(value, Text):
        return Text(tuple(fingerprinted(p, key) for p in value.parts))
    if isinstance(value, Encoded):
        return Encoded(fingerprinted(value.value, key))
    return value
