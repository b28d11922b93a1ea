"""What the page asks of Git beside the forge itself: the history and its signatures."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import NotFound
from remediation import words

if TYPE_CHECKING:
    from remediation import LocalForge

_FIELD, _RECORD = "\x1f", "\x1e"
_FORMAT = _FIELD.join(("%H", "%P", "%G?", "%GS", "%an", "%aI", "%s", "%b")) + _RECORD
_LENGTH = 100

# git-log(1), "%G?"; everything but G is shown as what it is.
_SIGNATURES = {
    "G": "verified",
    "B": "bad signature",
    "U": "signed, trust unknown",
    "X": "signature expired",
    "Y": "key expired",
    "R": "key revoked",
    "E": "signature cannot be checked",
    "N": "unsigned",
}


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One commit. `signature` is "verified" only for a good signature by an allowed signer."""

    commit: str
    parents: tuple[str, ...]
    signature: str
    signer: str
    author: str
    at: str
    subject: str
    body: str

    @property
    def is_verified(self) -> bool:
        """Whether Git found a good signature by an allowed signer."""
        return self.signature == "verified"


def log(
    forge: "LocalForge", branch: str = "main", *, length: int = _LENGTH
) -> tuple[LogEntry, ...]:
    """List the commits of a branch, newest first. Raises: NotFound."""
    tip = forge.head(branch)
    return tuple(_entries(forge, f"--max-count={length}", tip))


def commit(forge: "LocalForge", sha: str) -> LogEntry:
    """Return one commit. Raises: NotFound."""
    if not forge.store.contains(words.check_commit(sha)):
        raise NotFound(f"{forge.repository} has no commit {sha[:12]}")
    return next(_entries(forge, "--max-count=1", sha))


def change(forge: "LocalForge", entry: LogEntry) -> str:
    """Return what a commit changed against its first parent; nothing for the first commit."""
    return forge.store.diff(entry.parents[0], entry.commit) if entry.parents else ""


def _entries(forge: "LocalForge", *arguments: str) -> Iterator[LogEntry]:
    # Not GitStore.text: it strips, and to Python the separators are white space.
    raw = forge.store.run("log", f"--format={_FORMAT}", *arguments).decode("utf-8", "replace")
    return (_entry(record) for record in raw.split(_RECORD) if record.strip("\n"))


def _entry(record: str) -> LogEntry:
    sha, parents, state, signer, author, at, subject, body = record.strip("\n").split(_FIELD)
    return LogEntry(
        commit=sha,
        parents=tuple(parents.split()),
        signature=_SIGNATURES.get(state, state),
        signer=signer,
        author=author,
        at=at,
        subject=subject,
        body=body.strip(),
    )
