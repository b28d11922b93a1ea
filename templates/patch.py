"""Byte edits as values: apply them, undo them, carry them over to a later version, show them."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from core.errors import Declined
from core.secret import PLAIN, classify
from core.types import Edit

_ASSIGNMENT = re.compile(r"""^([ +-]\s*(?:-\s+)?["']?([\w.-]+)["']?\s*:\s*)(\S.*?)(,?\s*)$""")
_Opcode = tuple[str, int, int, int, int]
_COMPUTED = re.compile(r"^(?:!|\{|\[|\||>|&|\*|#)")


def apply(data: bytes, edits: Sequence[Edit]) -> bytes:
    """Return the bytes after the edits. Raises: Declined when they overlap or lie outside."""
    parts: list[bytes] = []
    position = 0
    for edit in _ordered(edits):
        if edit.start < position or edit.end < edit.start or edit.end > len(data):
            raise Declined("The edits overlap or lie outside the file.")
        parts += [data[position : edit.start], edit.replacement]
        position = edit.end
    return b"".join([*parts, data[position:]])


def inverse(data: bytes, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the edits that turn `apply(data, edits)` back into exactly `data`."""
    back: list[Edit] = []
    shift = 0
    for edit in _ordered(edits):
        start = edit.start + shift
        back.append(Edit(start, start + len(edit.replacement), data[edit.start : edit.end]))
        shift += len(edit.replacement) - (edit.end - edit.start)
    return tuple(back)


def _ordered(edits: Sequence[Edit]) -> list[Edit]:
    return sorted(edits, key=lambda e: (e.start, e.end))


def rebase(edits: Sequence[Edit], old: bytes, new: bytes) -> tuple[Edit, ...]:
    """Return edits made for `old` as edits of `new`, a later version changed elsewhere.

    The lines an edit touches, and the line on either side, must stand unchanged in `new`.
    Raises: Declined when they do not.
    """
    if old == new:
        return tuple(edits)
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts, new_starts = _starts(before), _starts(after)
    blocks = _equal_blocks(before, after)
    return tuple(_moved(edit, starts, new_starts, blocks) for edit in edits)


def _starts(lines: Sequence[bytes]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts


def _equal_blocks(before: list[bytes], after: list[bytes]) -> list[tuple[int, int, int]]:
    """Match line blocks, common head and tail first: those are certain and keep the rest short."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    middle = SequenceMatcher(
        None, before[head : len(before) - tail], after[head : len(after) - tail], autojunk=False
    )
    blocks = [(0, 0, head)]
    blocks += [(b.a + head, b.b + head, b.size) for b in middle.get_matching_blocks()]
    blocks.append((len(before) - tail, len(after) - tail, tail))
    return _joined([b for b in blocks if b[2]])


def _joined(blocks: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    joined: list[tuple[int, int, int]] = []
    for a, b, size in blocks:
        if joined and joined[-1][0] + joined[-1][2] == a and joined[-1][1] + joined[-1][2] == b:
            joined[-1] = (joined[-1][0], joined[-1][1], joined[-1][2] + size)
        else:
            joined.append((a, b, size))
    return joined


def _moved(
    edit: Edit, starts: list[int], new_starts: list[int], blocks: list[tuple[int, int, int]]
) -> Edit:
    count = len(starts) - 1
    first = max(i for i in range(count + 1) if starts[i] <= edit.start) if count else 0
    last = next((i for i in range(first, count) if starts[i + 1] >= edit.end), count - 1)
    first, last = max(0, min(first, count - 1) - 1), min(count - 1, last + 1)
    for a, b, size in blocks:
        if a <= first and last < a + size:
            shift = new_starts[b] - starts[a]
            return Edit(edit.start + shift, edit.end + shift, edit.replacement)
    raise Declined("The lines this change touches were changed since; it cannot be carried over.")


def diff(path: str, before: bytes, after: bytes, *, context: int = 3) -> str:
    """Return a unified diff; values that look secret are kept out of it."""
    if before == after:
        return ""
    old, new = _lines(before), _lines(after)
    head = [f"--- a/{path}\n", f"+++ b/{path}\n"]
    return "".join([*head, *_shown(_hunks(old, new, context))])


def _hunks(old: Sequence[str], new: Sequence[str], context: int) -> Iterator[str]:
    """Yield the lines of a diff. difflib's own takes frequent lines, closing braces say, for junk."""
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for group in _grouped(_settled(opcodes, new), context):
        (_, i, _, j, _), (_, _, i_end, _, j_end) = group[0], group[-1]
        yield f"@@ -{_range(i, i_end)} +{_range(j, j_end)} @@\n"
        for kind, a, b, c, d in group:
            if kind == "equal":
                yield from (f" {line}" for line in old[a:b])
            else:
                yield from (f"-{line}" for line in old[a:b])
                yield from (f"+{line}" for line in new[c:d])


def _grouped(opcodes: Sequence[_Opcode], context: int) -> Iterator[list[_Opcode]]:
    """Yield what stands in one hunk, with so many unchanged lines around it."""
    group: list[_Opcode] = []
    for place, (kind, a, b, c, d) in enumerate(opcodes):
        if kind != "equal":
            group.append((kind, a, b, c, d))
            continue
        head = (kind, a, min(b, a + context), c, min(d, c + context))
        tail = (kind, max(a, b - context), b, max(c, d - context), d)
        if not place:
            group = [tail]
        elif place == len(opcodes) - 1:
            group.append(head)
        elif b - a <= 2 * context:
            group.append((kind, a, b, c, d))
        else:
            yield [*group, head]
            group = [tail]
    yield group


def _range(start: int, stop: int) -> str:
    length = stop - start
    first = start + 1 if length else start
    return f"{first}" if length == 1 else f"{first},{length}"


def _settled(opcodes: Sequence[_Opcode], new: Sequence[str]) -> list[_Opcode]:
    """Let added lines begin where a reader would: at the outermost of the places they may stand."""
    settled = list(opcodes)
    for place, (kind, a, b, c, d) in enumerate(opcodes[:-1]):
        _, _, following_end, _, end = opcodes[place + 1]
        if kind != "insert" or not place:
            continue
        limit = end - d
        steps = [0]
        while steps[-1] < limit - 1 and new[c + steps[-1]] == new[d + steps[-1]]:
            steps.append(steps[-1] + 1)
        best = min(reversed(steps), key=lambda step: _depth(new[c + step]))
        before = settled[place - 1]
        settled[place - 1] = (*before[:2], a + best, before[3], c + best)
        settled[place] = (kind, a + best, b + best, c + best, d + best)
        settled[place + 1] = ("equal", a + best, following_end, d + best, end)
    return settled


def _depth(line: str) -> int:
    """Return how far a line is indented, less than not at all where it is blank."""
    return len(line) - len(line.lstrip()) if line.strip() else -1


def _lines(data: bytes) -> list[str]:
    # Only \n ends a line here, as in Git; splitlines() would also split at form feeds.
    return re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8", errors="replace"))


def _shown(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        shown = _masked(line)
        yield shown if shown.endswith("\n") else f"{shown}\n\\ No newline at end of file\n"


def _masked(line: str) -> str:
    body = line.rstrip("\r\n")
    found = _ASSIGNMENT.match(body)
    value = found.group(3).strip("\"'") if found else body
    kind = classify(found.group(2) if found else "", value)
    if kind == PLAIN or (
        found and kind in ("named_secret", "high_entropy") and _COMPUTED.match(found.group(3))
    ):
        return line
    if not found and kind == "high_entropy":
        return line
    ending = line[len(body) :]
    start, comma = (found.group(1), found.group(4)) if found else (body[:1], "")
    return f"{start}<not shown: looks like {kind}>{comma}{ending}"
