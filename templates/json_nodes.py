"""Compose JSON into the same nodes that PyYAML gives, with positions in characters."""

import json
import re
from dataclasses import dataclass
from json import decoder
from typing import Any

import yaml

_scanstring: Any = decoder.scanstring  # type: ignore[attr-defined]  # C, and not in typeshed
_SPACE = re.compile(r"[ \t\n\r]*")
_ATOM = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")
_STANDARD = "tag:yaml.org,2002:"
_LITERALS = {"true": "bool", "false": "bool", "null": "null"}


class JsonError(ValueError):
    """The text is not JSON."""


@dataclass(frozen=True, slots=True)
class _Mark:
    index: int
    line: int
    column: int


def compose_json(text: str, *, max_depth: int) -> yaml.Node:
    """Parse a JSON text. Raises: JsonError."""
    return _Composer(text, max_depth).document()


class _Composer:
    def __init__(self, text: str, max_depth: int) -> None:
        self._text = text
        self._left = max_depth
        self._line = 0
        self._line_start = 0
        self._seen = 0

    def document(self) -> yaml.Node:
        node, position = self._value(self._skip(0))
        if self._skip(position) != len(self._text):
            raise JsonError("text after the end")
        return node

    def _skip(self, position: int) -> int:
        found = _SPACE.match(self._text, position)
        return found.end() if found else position

    def _mark(self, position: int) -> Any:
        # Marks are asked for in rising order, so each newline is counted once.
        if position > self._seen:
            newlines = self._text.count("\n", self._seen, position)
            if newlines:
                self._line += newlines
                self._line_start = self._text.rindex("\n", self._seen, position) + 1
            self._seen = position
        return _Mark(position, self._line, position - self._line_start)

    def _value(self, position: int) -> tuple[yaml.Node, int]:
        start = self._mark(position)
        first = self._text[position : position + 1]
        if first == "{":
            return self._nested(self._map, position, start)
        if first == "[":
            return self._nested(self._list, position, start)
        if first == '"':
            return self._string(position)
        found = _ATOM.match(self._text, position)
        if found is None:
            raise JsonError(f"no value at {position}")
        kind = _LITERALS.get(found.group()) or (
            "int" if found.group().lstrip("-").isdigit() else "float"
        )
        node = yaml.ScalarNode(_STANDARD + kind, found.group(), start, self._mark(found.end()))
        return node, found.end()

    def _nested(self, compose: Any, position: int, start: Any) -> tuple[yaml.Node, int]:
        self._left -= 1
        if self._left < 0:
            raise JsonError("nested too deep")
        result: tuple[yaml.Node, int] = compose(position + 1, start)
        self._left += 1
        return result

    def _string(self, position: int) -> tuple[yaml.Node, int]:
        start = self._mark(position)
        try:
            value, end = _scanstring(self._text, position + 1)
            value.encode()  # a lone surrogate is no text
        except (json.JSONDecodeError, UnicodeEncodeError) as error:
            raise JsonError(str(error)) from error
        return yaml.ScalarNode(_STANDARD + "str", value, start, self._mark(end), style='"'), end

    def _map(self, position: int, start: Any) -> tuple[yaml.Node, int]:
        pairs: list[tuple[yaml.Node, yaml.Node]] = []
        position = self._skip(position)
        while self._text[position : position + 1] != "}":
            if pairs:
                position = self._skip(self._expect(",", position))
            if self._text[position : position + 1] != '"':
                raise JsonError(f"no key at {position}")
            key, position = self._string(position)
            position = self._skip(self._expect(":", self._skip(position)))
            value, position = self._value(position)
            pairs.append((key, value))
            position = self._skip(position)
        end = self._mark(position + 1)
        return yaml.MappingNode(_STANDARD + "map", pairs, start, end, flow_style=True), position + 1

    def _list(self, position: int, start: Any) -> tuple[yaml.Node, int]:
        items: list[yaml.Node] = []
        position = self._skip(position)
        while self._text[position : position + 1] != "]":
            if items:
                position = self._skip(self._expect(",", position))
            value, position = self._value(position)
            items.append(value)
            position = self._skip(position)
        end = self._mark(position + 1)
        return yaml.SequenceNode(
            _STANDARD + "seq", items, start, end, flow_style=True
        ), position + 1

    def _expect(self, character: str, position: int) -> int:
        if self._text[position : position + 1] != character:
            raise JsonError(f"no {character} at {position}")
        return position + 1
