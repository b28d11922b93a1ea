"""Read the templates of HCL: texts with interpolations and directives between their letters."""

from collections.abc import Sequence
from typing import Protocol

from tree_sitter import Node

from templates.terraform.syntax import Conditional, Expression, Literal, Loop, Template
from templates.terraform.text import Margin, unescaped


class Reader(Protocol):
    """Who reads the expressions inside a template, and counts how deep it goes."""

    def expression(self, node: Node) -> Expression:
        """Read a value."""

    def loop_intro(self, node: Node) -> tuple[list[str], Expression]:
        """Return a loop's names and what it loops over."""

    def enter(self, node: Node) -> None:
        """Count a level down. Raises: UnreadableTemplate."""

    def leave(self) -> None:
        """Count a level up again."""


class TemplateReader:
    """Reads the templates of one file."""

    def __init__(self, source: bytes, reader: Reader) -> None:
        self._source = source
        self._reader = reader

    def quoted(self, node: Node) -> Expression:
        """Read a text in quotes that has interpolations or directives."""
        first, *inner, last = node.children
        return self._template(inner, first.end_byte, last.start_byte, None, node)

    def heredoc(self, node: Node) -> Expression:
        """Read a heredoc, without the margin that `<<-` takes away."""
        children = node.children
        first, last = children[1], children[-1]
        start = self._source.find(b"\n", first.end_byte) + 1
        end = max(start, self._source.rfind(b"\n", 0, last.start_byte) + 1)
        margin = Margin(start)
        if children[0].text == b"<<-":
            margin.measure(self._source, _literal_spans(children[2:-1], start, end), end)
        return self._template(children[2:-1], start, end, margin, node)

    def _template(
        self, nodes: Sequence[Node], start: int, end: int, margin: Margin | None, whole: Node
    ) -> Expression:
        parts = self._parts(nodes, start, end, margin, (False, False))
        if not parts:
            return Literal(whole.start_byte, whole.end_byte, "")
        if len(parts) == 1 and isinstance(parts[0], Literal):
            return Literal(whole.start_byte, whole.end_byte, parts[0].value)
        return Template(whole.start_byte, whole.end_byte, tuple(parts))

    def _parts(
        self,
        nodes: Sequence[Node],
        start: int,
        end: int,
        margin: Margin | None,
        strip: tuple[bool, bool],
    ) -> list[Expression]:
        """Read the text from `start` to `end` and what interrupts it; `strip` trims its ends."""
        if nodes:
            self._reader.enter(nodes[0])
        parts: list[Expression] = []
        strip_left = strip[0]
        for node in nodes:
            if node.type not in ("template_interpolation", "template_directive"):
                continue
            opening, closing = _edges(node)
            self._literal(parts, start, node.start_byte, margin, (strip_left, _left(opening)))
            parts.append(self._interruption(node, margin))
            start, strip_left = node.end_byte, _right(closing)
        self._literal(parts, start, end, margin, (strip_left, strip[1]))
        if nodes:
            self._reader.leave()
        return parts

    def _literal(
        self,
        parts: list[Expression],
        start: int,
        end: int,
        margin: Margin | None,
        strip: tuple[bool, bool],
    ) -> None:
        text = self._source[start:end].decode()
        if margin is not None:
            text = margin.removed(text, start)
        text = text.lstrip() if strip[0] else text
        text = text.rstrip() if strip[1] else text
        if text:
            parts.append(Literal(start, end, unescaped(text, quoted=margin is None)))

    def _interruption(self, node: Node, margin: Margin | None) -> Expression:
        if node.type == "template_interpolation":
            inner = next((c for c in node.children if c.type == "expression"), None)
            return (
                self._reader.expression(inner)
                if inner
                else Literal(node.start_byte, node.end_byte, "")
            )
        inner = node.children[0]
        return (
            self._text_if(inner, margin)
            if inner.type == "template_if"
            else self._text_for(inner, margin)
        )

    def _text_if(self, node: Node, margin: Margin | None) -> Conditional:
        children = node.children
        intro, close = children[0], children[-1]
        middle = [i for i, c in enumerate(children) if c.type == "template_else_intro"]
        at = middle[0] if middle else len(children) - 1
        turn = children[at]
        condition = next(c for c in intro.children if c.type == "expression")
        then = self._region(children[1:at], intro, turn, margin)
        otherwise: Expression = Literal(turn.end_byte, turn.end_byte, "")
        if middle:
            otherwise = self._region(children[at + 1 : -1], turn, close, margin)
        return Conditional(
            node.start_byte, node.end_byte, self._reader.expression(condition), then, otherwise
        )

    def _text_for(self, node: Node, margin: Margin | None) -> Loop:
        children = node.children
        names, collection = self._reader.loop_intro(children[0])
        return Loop(
            node.start_byte,
            node.end_byte,
            "text",
            names[0] if len(names) > 1 else "",
            names[-1],
            collection,
            None,
            self._region(children[1:-1], children[0], children[-1], margin),
        )

    def _region(
        self, nodes: Sequence[Node], before: Node, after: Node, margin: Margin | None
    ) -> Template:
        start, end = before.end_byte, after.start_byte
        parts = self._parts(nodes, start, end, margin, (_right(before), _left(after)))
        return Template(start, end, tuple(parts))


def children_of(node: Node) -> list[Node]:
    """Return a node's children without comments."""
    return [c for c in node.children if c.type != "comment"]


def _edges(node: Node) -> tuple[Node, Node]:
    """Return the parts of an interruption that may hold strip markers: its first and its last."""
    if node.type == "template_interpolation":
        return node, node
    inner = node.children[0]
    return inner.children[0], inner.children[-1]


def _left(node: Node) -> bool:
    return len(node.children) > 1 and node.children[1].type == "strip_marker"


def _right(node: Node) -> bool:
    return len(node.children) > 1 and node.children[-2].type == "strip_marker"


def _literal_spans(nodes: Sequence[Node], start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of a template that are text, also within its directives."""
    spans: list[tuple[int, int]] = []
    for node in nodes:
        if node.type not in ("template_interpolation", "template_directive"):
            continue
        spans.append((start, node.start_byte))
        start = node.end_byte
        if node.type == "template_directive":
            first, *middle, last = node.children[0].children
            at = first.end_byte
            for turn in (*(c for c in middle if c.type == "template_else_intro"), last):
                inside = [c for c in middle if at <= c.start_byte < turn.start_byte]
                spans += _literal_spans(inside, at, turn.start_byte)
                at = turn.end_byte
    return [*spans, (start, end)]
