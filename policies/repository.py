"""A company's repository of policies: nothing of it is used but what a trusted person signed.

The repository is kept bare; files are taken from a commit's objects, so that no hook, filter, link
or attribute of it has a say. Signatures are SSH signatures, held against an allowed-signers file
that lies outside the repository (ssh-keygen(1), ALLOWED SIGNERS).
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import PolicyError

_FETCH_S = 120
_LOCAL_S = 30
_FILES_MAX = 5_000
_BYTES_MAX = 20 * 1024 * 1024
_SUFFIXES = (".rego", ".guard", ".yaml", ".yml")
_FILE_MODES = ("100644", "100755")
_BRANCH = "refs/remotes/source/branch"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a company's policies come from, and who may sign them.

    `directory` is where they lie inside the repository; empty means everywhere.
    """

    name: str
    url: str
    branch: str
    allowed_signers: Path
    directory: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A good signature of a commit by an allowed signer."""

    commit: str
    signer: str


class PolicyRepository:
    """One source, fetched into a folder of ours."""

    def __init__(self, source: Source, folder: Path) -> None:
        self.source = source
        self._folder = folder
        self._repository = folder / "repository.git"

    def fetch(self) -> str:
        """Fetch the branch and return the commit it points at. Raises: PolicyError."""
        if self.source.url.startswith("-"):
            raise self._error(f"{self.source.url} is no address")
        if not (self._repository / "HEAD").exists():
            self._repository.mkdir(parents=True, exist_ok=True)
            self._git("init", "--quiet", "--bare", ".")
        self._git(
            "fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules", "--",
            self.source.url, f"+refs/heads/{self.source.branch}:{_BRANCH}", timeout_s=_FETCH_S,
        )  # fmt: skip
        return self._git("rev-parse", "--verify", f"{_BRANCH}^{{commit}}")

    def commit(self, revision: str) -> str:
        """Return the full id of a commit that has been fetched. Raises: PolicyError."""
        if not revision.isalnum():
            raise self._error(f"{revision[:60]} is no commit id")
        return self._git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")

    def signature(self, commit: str) -> Signature:
        """Return who signed a commit. Raises: PolicyError when nobody did who may."""
        if not self.source.allowed_signers.is_file():
            raise self._error(
                f"the list of allowed signers {self.source.allowed_signers} is missing"
            )
        said = self._git("log", "-1", "--format=%G?%x00%GS", commit)
        state, _, signer = said.partition("\0")
        if state != "G":
            raise self._error(f"commit {commit[:12]} {_UNSIGNED.get(state, _UNSIGNED['U'])}")
        return Signature(commit, signer)

    def keep(self, commit: str) -> None:
        """Keep a commit's objects, whatever becomes of the branch."""
        self._git("update-ref", f"refs/plumbline/{commit}", commit)

    def descends(self, commit: str, ancestor: str) -> bool:
        """Whether `ancestor` is in the history of `commit`."""
        merge_base = self._run("merge-base", "--is-ancestor", ancestor, commit, timeout_s=_LOCAL_S)
        return merge_base.returncode == 0

    def extract(self, commit: str) -> Path:
        """Write the policies of a commit into a folder that holds nothing else; return it.

        Raises: PolicyError for links, and for more or larger files than policies come in.
        """
        root = self._folder / commit
        root.mkdir(parents=True, exist_ok=True)
        wanted = {PurePosixPath(path): blob for path, blob in self._policies_of(commit)}
        for path in sorted(root.rglob("*"), reverse=True):
            if path.is_file() and PurePosixPath(path.relative_to(root).as_posix()) not in wanted:
                path.unlink()
        size = 0
        for name, blob in wanted.items():
            content = self._run("cat-file", "blob", blob, timeout_s=_LOCAL_S).stdout
            size += len(content)
            if size > _BYTES_MAX:
                raise self._error(f"commit {commit[:12]} holds more than 20 MiB of policies")
            _write(root / name, content)
        return root

    def _policies_of(self, commit: str) -> Iterator[tuple[str, str]]:
        below = PurePosixPath(self.source.directory) if self.source.directory else None
        listing = self._run("ls-tree", "-r", "-z", commit, timeout_s=_LOCAL_S).stdout.decode(
            "utf-8", "surrogateescape"
        )
        count = 0
        for entry in filter(None, listing.split("\0")):
            head, path = entry.split("\t", 1)
            mode, _, blob = head.split(" ")
            name = PurePosixPath(path)
            if not path.endswith(_SUFFIXES) or (below and not name.is_relative_to(below)):
                continue
            if mode not in _FILE_MODES or ".." in name.parts:
                raise self._error(f"{path} at {commit[:12]} is a link, not a file")
            count += 1
            if count > _FILES_MAX:
                raise self._error(f"commit {commit[:12]} holds more than {_FILES_MAX} files")
            yield path, blob

    def _git(self, *arguments: str, timeout_s: float = _LOCAL_S) -> str:
        done = self._run(*arguments, timeout_s=timeout_s)
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise self._error(
                f"git {arguments[0]} failed ({lines[-1] if lines else 'nothing said'})"
            )
        return done.stdout.decode("utf-8", "replace").strip()

    def _run(self, *arguments: str, timeout_s: float) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run(
                ["git", *arguments],
                cwd=self._repository,
                env={**os.environ, **self._configuration()},
                capture_output=True,
                timeout=timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise self._error(f"git {arguments[0]} took more than {timeout_s:g} s") from error
        except OSError as error:
            raise self._error(f"git cannot be run ({error.strerror})") from error

    def _configuration(self) -> dict[str, str]:
        settings: Mapping[str, str] = {
            "core.hooksPath": os.devnull,
            "gpg.ssh.allowedSignersFile": str(self.source.allowed_signers.resolve()),
            # An OpenPGP or X.509 signature would be held against this user's keyring instead.
            "gpg.program": "false",
            "gpg.x509.program": "false",
            "protocol.ext.allow": "never",
            "transfer.fsckObjects": "true",
        }
        environment = {
            "GIT_DIR": str(self._repository),
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            "GIT_CONFIG_COUNT": str(len(settings)),
        }
        for number, (key, value) in enumerate(settings.items()):
            environment[f"GIT_CONFIG_KEY_{number}"] = key
            environment[f"GIT_CONFIG_VALUE_{number}"] = value
        return environment

    def _error(self, what: str) -> PolicyError:
        return PolicyError(f"Policy repository {self.source.name}: {what}.")


_UNSIGNED = {
    "N": "is not signed",
    "B": "has a signature that does not match its content",
    "X": "has a signature that has expired",
    "U": "is not signed by one of the allowed signers",
}
"""Git's word for a signature (`%G?`, git-log(1)). What cannot be checked was not signed by SSH."""


def _write(path: Path, content: bytes) -> None:
    """Put a file in place whole; several processes may do so at once."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)
