"""Write values as text and JSON, and read them back.

A text that is known in part keeps its holes; JSON that holds some is still read, so that one
unknown name in a policy does not hide the rest of it.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.types import UNKNOWN_KEY, is_unknown, unknown
from templates.terraform.values import (
    Budget,
    Encoded,
    Instance,
    Reference,
    Text,
    TooMuch,
    Unknown,
)

_MARK = re.compile("\ue000([0-9]*)\ue001")


def join_text(parts: Iterable[Any], budget: Budget) -> Any:
    """Return the text of some values in a row: a str where all is known, else a Text."""
    joined: list[str | Reference | Unknown] = []
    run: list[str] = []
    for part in parts:
        value = as_text(part, budget)
        for piece in value.parts if isinstance(value, Text) else (value,):
            budget.spend()
            if isinstance(piece, str):
                budget.write(len(piece))
                run.append(piece)
            else:
                joined += ["".join(run), piece]
                run = []
    joined.append("".join(run))
    kept = tuple(piece for piece in joined if piece != "")
    if len(kept) > 1:
        return Text(kept)
    return kept[0] if kept else ""


def as_text(value: Any, budget: Budget) -> str | Reference | Unknown | Text:
    """Return a value as Terraform writes it into text."""
    if isinstance(value, str | Reference | Unknown | Text):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, Encoded):
        return json_text(value.value, budget)
    if value is None:
        return Unknown("null has no text", is_error=True)
    if isinstance(value, Instance):
        return Reference(value.address)
    return Unknown("a list or map has no text", is_error=True)


def number_text(value: float) -> str:
    """Return a number as Terraform writes it: whole ones without a point."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def json_text(value: Any, budget: Budget) -> str | Reference | Unknown | Text:
    """Return the JSON of a value; what is not known stays a hole in it."""
    holes: list[Reference | Unknown | Text] = []
    budget.measure(value)
    written = json.dumps(_for_json(value, holes, budget), separators=(",", ":"), ensure_ascii=False)
    if not holes:
        budget.write(len(written))
        return written
    parts: list[Any] = []
    for index, piece in enumerate(written.split(r'"\u0000"')):
        parts.append(piece)
        if index < len(holes):
            parts += _quoted(holes[index])
    joined = join_text(parts, budget)
    return joined if isinstance(joined, str | Text | Unknown | Reference) else Unknown("no text")


def _quoted(hole: Reference | Unknown | Text) -> list[Any]:
    if isinstance(hole, Unknown):
        return [hole]
    if isinstance(hole, Reference):
        return ['"', hole, '"']
    inner = [json.dumps(p)[1:-1] if isinstance(p, str) else p for p in hole.parts]
    return ['"', *inner, '"']


def _for_json(value: Any, holes: list[Reference | Unknown | Text], budget: Budget) -> Any:
    if isinstance(value, Reference | Unknown | Text):
        holes.append(value)
        return "\x00"
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {str(k): _for_json(v, holes, budget) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_for_json(v, holes, budget) for v in value]
    if isinstance(value, Instance):
        return _for_json(Reference(value.address), holes, budget)
    if isinstance(value, Encoded):
        return _for_json(json_text(value.value, budget), holes, budget)
    return value


def key_of(value: Any, budget: Budget) -> str | Unknown:
    """Return the text of a map's key; a reference keeps its own text."""
    text = as_text(value, budget)
    if isinstance(text, Text):
        lost = next((p for p in text.parts if isinstance(p, Unknown)), None)
        return lost or "".join(map(str, text.parts))
    return text if isinstance(text, str | Unknown) else str(text)


def finished(value: Any, budget: Budget) -> Any:
    """Return the plain value that leaves evaluation. Raises: TooMuch."""
    budget.measure(value)
    return _finished(value, budget)


def _finished(value: Any, budget: Budget) -> Any:
    if isinstance(value, str | int | float | bool | None):
        return value
    if isinstance(value, dict):
        # A key of ours in foreign data would pass for the mark of the unknown.
        return {str(k): _finished(v, budget) for k, v in value.items() if k != UNKNOWN_KEY}
    if isinstance(value, list | tuple):
        return [_finished(v, budget) for v in value]
    if isinstance(value, Encoded):
        return _finished(json_text(value.value, budget), budget)
    if isinstance(value, Text):
        lost = next((p for p in value.parts if isinstance(p, Unknown)), None)
        return unknown(lost.reason) if lost else "".join(map(str, value.parts))
    if isinstance(value, Instance):
        return str(Reference(value.address))
    return str(value) if isinstance(value, Reference) else unknown(value.reason)


def document(value: Any, budget: Budget) -> Any:
    """Return a text that is JSON as what it says, its unknown parts local; else the value."""
    if isinstance(value, Encoded):
        return value.value
    if isinstance(value, str):
        return parsed_json(value, value, budget)
    if not isinstance(value, Text):
        return value
    pieces: list[str] = []
    holes: dict[str, Reference | Unknown] = {}
    for part in value.parts:
        if isinstance(part, str):
            pieces.append(_MARK.sub("", part))
        else:
            holes[str(len(holes))] = part
            pieces.append(f"\ue000{len(holes) - 1}\ue001")
    parsed = parsed_json("".join(pieces), None, budget)
    return value if parsed is None else _filled(parsed, holes, budget)


def parsed_json(text: str, otherwise: Any, budget: Budget) -> Any:
    """Return the map or list that a JSON text says; `otherwise` when it says none."""
    if text.lstrip()[:1] not in ("{", "["):
        return otherwise
    budget.write(len(text))
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        budget.measure(value)
    except (ValueError, RecursionError, TooMuch):  # also lone surrogates and boundless numbers
        return otherwise
    return value


def _filled(value: Any, holes: Mapping[str, Reference | Unknown], budget: Budget) -> Any:
    if isinstance(value, dict):
        filled: dict[str, Any] = {}
        for key, member in value.items():
            name = finished(_hole(key, holes, budget), budget)
            if is_unknown(name):
                return Unknown("a key is not known before deployment")
            filled[name] = _filled(member, holes, budget)
        return filled
    if isinstance(value, list):
        return [_filled(v, holes, budget) for v in value]
    return _hole(value, holes, budget) if isinstance(value, str) else value


def _hole(text: str, holes: Mapping[str, Reference | Unknown], budget: Budget) -> Any:
    """Put back what stood at the marks of a text."""
    if "\ue000" not in text:
        return text
    pieces = _MARK.split(text)
    parts = [holes.get(p, "") if i % 2 else p for i, p in enumerate(pieces)]
    return join_text([p for p in parts if p != ""], budget)
