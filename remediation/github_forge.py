"""GitHub: commits are made and signed here and pushed over Git; pull requests go through the API.

A commit made through GitHub's contents API would carry GitHub's signature or none, never ours.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BranchMoved, ForgeError, NotFound
from core.ports import Clock, Commit
from core.types import PullRequest, PullRequestState
from remediation import words
from remediation.git_store import NETWORK_TIMEOUT_S, GitFailed, GitStore, Signer, now

if TYPE_CHECKING:
    from github.Auth import Auth
    from github.PullRequest import PullRequest as ApiPullRequest
    from github.Repository import Repository

API_URL = "https://api.github.com"
API_TIMEOUT_S = 20
REQUEST_PAUSE_S = 0.25
WRITE_PAUSE_S = 1.0  # GitHub asks for a second between writes (docs: best practices, 2026-11)


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """A GitHub App's identity; the private key is PEM text."""

    app_id: str
    private_key: str
    installation_id: int | None = None


class GithubForge:
    """Implements `core.ports.Forge` for one GitHub repository ("owner/name")."""

    def __init__(  # noqa: PLR0913 - an adapter's settings, keywords all
        self,
        repository: str,
        *,
        cache: Path,
        signing_key: Path,
        token: str = "",
        app: AppCredentials | None = None,
        api_url: str = API_URL,
        git_url: str = "",
        author_name: str = "Plumbline",
        author_email: str = "plumbline@localhost",
        clock: Clock = now,
        write_pause_s: float = WRITE_PAUSE_S,
    ) -> None:
        if repository.count("/") != 1:
            raise ForgeError("A GitHub repository is named owner/name")
        if not token and app is None:
            raise ForgeError(f"{repository} needs a token or a GitHub App's credentials")
        self.repository = repository
        self._api_url = api_url.rstrip("/")
        self._git_url = git_url or f"https://github.com/{repository}.git"
        self._token = token
        self._app = app
        self._write_pause_s = write_pause_s
        self._auth: Auth | None = None
        self._repo: Repository | None = None
        self._store = GitStore.create(
            cache, signer=Signer(signing_key, author_name, author_email), clock=clock
        )

    def head(self, branch: str) -> str:
        """Return the commit a branch points at, freshly fetched. Raises: NotFound."""
        commit = self.find_branch(branch)
        if commit is None:
            raise NotFound(f"{self.repository} has no branch {words.one_line(branch, limit=60)}")
        self._fetch(branch)
        return self._store.resolve(f"refs/remotes/origin/{branch}") or commit

    def find_branch(self, branch: str) -> str | None:
        """Return the commit of a branch at GitHub, None where there is no such branch."""
        ref = f"refs/heads/{words.check_branch(branch)}"
        listing = self._remote("ls-remote", self._git_url, ref)
        return listing.split("\t", 1)[0] if listing else None

    def file(self, path: str, *, commit: str) -> bytes:
        """Return a file's bytes at a commit. Raises: NotFound."""
        self._have(commit)
        return self._store.file(path, commit=commit)

    def files(self, *, commit: str) -> tuple[str, ...]:
        """List the paths of a commit."""
        self._have(commit)
        return self._store.files(commit=commit)

    def commit_signed(self, commit: Commit, *, base: str) -> str:
        """Write a signed commit and push it to a new branch; one pushed before is returned.

        Raises: BranchMoved when the branch holds something else, ForgeError.
        """
        branch = words.check_branch(commit.branch)
        tip = self.find_branch(branch)
        if tip is None:
            self._have(base)
            made = self._store.write_commit(commit, parents=(base,))
            try:
                self._publish(branch, made)
            except GitFailed:
                tip = self.find_branch(branch)  # refused, or somebody else was first
                if tip is None:
                    raise
            else:
                return made
        self._fetch(branch)
        if not self._store.is_same_change(tip, commit):
            raise BranchMoved(f"Branch {branch} exists with another change")
        return tip

    def _publish(self, branch: str, commit: str) -> None:
        # The empty lease means: only if there is no such branch yet.
        ref = f"refs/heads/{branch}"
        self._remote(
            "push", "--no-verify", f"--force-with-lease={ref}:", self._git_url, f"{commit}:{ref}"
        )

    def open_pull_request(self, *, branch: str, into: str, title: str, body: str) -> PullRequest:
        """Open a pull request, or return the one this branch already has, whatever its state."""
        with self._api() as repo:
            known = self._of_branch(repo, branch, into)
            if known is None:
                known = self._create(repo, branch=branch, into=into, title=title, body=body)
            return self._shown(known)

    def _create(
        self, repo: "Repository", *, branch: str, into: str, title: str, body: str
    ) -> "ApiPullRequest":
        import github  # 0.5 s that starting the bot does not need

        try:
            return repo.create_pull(base=into, head=branch, title=words.one_line(title), body=body)
        except github.GithubException as error:
            # 422 also says that another process opened it a moment ago.
            known = self._of_branch(repo, branch, into) if error.status == 422 else None
            if known is None:
                raise
            return known

    def _of_branch(self, repo: "Repository", branch: str, into: str) -> "ApiPullRequest | None":
        owner = self.repository.split("/")[0]
        found = repo.get_pulls(state="all", head=f"{owner}:{branch}", base=into)
        return next((p for p in found if p.head.ref == branch), None)

    def pull_request(self, number: int) -> PullRequest:
        """Return a pull request as GitHub has it now. Raises: NotFound."""
        with self._api() as repo:
            return self._shown(repo.get_pull(number))

    def audit_heads(self, branch: str) -> tuple[str, ...]:
        """List the audit heads that our own signed commits on a branch are anchored to."""
        return self._store.audit_heads(self.head(branch))

    def close_pull_request(self, number: int) -> PullRequest:
        """Close a pull request without merging it; one that is merged stays so."""
        with self._api() as repo:
            pull = repo.get_pull(number)
            if pull.state == "open":
                pull.edit(state="closed")
            return self._shown(pull)

    def _shown(self, pull: "ApiPullRequest") -> PullRequest:
        merged = pull.merged_at is not None
        state = PullRequestState.MERGED if merged else PullRequestState(pull.state)
        return PullRequest(
            repository=self.repository,
            number=pull.number,
            url=pull.html_url,
            branch=pull.head.ref,
            state=state,
            head_commit=pull.head.sha,
            # Before a merge GitHub keeps a trial merge's id in the same field.
            merge_commit=(pull.merge_commit_sha or "") if merged else "",
            merged_by=pull.merged_by.login if merged and pull.merged_by else "",
        )

    def _have(self, commit: str) -> None:
        if not self._store.contains(words.check_commit(commit)):
            self._remote("fetch", "--no-tags", "--prune", self._git_url, _ALL_BRANCHES)

    def _fetch(self, branch: str) -> None:
        refspec = f"+refs/heads/{branch}:refs/remotes/origin/{branch}"
        self._remote("fetch", "--no-tags", self._git_url, refspec)

    def _remote(self, *arguments: str) -> str:
        return self._store.text(*arguments, env=self._credentials(), timeout_s=NETWORK_TIMEOUT_S)

    def _credentials(self) -> dict[str, str]:
        """Add the token as a header for this server only; SSH uses the agent or key it finds."""
        env = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=15"}
        if not self._git_url.startswith(("http://", "https://")):
            return env
        token = self._authentication().token
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        return {
            **env,
            **self._store.extra_config(
                {f"http.{self._git_url}.extraHeader": f"Authorization: Basic {basic}"}
            ),
        }

    def _authentication(self) -> "Auth":
        from github import Auth, GithubIntegration  # see _create

        if self._auth is None:
            if self._app is None:
                self._auth = Auth.Token(self._token)
            else:
                with _errors(self.repository):
                    owner, name = self.repository.split("/")
                    app = Auth.AppAuth(self._app.app_id, self._app.private_key)
                    integration = GithubIntegration(auth=app, base_url=self._api_url)
                    installation = self._app.installation_id or (
                        integration.get_repo_installation(owner, name).id
                    )
                    self._auth = app.get_installation_auth(
                        installation, requester=integration.requester
                    )
        return self._auth

    @contextmanager
    def _api(self) -> "Iterator[Repository]":
        from github import Github, GithubRetry  # see _create

        with _errors(self.repository):
            if self._repo is None:
                client = Github(
                    auth=self._authentication(),
                    base_url=self._api_url,
                    timeout=API_TIMEOUT_S,
                    retry=GithubRetry(total=3),
                    seconds_between_requests=min(REQUEST_PAUSE_S, self._write_pause_s),
                    seconds_between_writes=self._write_pause_s,
                    lazy=True,
                )
                self._repo = client.get_repo(self.repository)
            yield self._repo


_ALL_BRANCHES = "+refs/heads/*:refs/remotes/origin/*"


@contextmanager
def _errors(repository: str) -> Iterator[None]:
    """Turn PyGithub's errors into ours; nothing of the request goes into the sentence."""
    import github  # see GithubForge._create
    import requests  # PyGithub's transport; its errors come through

    try:
        yield
    except github.UnknownObjectException as error:
        raise NotFound(f"GitHub knows no such thing in {repository}, or hides it") from error
    except github.BadCredentialsException as error:
        raise ForgeError(f"GitHub refused the credentials for {repository}") from error
    except github.RateLimitExceededException as error:
        raise ForgeError("GitHub's rate limit is used up; try again within the hour") from error
    except github.GithubException as error:
        said = error.data.get("message", "") if isinstance(error.data, dict) else ""
        sentence = f"GitHub refused ({error.status}): {words.one_line(str(said), limit=160)}"
        raise ForgeError(sentence) from error
    except requests.RequestException as error:
        raise ForgeError(f"GitHub could not be reached for {repository}") from error
