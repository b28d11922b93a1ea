"""The letters of HCL text: escapes, and the margin of an indented heredoc."""

import re
from collections.abc import Iterable

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|(\$\$|%%)\{", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}
_DOUBLED = re.compile(r"(\$|%)\1\{")


def unescaped(text: str, *, quoted: bool) -> str:
    """Return what a literal says: `$${` is `${`; in quotes, backslashes escape."""
    if not quoted:
        return _DOUBLED.sub(r"\1{", text)
    if "\\" not in text and "${" not in text and "%{" not in text:
        return text
    return _ESCAPE.sub(_one, text)


def _one(found: re.Match[str]) -> str:
    short, long, simple, doubled = found.groups()
    if doubled:
        return doubled[0] + "{"
    if simple:
        return _SIMPLE.get(simple, simple)
    point = int(short or long, 16)
    is_letter = point < 0x110000 and not 0xD800 <= point < 0xE000
    return chr(point) if is_letter else "\ufffd"


class Margin:
    """The white space that `<<-` takes from the start of every line."""

    def __init__(self, start: int) -> None:
        self._start = start
        self._width = 0

    def measure(self, source: bytes, spans: Iterable[tuple[int, int]], end: int) -> None:
        """Take the smallest indent of the lines that begin in one of the spans."""
        widths: list[int] = []
        for first, last in spans:
            begins = [first] if first == self._start else []
            at = source.find(b"\n", first, last)
            while at >= 0:
                begins.append(at + 1)
                at = source.find(b"\n", at + 1, last)
            for begin in begins:
                line = source[begin:last]
                width = len(line) - len(line.lstrip(b" \t"))
                blank = line[width : width + 1] in (b"\n", b"\r") or begin >= end
                if not blank:
                    widths.append(width)
        self._width = min(widths, default=0)

    def removed(self, text: str, start: int) -> str:
        """Return a literal that begins at a byte without the margin."""
        if not self._width:
            return text
        if start == self._start:
            text = re.sub(rf"\A[ \t]{{0,{self._width}}}", "", text)
        return re.sub(rf"\n[ \t]{{0,{self._width}}}", "\n", text)
