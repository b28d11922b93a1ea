"""A folder of templates as a forge that can only be read, with edits kept in memory."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from core.errors import ForgeError, NotFound
from core.identity import digest, sha256
from core.ports import Commit
from core.types import PullRequest


class Worktree:
    """Reads files of a folder; `edited` holds what was changed and not yet written.

    `names` are the files it lists, which only Terraform needs: a module is many files.
    """

    def __init__(self, root: Path, names: Sequence[str] = ()) -> None:
        self.repository = ""
        self.root = root
        self._names = tuple(names)
        self.edited: dict[str, bytes] = {}

    def head(self, branch: str) -> str:
        """Return a name for the present content of what was edited."""
        return digest({path: sha256(data) for path, data in self.edited.items()})

    def file(self, path: str, *, commit: str) -> bytes:
        """Return a file's present bytes."""
        if path in self.edited:
            return self.edited[path]
        try:
            return (self.root / path).read_bytes()
        except OSError as error:
            raise NotFound(f"{path} cannot be read: {error.strerror}.") from error

    def lines_url(self, path: str, *, commit: str, first: int, last: int) -> str:
        """Return nothing: a working copy has no page."""
        return ""

    def changed_at(self, path: str, *, commit: str) -> datetime | None:
        """Return nothing: a working copy is now."""
        return None

    def files(self, *, commit: str) -> tuple[str, ...]:
        """List the files that were named, and those that were edited."""
        return tuple(dict.fromkeys((*self._names, *self.edited)))

    def write(self) -> tuple[Path, ...]:
        """Write what was edited."""
        written = []
        for path, data in self.edited.items():
            (self.root / path).write_bytes(data)
            written.append(self.root / path)
        return tuple(written)

    def find_branch(self, branch: str) -> str | None:
        """Return None: a folder has no branches."""
        return None

    def commit_signed(self, commit: Commit, *, base: str) -> str:
        """Refuse: a folder is not a repository."""
        raise ForgeError("A folder takes no commits; use --write and commit yourself.")

    def commit_series(self, commits: Sequence[Commit], *, base: str) -> tuple[str, ...]:
        """Refuse: a folder is not a repository."""
        raise ForgeError("A folder takes no commits; use --write and commit yourself.")

    def open_pull_request(self, *, branch: str, into: str, title: str, body: str) -> PullRequest:
        """Refuse: a folder is not a repository."""
        raise ForgeError("A folder takes no pull requests.")

    def pull_request(self, number: int) -> PullRequest:
        """Refuse: a folder is not a repository."""
        raise ForgeError("A folder has no pull requests.")

    def audit_heads(self, branch: str) -> tuple[str, ...]:
        """List nothing: a folder has no commits."""
        return ()

    def close_pull_request(self, number: int) -> PullRequest:
        """Refuse: a folder is not a repository."""
        raise ForgeError("A folder has no pull requests.")

    def owners(self, paths: Sequence[str], *, commit: str) -> tuple[str, ...]:
        """Name nobody: a folder has no reviews."""
        return ()

    def ask_review(
        self, number: int, *, labels: Sequence[str], reviewers: Sequence[str]
    ) -> tuple[str, ...]:
        """Refuse: a folder is not a repository."""
        raise ForgeError("A folder has no pull requests.")

    def comment(self, number: int, text: str) -> None:
        """Refuse: a folder is not a repository."""
        raise ForgeError("A folder has no pull requests.")

    def shortcomings(self) -> tuple[str, ...]:
        """Return nothing: what is written by hand is committed by hand."""
        return ()
