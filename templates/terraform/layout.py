"""Where the lines of a Terraform file begin and end, how they are indented, how far `=` stands."""

import re
from collections.abc import Sequence
from typing import Any

from core.errors import Declined
from core.types import Edit
from templates.terraform import writer
from templates.terraform.syntax import Attribute, Listing, Nested, SourceFile

_AT_THE_END = frozenset({"depends_on"})  # what the style guide wants last


class Layout:
    """Where lines begin and end, how they are indented and how far `=` stands."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._data = file.content
        self._newline = "\r\n" if b"\r\n" in file.content else "\n"

    def ended(self, text: str) -> str:
        """Return text with the file's own line ends."""
        return text.replace("\n", self._newline)

    def line_start(self, position: int) -> int:
        """Return where the line of a byte begins."""
        return self._data.rfind(b"\n", 0, position) + 1

    def line_end(self, position: int) -> int:
        """Return where a line's own text ends, its comment included."""
        found = self._data.find(b"\n", position)
        end = len(self._data) if found < 0 else found
        return end - 1 if end > position and self._data[end - 1 : end] == b"\r" else end

    def indent_of(self, position: int) -> str:
        """Return the white space that a thing's line begins with."""
        line = self._data[self.line_start(position) : position]
        return line[: len(line) - len(line.lstrip(b" \t"))].decode()

    def lines_of(self, start: int, end: int) -> tuple[int, int]:
        """Return the whole lines of a thing. Raises: Declined where others stand on them."""
        first, last = self.line_start(start), self.line_end(end)
        tail = self._data[end:last].strip()
        if self._data[first:start].strip() or (tail and not tail.startswith((b"#", b"//"))):
            raise Declined("Something else stands on the same line.")
        found = self._data.find(b"\n", last)
        return first, len(self._data) if found < 0 else found + 1

    def attribute(self, holder: Nested, name: str, value: Any) -> list[Edit]:
        """Write an attribute into a block, aligned as those above it are."""
        opened = self._opened(holder)
        if opened is not None:
            return self._rewritten(holder, opened, [f"{name} = ", value])
        indent = self._inner_indent(holder)
        text = writer.expression(value, indent)
        last = self._last_before(holder, name, "\n" not in text)
        if last is None:
            end = self._brace(holder)
            rest = "\n" if holder.body.blocks else ""
            line = self.ended(f"\n{indent}{name} = {text}{rest}")
            end = self.line_end(end)
            return [Edit(end, end, line.encode())]
        end = self.line_end(last.end)
        run = self._run(holder, last) if "\n" not in text else []
        width, moved = self._column(run, name)
        line = self.ended(f"\n{indent}{name:<{width}} = {text}")
        return [*moved, Edit(end, end, line.encode())]

    def nested(self, holder: Nested, name: str, inner: writer.Inner) -> list[Edit]:
        """Write a nested block at the end of a block."""
        opened = self._opened(holder)
        indent = self._inner_indent(holder)
        lines = writer.block(name, inner.parts, indent)
        if opened is not None:
            return self._rewritten(holder, opened, lines)
        last = max(
            (x.end for x in parts_of(holder)),
            default=self._brace(holder),
        )
        gap = "\n\n" if holder.body.attributes or holder.body.blocks else "\n"
        end = self.line_end(last)
        return [Edit(end, end, self.ended(gap + "\n".join(lines)).encode())]

    def item(self, listing: Listing, value: Any) -> Edit:
        """Write one more item into a list, in a line of its own where the others have theirs."""
        if not listing.items:
            indent = self.indent_of(self._first_of_line(listing.start))
            text = self.ended(f"[{writer.expression(value, indent)}]")
            return Edit(listing.start, listing.end, text.encode())
        last = listing.items[-1]
        first = self._first_of_line(last.start)
        own_line = self.line_start(last.start) > listing.start and first == last.start
        indent = self.indent_of(first)
        text = writer.expression(value, indent)
        comma = re.match(rb"\s*,", self._data[last.end : listing.end])
        if own_line:
            at = last.end + (comma.end() if comma else 0)
            lead = "" if comma else ","
            tail = "," if comma else ""
            return Edit(at, at, self.ended(f"{lead}\n{indent}{text}{tail}").encode())
        return Edit(last.end, last.end, self.ended(f", {text}").encode())

    def _first_of_line(self, position: int) -> int:
        start = self.line_start(position)
        line = self._data[start : self.line_end(start)]
        return start + len(line) - len(line.lstrip(b" \t"))

    def _brace(self, holder: Nested) -> int:
        """Return the end of the brace that opens a block."""
        inner = [x.start for x in parts_of(holder)]
        limit = min(inner, default=holder.end - 1)
        head = self._data[holder.start : limit]
        place = re.match(rb'(?:[\w-]+|"[^"]*"|[ \t])*\{', head)
        if place is None:
            raise Declined("The block's head is written in an unusual way.")
        return holder.start + place.end()

    def _opened(self, holder: Nested) -> int | None:
        """Return where the body of a block of one line begins; None for one of several lines."""
        brace = self._brace(holder)
        return brace if b"\n" not in self._data[brace : holder.end] else None

    def _rewritten(self, holder: Nested, brace: int, added: list[Any]) -> list[Edit]:
        """Spread a block of one line over several."""
        outer = self.indent_of(self._first_of_line(holder.start))
        indent = outer + writer.STEP
        inside = self._data[brace : holder.end - 1].strip().decode()
        lines = [f"{indent}{inside}"] if inside else []
        if isinstance(added[-1], str) and added[-1].endswith("}"):
            lines += ["", *added] if lines else added
        else:
            lines.append(f"{indent}{added[0]}{writer.expression(added[1], indent)}")
        text = self.ended("\n" + "\n".join([*lines, outer]))
        return [Edit(brace, holder.end - 1, text.encode())]

    def _inner_indent(self, holder: Nested) -> str:
        parts = parts_of(holder)
        if parts and self._opened(holder) is None:
            return self.indent_of(parts[0].start)
        return self.indent_of(self._first_of_line(holder.start)) + writer.STEP

    def _last_before(self, holder: Nested, name: str, short: bool) -> Attribute | None:
        """Return the attribute that a new one follows: the last before any nested block.

        One of a single line follows those of a single line, before longer ones such as tags.
        """
        blocks = min((b.start for b in holder.body.blocks), default=holder.end)
        found = [
            a
            for a in holder.body.attributes
            if a.start < blocks and (a.name not in _AT_THE_END or name in _AT_THE_END)
        ]
        line_of = self._file.line_of
        alike = [a for a in found if short and line_of(a.start) == line_of(a.end - 1)]
        chosen = alike or found
        return chosen[-1] if chosen else None

    def _run(self, holder: Nested, last: Attribute) -> list[Attribute]:
        """Return the attributes of one line each that stand right above a place, `last` the last."""
        line_of = self._file.line_of
        run: list[Attribute] = []
        wanted = line_of(last.start)
        for each in reversed(holder.body.attributes):
            if each.start > last.start:
                continue
            if line_of(each.start) != wanted or line_of(max(each.end - 1, 0)) != wanted:
                break
            run.append(each)
            wanted -= 1
        return run

    def _column(self, run: Sequence[Attribute], name: str) -> tuple[int, list[Edit]]:
        """Return how wide names are here, and what moves the others' `=` where it must be wider."""
        widths = {self._equals(a) - a.start for a in run}
        if len(widths) != 1:
            return len(name), []
        present = widths.pop() - 1
        if len(run) == 1 and present != len(run[0].name):
            return len(name), []
        if len(name) <= present:
            return present, []
        moved = [
            Edit(a.start + len(a.name), self._equals(a), b" " * (len(name) + 1 - len(a.name)))
            for a in run
        ]
        return len(name), moved

    def _equals(self, attribute: Attribute) -> int:
        return self._data.index(b"=", attribute.start + len(attribute.name))


def parts_of(block: Nested) -> list[Attribute | Nested]:
    """Return the attributes and nested blocks of a block."""
    return [*block.body.attributes, *block.body.blocks]
