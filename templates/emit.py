"""Write values in a file's own manner: indentation, quotes, short or long intrinsics, line ends."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from templates.document import Document, Node

_RESOLVER: Any = yaml.resolver.Resolver
_STR = "tag:yaml.org,2002:str"
_PLAIN = re.compile(r"[A-Za-z0-9_/$.+=~^<(*-][^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]*\Z")
_INDICATOR = re.compile(r"^[-?:](?:\s|$)|^[*&!|>%@`]|: |:$| #|^\s|\s$|^---|^\.\.\.|^<<$")
# Text for PyYAML, a number or a boolean for other readers of YAML.
_AMBIGUOUS = re.compile(r"[-+]?[0-9][0-9_.,:eE+-]*\Z|0[ox][0-9A-Fa-f]+\Z|[yYnN]\Z")
_FLOW_UNSAFE = re.compile(r"[,\[\]{}]|^[-?:]|:(?=[,\[\]{}\s]|$)|#")
_SHORT = re.compile(
    r"Fn::(?:GetAtt|Sub|Join|Select|Split|FindInMap|If|Base64|ImportValue|Equals|Not|And|Or|GetAZs|Cidr)\Z"
)


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is written."""

    json: bool
    unit: str
    dash: int
    quote: str
    short_forms: bool
    colon: str
    newline: str

    def pad(self, column: int) -> str:
        """Return the indentation up to a column of a block."""
        return " " * column

    @property
    def step(self) -> int:
        """Columns of one level of a block."""
        return len(self.unit)


def style_of(document: Document) -> Style:
    """Read a file's manner off its nodes."""
    steps: Counter[int] = Counter()
    dashes: Counter[int] = Counter()
    quotes: Counter[str] = Counter()
    tags = longs = 0
    for parent_key, node in _pairs(document.root):
        if node.kind == "scalar":
            quotes[node.style] += node.style in ("'", '"')
        elif not node.flow and node.start >= parent_key.start:
            child = document.content_start(node)
            column = child - document.line_start(child)
            (dashes if node.kind == "list" else steps)[column - parent_key.column] += 1
        tags += bool(node.tag)
        longs += parent_key.text.startswith("Fn::") or parent_key.text == "Ref"
    unit, colon = _json_manner(document) if document.is_json else (" " * _common(steps, 2), ": ")
    return Style(
        json=document.is_json,
        unit=unit,
        dash=max(0, dashes.most_common(1)[0][0]) if dashes else len(unit),
        quote=quotes.most_common(1)[0][0] or '"' if quotes else '"',
        short_forms=not document.is_json and (tags > 0 or longs == 0),
        colon=colon,
        newline=document.newline.decode(),
    )


def _common(steps: Counter[int], default: int) -> int:
    usable = [(n, s) for s, n in steps.items() if 1 <= s <= 8]
    return max(usable)[1] if usable else default


def _pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    open_nodes = [node]
    seen: set[int] = set()
    while open_nodes:
        current = open_nodes.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield from current.pairs
        open_nodes += [value for _, value in current.pairs]
        open_nodes += current.items


def _json_manner(document: Document) -> tuple[str, str]:
    """Return the indentation unit ("" when all stands on one line) and the colon's manner."""
    if not document.root.pairs:
        return "  ", ": "
    key, value = document.root.pairs[0]
    lead = document.content[document.line_start(key.start) : key.start].decode()
    between = document.content[key.end : value.start].decode()
    return (lead if lead and not lead.strip() else ""), (
        between if between.strip() == ":" else ": "
    )


def scalar_text(value: Any, style: Style, *, flow: bool = False, quote: str = "") -> str:
    """Write a scalar; text keeps the quotes asked for, and gets some where YAML would misread it."""
    if style.json or not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if quote == "'" and _single_quotable(value):
        return "'" + value.replace("'", "''") + "'"
    if quote != '"' and is_plain(value, flow=flow):
        return value
    if style.quote == "'" and quote != '"' and _single_quotable(value):
        return "'" + value.replace("'", "''") + "'"
    return _double_quoted(value)


def is_plain(text: str, *, flow: bool = False) -> bool:
    """Whether YAML reads a text back as this text without quotes."""
    if not _PLAIN.match(text) or _INDICATOR.search(text) or _AMBIGUOUS.match(text):
        return False
    if flow and _FLOW_UNSAFE.search(text):
        return False
    return bool(_RESOLVER().resolve(yaml.ScalarNode, text, (True, False)) == _STR)


def _single_quotable(text: str) -> bool:
    return text.isprintable()


def _double_quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f\u2028\u2029\ufeff]", lambda m: f"\\u{ord(m.group()):04x}", quoted)


def short_form(value: Any, style: Style) -> tuple[str, Any] | None:
    """Return tag and argument where a value is an intrinsic the file would write short."""
    if not style.short_forms or not isinstance(value, Mapping) or len(value) != 1:
        return None
    name, argument = next(iter(value.items()))
    if isinstance(argument, Mapping):
        return None  # a tag may not follow a tag
    if name == "Ref" and isinstance(argument, str):
        return "!Ref", argument
    if not isinstance(name, str) or not _SHORT.match(name):
        return None
    if name == "Fn::GetAtt" and isinstance(argument, list | tuple):
        if all(isinstance(a, str) and "." not in a for a in argument[:1]) and all(
            isinstance(a, str) for a in argument
        ):
            return "!GetAtt", ".".join(argument)
        return "!GetAtt", argument
    return f"!{name[4:]}", argument


def flow_text(value: Any, style: Style, *, lead: str | None = None) -> str:
    """Write a value in flow style; with `lead` (a line's indentation), JSON over several lines."""
    if style.json:
        return _json_text(value, style, lead)
    short = short_form(value, style)
    if short is not None:
        return f"{short[0]} {flow_text(short[1], style)}"
    if isinstance(value, Mapping):
        inner = ", ".join(
            f"{_key(k, style, flow=True)}: {flow_text(v, style)}" for k, v in value.items()
        )
        return "{" + inner + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(flow_text(v, style) for v in value) + "]"
    return scalar_text(value, style, flow=True)


def _json_text(value: Any, style: Style, lead: str | None) -> str:
    if lead is None or not style.unit:
        comma = ", " if style.colon.endswith(" ") else ","
        return json.dumps(value, ensure_ascii=False, separators=(comma, style.colon))
    text = json.dumps(value, ensure_ascii=False, indent=style.unit, separators=(",", style.colon))
    return text.replace("\n", f"\n{lead}")


def _key(key: str, style: Style, *, flow: bool = False) -> str:
    return scalar_text(key, style, flow=flow)


def key_text(key: str, style: Style, *, flow: bool = False) -> str:
    """Write a key with its colon."""
    return _key(key, style, flow=flow) + (style.colon if style.json else ":")


def is_inline(value: Any, style: Style) -> bool:
    """Whether a value of a block is written on its key's line."""
    if isinstance(value, Mapping):
        return not value or short_form(value, style) is not None
    return isinstance(value, str) or not isinstance(value, Sequence) or not value


def after_key(value: Any, column: int, style: Style, *, quote: str = "") -> str:
    """Write what follows `Key:` where the key stands at a column of a block."""
    if is_inline(value, style):
        return " " + inline_text(value, style, quote=quote)
    if isinstance(value, Mapping):
        inner = column + style.step
        return "".join(f"\n{style.pad(inner)}{line}" for line in _entries(value, inner, style))
    inner = column + style.dash
    return "".join(f"\n{style.pad(inner)}- {item_text(item, inner, style)}" for item in value)


def inline_text(value: Any, style: Style, *, quote: str = "") -> str:
    """Write a value on one line of a block."""
    short = short_form(value, style)
    if short is not None:
        tag, argument = short
        text = (
            scalar_text(argument, style)
            if isinstance(argument, str)
            else flow_text(argument, style)
        )
        return f"{tag} {text}"
    if isinstance(value, Mapping | list | tuple):
        return flow_text(value, style)
    return scalar_text(value, style, quote=quote)


def item_text(value: Any, column: int, style: Style) -> str:
    """Write what follows `- ` where the dash stands at a column."""
    if is_inline(value, style):
        return inline_text(value, style)
    inner = column + 2
    if isinstance(value, Mapping):
        return f"\n{style.pad(inner)}".join(_entries(value, inner, style))
    return f"\n{style.pad(inner)}".join(f"- {item_text(item, inner, style)}" for item in value)


def _entries(value: Mapping[str, Any], column: int, style: Style) -> list[str]:
    return [f"{key_text(k, style)}{after_key(v, column, style)}" for k, v in value.items()]
