"""GitHub: commits go over Git, pull requests through the API."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.errors import ForgeError, NotFound
from core.ports import Clock
from core.types import PullRequest
from remediation import github_status, words
from remediation.codeowners import Dialect
from remediation.git_store import Signer, now
from remediation.remote_git import RemoteGit

if TYPE_CHECKING:
    from github.Auth import Auth
    from github.PullRequest import PullRequest as ApiPullRequest
    from github.Repository import Repository

API_URL = "https://api.github.com"
API_TIMEOUT_S = 20
REQUEST_PAUSE_S = 0.25
WRITE_PAUSE_S = 1.0  # GitHub asks for a second between writes (docs: best practices, 2026-11)
REVIEWERS_MAX = 15  # GitHub's own limit for a pull request (2026-11)
_REFUSED_PERSON = frozenset({403, 404, 422})


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """A GitHub App's identity; the private key is PEM text."""

    app_id: str
    private_key: str
    installation_id: int | None = None


class GithubForge(RemoteGit):
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
        self._api_url = api_url.rstrip("/")
        self._token = token
        self._app = app
        self._write_pause_s = write_pause_s
        self._auth: Auth | None = None
        self._repo: Repository | None = None
        self._reads = github_status.Reads()
        super().__init__(
            repository,
            url=git_url or f"https://github.com/{repository}.git",
            cache=cache,
            signer=Signer(signing_key, author_name, author_email),
            credentials=lambda: ("x-access-token", self._authentication().token),
            clock=clock,
            dialect=Dialect.GITHUB,
        )

    def lines_url(self, path: str, *, commit: str, first: int, last: int) -> str:
        """Return where GitHub shows lines of a file at a commit."""
        # GitHub's own API has a host to itself, an Enterprise Server's lies below the pages.
        pages = "https://github.com" if self._api_url == API_URL else self._api_url
        root = f"{pages.removesuffix('/api/v3')}/{self.repository}"
        place = f"{words.check_commit(commit)}/{quote(words.check_path(path))}"
        return f"{root}/blob/{place}#L{first}-L{last}"

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
        """Return a pull request as GitHub has it now, with its checks. Raises: NotFound."""
        with self._api() as repo:
            return self._read(repo, number)

    def close_pull_request(self, number: int) -> PullRequest:
        """Close a pull request without merging it; one that is merged stays so."""
        with self._api() as repo:
            pull = repo.get_pull(number)
            if pull.state == "open":
                pull.edit(state="closed")
            return self._read(repo, number)

    def ask_review(
        self, number: int, *, labels: Sequence[str], reviewers: Sequence[str]
    ) -> tuple[str, ...]:
        """Label a pull request and ask people for their review; say whom GitHub refused, and why."""
        with self._api() as repo:
            pull = repo.get_pull(number)
            if pull.state != "open":
                return ()
            if labels:
                # PyGithub sends a bare list; GitHub recommends, and describes, an object.
                path = f"/repos/{self.repository}/issues/{int(number)}/labels"
                repo.requester.requestJsonAndCheck("POST", path, input={"labels": list(labels)})
            asked = _Asked.of(reviewers, organisation=self.repository.split("/")[0])
            return (*asked.notes, *_request(pull, asked))

    def comment(self, number: int, text: str) -> None:
        """Say something on a pull request; the same words are said once."""
        with self._api() as repo:
            pull = repo.get_pull(number)
            if all(said.body != text for said in pull.get_issue_comments()):
                pull.create_issue_comment(text)

    def shortcomings(self) -> tuple[str, ...]:
        """Say what at GitHub keeps us from proposing fixes, or would lose their signatures."""
        with self._api() as repo:
            repo.update()
            found = []
            if not repo.permissions.push:
                found.append(
                    f"the credentials may not push to {self.repository}: grant contents and pull "
                    "requests: write, checks and commit statuses: read"
                )
            lossy = [
                name
                for name, allowed in (
                    ("rebase", repo.allow_rebase_merge),
                    ("squash", repo.allow_squash_merge),
                )
                if allowed
            ]
            if lossy:
                found.append(
                    f"{self.repository} allows {' and '.join(lossy)} merges, which drop our "
                    "signatures; allow merge commits only"
                )
            return tuple(found)

    def _read(self, repo: "Repository", number: int) -> PullRequest:
        return github_status.pull_request(self._reads, repo.requester, self.repository, number)

    def _shown(self, pull: "ApiPullRequest") -> PullRequest:
        return github_status.of_answer(pull.raw_data, self.repository)

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


@dataclass(frozen=True, slots=True)
class _Asked:
    """Reviewers as GitHub takes them, and notes on those it has no way to ask."""

    people: tuple[str, ...]
    teams: tuple[str, ...]
    notes: tuple[str, ...]

    @staticmethod
    def of(reviewers: Sequence[str], *, organisation: str) -> "_Asked":
        """Tell people from teams; a team is asked by its name within its organisation."""
        people, teams, notes = [], [], []
        for named in dict.fromkeys(reviewers):
            owner, _, team = named.removeprefix("@").partition("/")
            if "@" in owner or not named.startswith("@"):
                notes.append(f"{named} is an address, and GitHub asks only users and teams")
            elif not team:
                people.append(owner)
            elif owner.casefold() == organisation.casefold():
                teams.append(team)
            else:
                notes.append(f"{named} is a team of another organisation")
        return _Asked(tuple(people), tuple(teams), tuple(notes))


def _request(pull: "ApiPullRequest", asked: _Asked) -> Iterator[str]:
    """Ask all at once; where GitHub refuses, ask each alone, so that one does not cost the rest."""
    import github  # see GithubForge._create

    people = [name for name in asked.people if name != pull.user.login]  # nobody reviews their own
    alone = [{"reviewers": [n]} for n in people] + [{"team_reviewers": [t]} for t in asked.teams]
    if not alone:
        return
    try:
        pull.create_review_request(reviewers=people, team_reviewers=list(asked.teams))
    except github.GithubException as error:
        if error.status not in _REFUSED_PERSON:
            raise
        for each in alone[:REVIEWERS_MAX]:
            yield from _request_alone(pull, each)


def _request_alone(pull: "ApiPullRequest", asked: dict[str, list[str]]) -> Iterator[str]:
    import github  # see GithubForge._create

    try:
        pull.create_review_request(**asked)
    except github.GithubException as error:
        if error.status not in _REFUSED_PERSON:
            raise
        [[name]] = asked.values()
        yield f"GitHub does not take {words.one_line(name, limit=60)} as a reviewer here"


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
