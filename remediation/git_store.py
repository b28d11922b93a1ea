"""A bare Git repository: read files, write signed commits, merge. Nothing is ever checked out.

Writing trees through a private index keeps bytes exact (no line-ending filters, no hooks, no
symbolic links followed) and lets several processes work on one repository at once.
"""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from core.errors import BranchMoved, ForgeError, NotFound
from core.ports import Clock, Commit
from remediation import words

NETWORK_TIMEOUT_S = 120
ABSENT = "0" * 40
_BLOB_MODES = frozenset({"100644", "100755"})


@dataclass(frozen=True, slots=True)
class Signer:
    """Who commits, and the SSH private key that signs."""

    key: Path
    name: str = "Plumbline"
    email: str = "plumbline@localhost"


def create_key(path: Path, *, comment: str = "plumbline") -> Path:
    """Create an ed25519 signing key without a passphrase at `path`; keep one that exists."""
    import subprocess  # only first use ever needs it

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)],
            check=True,
            capture_output=True,
            timeout=30,
        )
    return path


class GitStore:
    """One bare repository on this machine, driven through GitPython."""

    def __init__(
        self,
        path: Path,
        *,
        signer: Signer,
        clock: Clock,
        config: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.signer = signer
        self._clock = clock
        self._config = dict(config or {})

    @classmethod
    def create(cls, path: Path, *, branch: str = "main", **options: Any) -> "GitStore":
        """Initialise a bare repository at `path` and return it; an existing one is kept."""
        import git  # starting the bot does not need Git

        if not (path / "HEAD").exists():
            path.mkdir(parents=True, exist_ok=True)
            git.Repo.init(path, bare=True, initial_branch=words.check_branch(branch))
        return cls(path, **options)

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> bytes:
        """Run one Git command as a list of words, never a shell; return its output.

        Raises: GitFailed with the last line Git said.
        """
        import git  # see create

        command = git.Git(str(self.path))
        with tempfile.TemporaryFile() as stream:
            try:
                output = command.execute(
                    ["git", *arguments],
                    istream=_stream(stream, stdin),
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                    env={**self._environment(), **(env or {})},
                    kill_after_timeout=timeout_s,
                )
            except git.GitCommandError as error:
                raise GitFailed(
                    arguments[0], int_status(error.status), _last_line(error)
                ) from error
        return output if isinstance(output, bytes) else str(output).encode()

    def text(self, *arguments: str, **options: Any) -> str:
        """Run one Git command and return its output as stripped text."""
        return self.run(*arguments, **options).decode("utf-8", "replace").strip()

    def resolve(self, ref: str) -> str | None:
        """Return the commit a full ref name points at, None where there is none."""
        found = self.text("for-each-ref", "--format=%(objectname)", ref)
        return found or None

    def contains(self, commit: str) -> bool:
        """Whether a commit is in this repository."""
        try:
            self.run("cat-file", "-e", f"{words.check_commit(commit)}^{{commit}}")
        except GitFailed:
            return False
        return True

    def file(self, path: str, *, commit: str) -> bytes:
        """Return a file's bytes at a commit. Raises: NotFound for none, a link or a submodule."""
        mode, blob = self._entry(words.check_path(path), commit=words.check_commit(commit))
        if mode not in _BLOB_MODES:
            raise NotFound(f"{words.one_line(path)} is not a file at {commit[:12]}")
        return self.run("cat-file", "blob", blob)

    def files(self, *, commit: str) -> tuple[str, ...]:
        """List the paths of a commit, links and submodules left out."""
        listing = self.run("ls-tree", "-r", "-z", words.check_commit(commit)).decode(
            "utf-8", "replace"
        )
        entries = (e.split("\t", 1) for e in listing.split("\0") if e)
        return tuple(path for head, path in entries if head[:6] in _BLOB_MODES)

    def changed_at(self, path: str, *, commit: str) -> datetime | None:
        """Return when a file was last changed up to a commit; None for one that never was there."""
        said = self.text(
            "--literal-pathspecs", "log", "-1", "--format=%cI",
            words.check_commit(commit), "--", words.check_path(path),
        )  # fmt: skip
        return datetime.fromisoformat(said.strip()).astimezone(UTC) if said.strip() else None

    def _entry(self, path: str, *, commit: str) -> tuple[str, str]:
        found = self.run("--literal-pathspecs", "ls-tree", "-z", commit, "--", path).decode()
        if not found:
            raise NotFound(f"There is no {words.one_line(path)} at {commit[:12]}")
        mode, _, blob = found.split("\t", 1)[0].split(" ")
        return mode, blob

    def write_commit(
        self, commit: Commit, *, parents: Sequence[str], sign: bool = True, author: str = ""
    ) -> str:
        """Write the commit object for changed files over the first parent; return its id.

        No branch moves. A file that exists keeps its mode.
        """
        files = {words.check_path(p): data for p, data in commit.files.items()}
        with tempfile.TemporaryDirectory(prefix="plumbline-index-") as folder:
            env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            if parents:
                self.run("read-tree", words.check_commit(parents[0]), env=env)
            for path, data in files.items():
                mode = self._mode(path, parents)
                blob = self.text("hash-object", "-w", "--no-filters", "--stdin", stdin=data)
                self.run("update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", env=env)
            tree = self.text("write-tree", env=env)
        subject = commit.message.split("\n", 1)[0]
        text = words.message(subject, _body(commit.message), commit.trailers)
        return self.write_tree(tree, parents=parents, text=text, sign=sign, author=author)

    def _mode(self, path: str, parents: Sequence[str]) -> str:
        if not parents:
            return "100644"
        try:
            mode, _ = self._entry(path, commit=parents[0])
        except NotFound:
            return "100644"
        if mode not in _BLOB_MODES:
            raise ForgeError(f"{words.one_line(path)} is a link or a submodule and is not written")
        return mode

    def write_tree(
        self, tree: str, *, parents: Sequence[str], text: str, sign: bool, author: str = ""
    ) -> str:
        """Write a commit object for a tree; signed commits are verified before they are used."""
        ancestry = [word for parent in parents for word in ("-p", words.check_commit(parent))]
        flags = ["-S"] if sign else ["--no-gpg-sign"]
        when = f"{int(self._clock().timestamp())} +0000"
        env = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        if author:
            env["GIT_AUTHOR_NAME"] = (
                re.sub(r"[<>]", "", words.one_line(author, limit=80)) or "unknown"
            )
        made = self.text(
            "commit-tree", tree, *ancestry, *flags, "-F", "-", stdin=text.encode(), env=env
        )
        if sign and not self.verified(made):
            raise ForgeError(
                "The commit was made but its signature does not verify; nothing was pushed"
            )
        return made

    def verified(self, commit: str) -> bool:
        """Whether a commit carries a good signature by our own key."""
        # %G? is G for a good signature by an allowed signer; the text of gpg or ssh varies.
        return self.text("log", "-1", "--format=%G?", words.check_commit(commit)) == "G"

    def trailers(self, commit: str) -> dict[str, str]:
        """Return the trailers of a commit's message."""
        return words.trailers(self.text("log", "-1", "--format=%B", words.check_commit(commit)))

    def audit_heads(self, ref: str) -> tuple[str, ...]:
        """Return the Audit-Head trailers of the commits below a ref that bear our signature."""
        form = "%G?%x09%(trailers:key=Audit-Head,valueonly,separator=%x2C)"
        lines = self.text("log", f"--format={form}", ref).splitlines()
        found = (line.split("\t", 1) for line in lines if "\t" in line)
        return tuple(head for state, head in found if state == "G" and head)

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `old` is in the history of `new`."""
        try:
            self.run(
                "merge-base", "--is-ancestor", words.check_commit(old), words.check_commit(new)
            )
        except GitFailed as error:
            if error.status == 1:
                return False
            raise
        return True

    def is_same_change(self, tip: str, commit: Commit) -> bool:
        """Whether a branch tip is this very commit made before: digest, bytes and our signature."""
        wanted = commit.trailers.get("Plan-Digest", "")
        return (
            bool(wanted)
            and self.trailers(tip).get("Plan-Digest") == wanted
            and all(self.file(path, commit=tip) == data for path, data in commit.files.items())
            and self.verified(tip)
        )

    def write_series(self, commits: Sequence[Commit], *, base: str) -> tuple[str, ...]:
        """Write signed commits, each on the one before; return their ids."""
        made: list[str] = []
        for each in commits:
            made.append(self.write_commit(each, parents=(made[-1] if made else base,)))
        return tuple(made)

    def series(self, tip: str, commits: Sequence[Commit]) -> tuple[str, ...]:
        """Return the ids of these very commits, made before, that end at a tip; else nothing."""
        found: list[str] = []
        for each in reversed(commits):
            if not self.is_same_change(tip, each):
                return ()
            found.append(tip)
            tip = self.text("rev-parse", f"{tip}^")
        return tuple(reversed(found))

    def move(self, ref: str, *, new: str, old: str) -> None:
        """Move a ref if it still points at `old` (40 zeros: does not exist). Raises: BranchMoved."""
        try:
            self.run("update-ref", ref, words.check_commit(new), old)
        except GitFailed as error:
            raise BranchMoved(f"{ref.removeprefix('refs/heads/')} moved meanwhile") from error

    def merge_tree(self, ours: str, theirs: str) -> str:
        """Return the tree of a clean merge. Raises: MergeConflict. Needs Git 2.38."""
        try:
            return self.text("merge-tree", "--write-tree", "--no-messages", ours, theirs).split(
                "\n"
            )[0]
        except GitFailed as error:
            if error.status == 1:
                raise MergeConflict(
                    "The branches conflict; the fix must be planned again"
                ) from error
            raise

    def diff(self, old: str, new: str) -> str:
        """Return the unified diff between two commits."""
        arguments = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", old, new)
        return self.run(*arguments).decode("utf-8", "replace")

    def extra_config(self, extra: Mapping[str, str]) -> dict[str, str]:
        """Return environment variables that add Git settings to this repository's own."""
        return _as_environment({**self._settings(), **extra})

    def _environment(self) -> dict[str, str]:
        return {
            "GIT_AUTHOR_NAME": self.signer.name,
            "GIT_AUTHOR_EMAIL": self.signer.email,
            "GIT_COMMITTER_NAME": self.signer.name,
            "GIT_COMMITTER_EMAIL": self.signer.email,
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            **_as_environment(self._settings()),
        }

    def _settings(self) -> dict[str, str]:
        return {
            "core.hooksPath": os.devnull,
            "gc.auto": "0",  # a commit that is not pushed yet must not be collected
            "gpg.format": "ssh",
            "user.signingkey": str(self.signer.key),
            "gpg.ssh.allowedSignersFile": str(self._allowed_signers()),
            "protocol.ext.allow": "never",
            **self._config,
        }

    def _allowed_signers(self) -> Path:
        target = self.path / "plumbline-allowed-signers"
        public = self.signer.key.with_name(self.signer.key.name + ".pub")
        if not public.exists():
            raise ForgeError(
                f"The signing key has no public half beside it: {public.name} is missing"
            )
        line = f'{self.signer.email} namespaces="git" {public.read_text().strip()}\n'
        if not target.exists() or target.read_text() != line:
            write_atomically(target, line.encode())
        return target


class MergeConflict(ForgeError):
    """Two branches changed the same lines."""


class GitFailed(ForgeError):
    """Git refused a command."""

    def __init__(self, command: str, status: int, said: str) -> None:
        super().__init__(f"Git {command} failed: {said}" if said else f"Git {command} failed")
        self.status = status


def _as_environment(config: Mapping[str, str]) -> dict[str, str]:
    """Settings travel in the environment: not in arguments (visible to all) nor on disk."""
    env = {"GIT_CONFIG_COUNT": str(len(config))}
    for number, (key, value) in enumerate(config.items()):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
    return env


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file's content so that a reader, or a crash, sees the old or the new, whole."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    Path(name).replace(path)


def now() -> datetime:
    """Return the present; the default clock of the forges."""
    return datetime.now(UTC)


def int_status(status: object) -> int:
    """Return Git's exit status as a number, -1 where it was killed."""
    return status if isinstance(status, int) else -1


def _stream(stream: IO[bytes], data: bytes | None) -> BinaryIO:
    stream.write(data or b"")
    stream.seek(0)
    return cast("BinaryIO", stream)


def _last_line(error: Exception) -> str:
    text = str(getattr(error, "stderr", "") or "").strip().strip("'").strip()
    lines = [x for x in text.splitlines() if x.strip()]
    said = re.sub(r"://[^/@\s]+@", "://", lines[-1]) if lines else ""
    return words.one_line(said.removeprefix("stderr: '"), limit=160)


def _body(text: str) -> str:
    return text.split("\n", 1)[1].strip("\n") if "\n" in text else ""
