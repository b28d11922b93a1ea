"""Write values and blocks as `terraform fmt` would."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Declined

_WORD = re.compile(r"[A-Za-z_][\w-]*\Z")
_SHORT_LIST = 80  # characters; a longer one takes a line for each item
STEP = "  "


@dataclass(frozen=True, slots=True)
class Code:
    """An expression as it is written: a reference, a call."""

    text: str


@dataclass(frozen=True, slots=True)
class Json:
    """A value that stands as `jsonencode(...)`."""

    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Inner:
    """What stands in a nested block: values and further nested blocks by name."""

    parts: Mapping[str, Any]


def expression(value: Any, indent: str = "") -> str:
    """Return a value as an expression whose later lines stand at `indent`. Raises: Declined."""
    match value:
        case Code(text):
            return text
        case Json(inner):
            return f"jsonencode({expression(inner, indent)})"
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case int() | float():
            return str(value)
        case Mapping():
            return _record(value, indent)
        case Sequence():
            return _listing(value, indent)
    raise Declined(f"A {type(value).__name__} cannot be written into Terraform.")


def body(parts: Mapping[str, Any], indent: str) -> list[str]:
    """Return the lines of a block's body, its attributes first and aligned. Raises: Declined."""
    values = {n: expression(v, indent) for n, v in parts.items() if not isinstance(v, Inner)}
    lines = _aligned(values, indent)
    for name, inner in parts.items():
        if isinstance(inner, Inner):
            lines += [""] if lines else []
            lines += block(name, inner.parts, indent)
    return lines


def block(head: str, parts: Mapping[str, Any], indent: str = "") -> list[str]:
    """Return the lines of a block. Raises: Declined."""
    if not parts:
        return [f"{indent}{head} {{}}"]
    return [f"{indent}{head} {{", *body(parts, indent + STEP), f"{indent}}}"]


def _aligned(values: Mapping[str, str], indent: str) -> list[str]:
    """Align `=` in runs of attributes of one line each; one of several lines stands by itself."""
    lines: list[str] = []
    run: list[str] = []
    for name in [*values, None]:
        if name is not None and "\n" not in values[name]:
            run.append(name)
            continue
        width = max(map(len, run), default=0)
        lines += [f"{indent}{n:<{width}} = {values[n]}" for n in run]
        run = []
        if name is not None:
            lines.append(f"{indent}{name} = {values[name]}")
    return lines


def _quoted(text: str) -> str:
    escaped = text.replace("${", "$${").replace("%{", "%%{")
    return json.dumps(escaped, ensure_ascii=False)


def _record(value: Mapping[str, Any], indent: str) -> str:
    if not value:
        return "{}"
    inner = indent + STEP
    values = {_key(k): expression(v, inner) for k, v in value.items()}
    return "\n".join(["{", *_aligned(values, inner), f"{indent}}}"])


def _key(name: str) -> str:
    return name if _WORD.match(name) else _quoted(name)


def _listing(value: Sequence[Any], indent: str) -> str:
    items = [expression(v, indent) for v in value]
    line = f"[{', '.join(items)}]"
    if len(items) == 1 or ("\n" not in line and len(line) <= _SHORT_LIST):
        return line
    inner = indent + STEP
    return "\n".join(["[", *(f"{inner}{expression(v, inner)}," for v in value), f"{indent}]"])
