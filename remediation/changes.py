"""File changes as byte edits between two versions, and the digest an approval names."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from core import identity
from core.types import Edit, FileChange


def edits_between(before: bytes, after: bytes) -> tuple[Edit, ...]:
    """Return the edits, in file order, that turn one content into the other, cut to the byte."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts, new_starts = _starts(old), _starts(new)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    edits = [
        _tight(starts[a], before[starts[a] : starts[b]], after[new_starts[c] : new_starts[d]])
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    ]
    return tuple(edits)


def _tight(start: int, old: bytes, new: bytes) -> Edit:
    limit = min(len(old), len(new))
    head = next((i for i in range(limit) if old[i] != new[i]), limit)
    rest = limit - head
    tail = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    return Edit(start + head, start + len(old) - tail, new[head : len(new) - tail])


def _starts(lines: Sequence[bytes]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts


def change(path: str, before: bytes, after: bytes) -> FileChange:
    """Return the change of one file, valid for exactly this content."""
    edits = edits_between(before, after)
    return FileChange(path, identity.sha256(before), identity.sha256(after), edits)


def digest(  # noqa: PLR0913 - each is one thing that an approval binds
    *,
    finding: str,
    repository: str,
    branch: str,
    commit: str,
    changes: Sequence[FileChange],
    reverts: str = "",
) -> str:
    """Return the SHA-256 that an approval names: finding, repository, base commit, every change."""
    return identity.digest(
        {
            "finding": finding,
            "repository": repository,
            "branch": branch,
            "commit": commit,
            "changes": [_plain(c) for c in changes],
            "reverts": reverts,
        }
    )


def _plain(item: FileChange) -> Mapping[str, object]:
    return {
        "path": item.path,
        "before": item.before_sha256,
        "after": item.after_sha256,
        "edits": [[e.start, e.end, e.replacement.hex()] for e in item.edits],
    }
