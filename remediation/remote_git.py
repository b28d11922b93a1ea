"""A repository at a forge, over Git: read here, committed and signed here, pushed there.

A commit made through a forge's own API would carry the forge's signature or none, never ours.
"""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from core.errors import BranchMoved, NotFound
from core.ports import Clock, Commit
from remediation import codeowners, words
from remediation.git_store import NETWORK_TIMEOUT_S, GitFailed, GitStore, Signer

Credentials = Callable[[], tuple[str, str]]
"""Returns the user and the secret that this server takes over HTTP."""

_ALL_BRANCHES = "+refs/heads/*:refs/remotes/origin/*"


class RemoteGit:
    """The Git half of a forge that is reached over the network; a forge adds its API's half."""

    def __init__(  # noqa: PLR0913 - an adapter's settings, keywords all
        self,
        repository: str,
        *,
        url: str,
        cache: Path,
        signer: Signer,
        credentials: Credentials,
        clock: Clock,
        dialect: codeowners.Dialect,
    ) -> None:
        self.repository = repository
        self._dialect = dialect
        self._url = url
        self._credentials_of = credentials
        self._store = GitStore.create(cache, signer=signer, clock=clock)

    def head(self, branch: str) -> str:
        """Return the commit a branch points at, freshly fetched. Raises: NotFound."""
        commit = self.find_branch(branch)
        if commit is None:
            raise NotFound(f"{self.repository} has no branch {words.one_line(branch, limit=60)}")
        self._fetch(branch)
        return self._store.resolve(f"refs/remotes/origin/{branch}") or commit

    def find_branch(self, branch: str) -> str | None:
        """Return the commit of a branch at the forge, None where there is no such branch."""
        ref = f"refs/heads/{words.check_branch(branch)}"
        listing = self._remote("ls-remote", self._url, ref)
        return listing.split("\t", 1)[0] if listing else None

    def file(self, path: str, *, commit: str) -> bytes:
        """Return a file's bytes at a commit. Raises: NotFound."""
        self._have(commit)
        return self._store.file(path, commit=commit)

    def files(self, *, commit: str) -> tuple[str, ...]:
        """List the paths of a commit."""
        self._have(commit)
        return self._store.files(commit=commit)

    def changed_at(self, path: str, *, commit: str) -> datetime | None:
        """Return when a file was last changed up to a commit; None where that is not known."""
        self._have(commit)
        return self._store.changed_at(path, commit=commit)

    def owners(self, paths: Sequence[str], *, commit: str) -> tuple[str, ...]:
        """Name whom the CODEOWNERS file of a commit makes owners of files."""
        return codeowners.owners(
            lambda path: self.file(path, commit=commit), paths, dialect=self._dialect
        )

    def commit_signed(self, commit: Commit, *, base: str) -> str:
        """Write a signed commit and push it to a new branch; one pushed before is returned.

        Raises: BranchMoved when the branch holds something else, ForgeError.
        """
        return self.commit_series((commit,), base=base)[-1]

    def commit_series(self, commits: Sequence[Commit], *, base: str) -> tuple[str, ...]:
        """Write signed commits and push them as a new branch; those pushed before are returned.

        Raises: BranchMoved when the branch holds something else, ForgeError.
        """
        branch = words.check_branch(commits[0].branch)
        tip = self.find_branch(branch)
        if tip is None:
            self._have(base)
            made = self._store.write_series(commits, base=base)
            try:
                self._publish(branch, made[-1])
            except GitFailed:
                tip = self.find_branch(branch)  # refused, or somebody else was first
                if tip is None:
                    raise
            else:
                return made
        self._fetch(branch)
        known = self._store.series(tip, commits)
        if not known:
            raise BranchMoved(f"Branch {branch} exists with another change")
        return known

    def audit_heads(self, branch: str) -> tuple[str, ...]:
        """List the audit heads that our own signed commits on a branch are anchored to."""
        return self._store.audit_heads(self.head(branch))

    def _publish(self, branch: str, commit: str) -> None:
        # The empty lease means: only if there is no such branch yet.
        ref = f"refs/heads/{branch}"
        self._remote(
            "push", "--no-verify", f"--force-with-lease={ref}:", self._url, f"{commit}:{ref}"
        )

    def _have(self, commit: str) -> None:
        if not self._store.contains(words.check_commit(commit)):
            self._remote("fetch", "--no-tags", "--prune", self._url, _ALL_BRANCHES)

    def _fetch(self, branch: str) -> None:
        refspec = f"+refs/heads/{branch}:refs/remotes/origin/{branch}"
        self._remote("fetch", "--no-tags", self._url, refspec)

    def _remote(self, *arguments: str) -> str:
        return self._store.text(*arguments, env=self._environment(), timeout_s=NETWORK_TIMEOUT_S)

    def _environment(self) -> dict[str, str]:
        """Add the secret as a header for this server only; SSH uses the agent or key it finds."""
        env = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=15"}
        if not self._url.startswith(("http://", "https://")):
            return env
        user, secret = self._credentials_of()
        basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
        return {
            **env,
            **self._store.extra_config(
                {f"http.{self._url}.extraHeader": f"Authorization: Basic {basic}"}
            ),
        }
