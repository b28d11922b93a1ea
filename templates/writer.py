"""Compute the byte ranges of one change, in the manner of the file."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from core.errors import Declined
from core.types import Edit
from templates import emit
from templates.cursor import Path, Place, alias_end, colon_end, computed_by, find, pair_end
from templates.document import Document, Node
from templates.emit import Style, style_of
from templates.value import plain

_NEWLINE = re.compile(rb"\r?\n|\r")
_BLANK_LINE = re.compile(rb"\n[ \t]*\r?\n")
_INDENTATION = re.compile(rb"[ \t]*")
_COMMENT = re.compile(rb"(?:(?<=[ \t])|^)#[^\r\n]*", re.MULTILINE)
_KEY_LINE_END = re.compile(rb":[ \t]*\r?\n[ \t]*\Z")


class Writer:
    """Computes byte edits on one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._content = document.content
        self._style: Style = style_of(document)

    # Setting

    def set(self, path: Path, value: Any) -> list[Edit]:
        """Set the value at a path from the root, making what is missing on the way."""
        place = find(self._document, path)
        if not place.rest:
            return self._replace(place, value)
        nested = _nested(place.rest[1:], value)
        if place.node.kind == "list":
            return [self._append(place.node, nested)]
        if place.node.kind == "map":
            return self.insert(place.node, str(place.rest[0]), nested)
        return self._replace(place, _nested(place.rest, value))

    def _replace(self, place: Place, value: Any) -> list[Edit]:
        node, key = place.node, place.key
        if key is not None and (ends := alias_end(self._document, key)):
            start = self._content.index(b"*", key.end)
            return [self._edit(start, ends, self._flow(value, start))]
        if node.shared:
            raise Declined(
                "The value is shared through a YAML anchor; changing it would change others."
            )
        if plain(node) == value and not (isinstance(value, bool) ^ (node.type == "bool")):
            return []
        if isinstance(value, dict) and node.kind == "map" and node.pairs and not computed_by(node):
            merged = self._merge(node, value)
            if merged is not None:
                return merged
        if self._in_flow(place):
            return [self._edit(node.start, node.end, self._flow(value, node.start, old=node))]
        if key is not None:
            return [self._replace_after_key(key, node, value)]
        return [self._replace_item(node, value)]

    def _merge(self, node: Node, value: dict[str, Any]) -> list[Edit] | None:
        """Change only what differs, where no key has to go."""
        names = {key.text for key, _ in node.pairs}
        if not names <= set(value) or len(names) != len(node.pairs):
            return None
        edits: list[Edit] = []
        for key, child in node.pairs:
            edits += self._replace(Place(child, (), node, key, key.text), value[key.text])
        for name, member in value.items():
            if name not in names:
                edits += self.insert(node, name, member)
        return edits

    def _in_flow(self, place: Place) -> bool:
        return self._style.json or (place.parent is not None and place.parent.flow)

    def _flow(self, value: Any, position: int, *, old: Node | None = None) -> str:
        if self._style.json:
            return emit.flow_text(value, self._style, lead=self._lead(position))
        if isinstance(value, str) and old is not None and old.style in ("'", '"'):
            return emit.scalar_text(value, self._style, flow=True, quote=old.style)
        return emit.flow_text(value, self._style)

    def _replace_after_key(self, key: Node, node: Node, value: Any) -> Edit:
        colon = colon_end(self._document, key)
        inline = emit.is_inline(value, self._style)
        own_line = node.kind != "scalar" and not node.flow  # a block collection
        quote = node.style if node.kind == "scalar" and not node.tag else ""
        rest = self._content[max(node.end, colon) : self._line_end(max(node.end, colon))]
        if inline and not own_line and node.end > colon:
            text = emit.inline_text(value, self._style, quote=quote)
            return self._edit(node.start, node.end, text)
        if not inline and not own_line and rest.strip():
            text = emit.flow_text(value, self._style)  # a comment behind it keeps its place
            return self._edit(
                max(node.start, colon),
                max(node.end, colon),
                text if node.end > colon else f" {text}",
            )
        text = emit.after_key(value, key.column, self._style)
        return self._edit(colon, max(node.end, colon), text)

    def _replace_item(self, node: Node, value: Any) -> Edit:
        dash = self._content.rindex(b"-", 0, node.start)
        text = emit.item_text(value, dash - self._document.line_start(dash), self._style)
        if node.start == node.end:
            return self._edit(dash + 1, node.end, f" {text}")
        return self._edit(node.start, node.end, text)

    # Adding

    def insert(self, node: Node, name: str, value: Any, *, after: str = "") -> list[Edit]:
        """Add a pair to a map, behind the pair called `after`, else last."""
        if node.flow:
            return [self._insert_flow(node, name, value, after)]
        if not node.pairs:
            raise Declined("The map to add to is empty in a way that cannot be edited.")
        key, sibling = next((p for p in node.pairs if p[0].text == after), self._behind(node, name))
        position = self._line_end(pair_end(self._document, key, sibling))
        column = node.pairs[0][0].column
        text = emit.key_text(name, self._style) + emit.after_key(value, column, self._style)
        blank = "\n" if after and self._blank_between(node) else ""
        return [self._edit(position, position, f"{blank}\n{self._style.pad(column)}{text}")]

    def _behind(self, node: Node, name: str) -> tuple[Node, Node]:
        """Return the last pair; a new Globals section goes before Resources."""
        if name == "Globals" and node is self._document.root:
            names = [key.text for key, _ in node.pairs]
            before = names.index("Resources") if "Resources" in names else len(names)
            if before:
                return node.pairs[before - 1]
        return node.pairs[-1]

    def _blank_between(self, node: Node) -> bool:
        gaps = [
            bool(_BLANK_LINE.search(self._content, pair_end(self._document, k, v), following.start))
            for (k, v), (following, _) in pairwise(node.pairs)
        ]
        return sum(gaps) * 2 > len(gaps)

    def _insert_flow(self, node: Node, name: str, value: Any, after: str) -> Edit:
        key, sibling = next(
            (p for p in node.pairs if p[0].text == after),
            node.pairs[-1] if node.pairs else (None, None),
        )
        if key is None or sibling is None:
            return self._fill_empty(node, lambda lead: self._pair(name, value, lead))
        lead = self._own_line_lead(key)
        end = pair_end(self._document, key, sibling)
        return self._after_sibling(end, self._pair(name, value, lead), lead)

    def _append(self, node: Node, value: Any) -> Edit:
        if node.flow and not node.items:
            return self._fill_empty(node, lambda lead: self._member(value, lead))
        if node.flow:
            lead = self._own_line_lead(node.items[-1])
            return self._after_sibling(node.items[-1].end, self._member(value, lead), lead)
        dash = self._document.content_start(node)
        column = dash - self._document.line_start(dash)
        position = self._line_end(max(node.items[-1].end, node.end))
        text = f"\n{self._style.pad(column)}- {emit.item_text(value, column, self._style)}"
        return self._edit(position, position, text)

    def _pair(self, name: str, value: Any, lead: str | None) -> str:
        colon = "" if self._style.json else " "
        key = emit.key_text(name, self._style, flow=True)
        return f"{key}{colon}{emit.flow_text(value, self._style, lead=lead)}"

    def _member(self, value: Any, lead: str | None) -> str:
        return emit.flow_text(value, self._style, lead=lead)

    def _after_sibling(self, end: int, text: str, lead: str | None) -> Edit:
        follows = re.match(rb"[ \t]*,", self._content[end : end + 80])
        trailing = re.match(rb"\s*,\s*[\]}]", self._content[end : end + 400])
        gap = f"\n{lead}" if lead is not None else " "
        if trailing and follows:
            return self._edit(end + follows.end(), end + follows.end(), gap + text)
        if self._style.json and not self._style.colon.endswith(" "):
            gap = gap.strip(" ") if lead is None else gap
        return self._edit(end, end, f",{gap}{text}")

    def _fill_empty(self, node: Node, write: Callable[[str | None], str]) -> Edit:
        opening = self._document.content_start(node) + 1
        if self._style.json and self._style.unit:
            outer = self._lead(node.start)
            inner = outer + self._style.unit
            return self._edit(opening, node.end - 1, f"\n{inner}{write(inner)}\n{outer}")
        return self._edit(opening, node.end - 1, write(None))

    # Removing

    def remove(self, place: Place) -> list[Edit]:
        """Take out what stands at a place, with its key or dash."""
        parent = place.parent
        if parent is None:
            raise Declined("The whole template cannot be removed.")
        if parent.kind == "map" and place.key is not None:
            pairs = [p for p in parent.pairs if p[0].text != place.step]
            if len(pairs) != len(parent.pairs) - 1:
                raise Declined(f"{place.step} is given twice.")
            ends = [pair_end(self._document, k, v) for k, v in parent.pairs]
            starts = [k.start for k, _ in parent.pairs]
            cut = self._cut(parent, starts, ends, place.key.start, "{}")
            return [self._keeping_comments(cut, place)]
        starts = [i.start for i in parent.items]
        if not parent.flow:
            starts = [self._content.rindex(b"-", 0, start) for start in starts]
        index = parent.items.index(place.node)
        cut = self._cut(parent, starts, [i.end for i in parent.items], starts[index], "[]")
        return [self._keeping_comments(cut, place)]

    def _text_start(self, node: Node) -> int:
        """Return where a text begins; behind the `|` of a block there is room for a comment."""
        return self._line_end(node.start) if node.style in ("|", ">") else node.start

    def _keeping_comments(self, cut: Edit, place: Place) -> Edit:
        """Leave the comments of what is taken out where it stood: they are somebody's words."""
        lines = self._content[cut.start : cut.end]
        if cut.replacement or not lines.strip() or self._style.json:
            return cut
        texts = [(self._text_start(node), node.end) for node in _scalars(place.node)]
        comments = [
            found.group()
            for found in _COMMENT.finditer(self._content, cut.start, cut.end)
            if not any(start <= found.start() < end for start, end in texts)
        ]
        newline = self._document.newline
        first = place.key or place.node
        lead = b" " * (first.column if place.key else max(first.column - 2, 0))
        if lines[:1] in (b"\r", b"\n"):
            kept = b"".join(newline + lead + comment for comment in comments)
        else:
            kept = b"".join(lead + comment + newline for comment in comments)
        return Edit(cut.start, cut.end, kept)

    def _cut(
        self, parent: Node, starts: list[int], ends: list[int], start: int, empty: str
    ) -> Edit:
        index = starts.index(start)
        if len(starts) == 1:
            return self._empty(parent, empty)
        if parent.flow:
            if index + 1 < len(starts):
                return self._edit(start, starts[index + 1], "")
            return self._edit(ends[index - 1], ends[index], "")
        line = self._document.line_start(start)
        if self._content[line:start].strip():  # first of a block that begins behind a dash
            return self._edit(start, starts[index + 1], "")
        stop = self._line_end(max(ends[index], start))
        if stop < len(self._content):
            return self._edit(line, stop + len(self._newline_at(stop)), "")
        return self._edit(line - len(self._newline_before(line)), stop, "")

    def _empty(self, node: Node, empty: str) -> Edit:
        start = self._document.content_start(node)
        bare = _KEY_LINE_END.search(self._content, max(0, start - 400), start)
        if bare and not node.flow:
            return self._edit(bare.start() + 1, node.end, f" {empty}")
        return self._edit(start, node.end, empty)

    # Bytes

    def _edit(self, start: int, end: int, text: str) -> Edit:
        return Edit(start, end, text.replace("\n", self._style.newline).encode())

    def _line_end(self, position: int) -> int:
        found = _NEWLINE.search(self._content, position)
        return found.start() if found else len(self._content)

    def _newline_at(self, position: int) -> bytes:
        return (
            b"\r\n"
            if self._content.startswith(b"\r\n", position)
            else self._content[position : position + 1]
        )

    def _newline_before(self, line: int) -> bytes:
        return (
            b"\r\n"
            if self._content.endswith(b"\r\n", 0, line)
            else self._content[max(line - 1, 0) : line]
        )

    def _lead(self, position: int) -> str:
        start = self._document.line_start(position)
        found = _INDENTATION.match(self._content, start)
        return found.group().decode() if found else ""

    def _own_line_lead(self, node: Node) -> str | None:
        """Return a line's indentation where the node stands first on its line."""
        lead = self._content[self._document.line_start(node.start) : node.start]
        return lead.decode() if not lead.strip() else None


def _nested(path: Path, value: Any) -> Any:
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


def _scalars(node: Node) -> Iterator[Node]:
    """Yield the texts in a node: what looks like a comment in them is none."""
    if node.kind == "scalar":
        yield node
    for child in node.children():
        yield from _scalars(child)
