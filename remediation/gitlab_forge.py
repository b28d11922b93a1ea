"""GitLab: commits go over Git, merge requests through the API (python-gitlab).

Source: https://docs.gitlab.com/api/merge_requests/ and its neighbours (2026-11).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from core.errors import ForgeError, NotFound
from core.ports import Clock
from core.types import Checks, ChecksState, PullRequest, PullRequestState
from remediation import words
from remediation.codeowners import Dialect
from remediation.git_store import Signer, now
from remediation.remote_git import RemoteGit

if TYPE_CHECKING:
    from gitlab import Gitlab
    from gitlab.v4.objects import Project, ProjectMergeRequest

SERVER_URL = "https://gitlab.com"
API_TIMEOUT_S = 20
DEVELOPER = 30
"""The access level that may push branches and open merge requests."""

_STATES = {"merged": PullRequestState.MERGED, "closed": PullRequestState.CLOSED}
_PIPELINE = {
    "success": ChecksState.PASSED,
    "failed": ChecksState.FAILED,
    "canceled": ChecksState.FAILED,
    "skipped": ChecksState.NONE,
}
"""Every other status is that of a pipeline on its way, or one that waits for somebody."""


class GitlabForge(RemoteGit):
    """Implements `core.ports.Forge` for one GitLab project ("group/name", subgroups too)."""

    def __init__(  # noqa: PLR0913 - an adapter's settings, keywords all
        self,
        repository: str,
        *,
        cache: Path,
        signing_key: Path,
        token: str,
        server_url: str = SERVER_URL,
        git_url: str = "",
        author_name: str = "Plumbline",
        author_email: str = "plumbline@localhost",
        clock: Clock = now,
    ) -> None:
        if "/" not in repository.strip("/"):
            raise ForgeError("A GitLab project is named group/name")
        self._server_url = server_url.rstrip("/")
        self._token = token
        self._client: Gitlab | None = None
        super().__init__(
            repository,
            url=git_url or f"{self._server_url}/{repository}.git",
            cache=cache,
            signer=Signer(signing_key, author_name, author_email),
            credentials=lambda: ("oauth2", self._token),
            clock=clock,
            dialect=Dialect.GITLAB,
        )

    def lines_url(self, path: str, *, commit: str, first: int, last: int) -> str:
        """Return where GitLab shows lines of a file at a commit."""
        place = f"{words.check_commit(commit)}/{quote(words.check_path(path))}"
        return f"{self._server_url}/{self.repository}/-/blob/{place}#L{first}-{last}"

    def open_pull_request(self, *, branch: str, into: str, title: str, body: str) -> PullRequest:
        """Open a merge request, or return the one this branch already has, whatever its state."""
        with self._api() as project:
            known = _of_branch(project, branch, into)
            if known is None:
                known = _create(project, branch=branch, into=into, title=title, body=body)
            return self._shown(known)

    def pull_request(self, number: int) -> PullRequest:
        """Return a merge request as GitLab has it now, with its pipeline. Raises: NotFound."""
        with self._api() as project:
            request = project.mergerequests.get(int(number))
            if request.state in _STATES:
                return self._shown(request)
            return self._shown(
                request,
                checks=_checks(project, request),
                approved_by=tuple(
                    each["user"]["username"] for each in request.approvals.get().approved_by
                ),
            )

    def close_pull_request(self, number: int) -> PullRequest:
        """Close a merge request without merging it; one that is merged stays so."""
        with self._api() as project:
            request = project.mergerequests.get(int(number))
            if request.state == "opened":
                request.state_event = "close"
                request.save()
            return self._shown(request)

    def ask_review(
        self, number: int, *, labels: Sequence[str], reviewers: Sequence[str]
    ) -> tuple[str, ...]:
        """Label a merge request and ask people for their review; say whom GitLab refused, and why."""
        with self._api() as project:
            request = project.mergerequests.get(int(number))
            if request.state != "opened":
                return ()
            author = request.author["username"]
            users, notes = self._users([r for r in reviewers if r != f"@{author}"])
            if labels:
                request.add_labels = ",".join(labels)
            if users:
                request.reviewer_ids = users
            if labels or users:
                request.save()
            return (*notes, *_not_taken(request, users))

    def _users(self, reviewers: Sequence[str]) -> tuple[list[int], list[str]]:
        """Return the ids of users, and notes on who is none."""
        assert self._client  # noqa: S101  # the caller holds it open
        ids, notes = [], []
        for named in dict.fromkeys(reviewers):
            name = named.removeprefix("@")
            if named.startswith("@@") or "/" in name:
                notes.append(f"{named} is a group or role, which GitLab asks by its approval rules")
                continue
            field = "username" if named.startswith("@") else "search"
            query = {field: name}
            found = self._client.users.list(query_parameters=query, iterator=False, get_all=False)
            if len(found) == 1:
                ids.append(found[0].id)
            else:
                notes.append(f"GitLab does not know {words.one_line(named, limit=60)} as a user")
        return ids, notes

    def comment(self, number: int, text: str) -> None:
        """Say something on a merge request; the same words are said once."""
        with self._api() as project:
            request = project.mergerequests.get(int(number))
            if all(note.body != text for note in request.notes.list(iterator=True)):
                request.notes.create({"body": text})

    def shortcomings(self) -> tuple[str, ...]:
        """Say what at GitLab keeps us from proposing fixes, or would lose their signatures."""
        with self._api():
            assert self._client  # noqa: S101  # opened by _api, for the type checker
            project = self._client.projects.get(self.repository)
            found = []
            if _access_level(project) < DEVELOPER:
                found.append(
                    f"the token may not push to {self.repository}: it needs the role Developer and "
                    "the scopes api and write_repository"
                )
            if project.merge_method != "merge":
                found.append(
                    f"{self.repository} merges by {project.merge_method}, which rebases and drops "
                    "our signatures; choose merge commits"
                )
            if project.squash_option != "never":
                found.append(
                    f"{self.repository} allows squashing, which drops our signatures; choose "
                    '"do not allow"'
                )
            return tuple(found)

    def _shown(
        self,
        request: "ProjectMergeRequest",
        *,
        checks: Checks = Checks(),  # noqa: B008  # frozen
        approved_by: tuple[str, ...] = (),
    ) -> PullRequest:
        said = request.attributes
        state = _STATES.get(said["state"], PullRequestState.OPEN)  # "locked" is being merged
        merged = state is PullRequestState.MERGED
        by = said.get("merge_user") or said.get("merged_by") or {}
        landed = said.get("merge_commit_sha") or said.get("squash_commit_sha") or said.get("sha")
        return PullRequest(
            repository=self.repository,
            number=said["iid"],
            url=said["web_url"],
            branch=said["source_branch"],
            state=state,
            head_commit=said.get("sha") or "",
            merge_commit=(landed or "") if merged else "",
            merged_by=by.get("username", "") if merged else "",
            checks=checks,
            approved_by=approved_by,
            has_conflict=bool(said.get("has_conflicts")) and state is PullRequestState.OPEN,
        )

    @contextmanager
    def _api(self) -> "Iterator[Project]":
        from gitlab import Gitlab  # 0.4 s that starting the bot does not need

        with _errors(self.repository):
            if self._client is None:
                self._client = Gitlab(
                    self._server_url,
                    private_token=self._token,
                    timeout=API_TIMEOUT_S,
                    retry_transient_errors=True,
                    keep_base_url=True,
                )
            yield self._client.projects.get(self.repository, lazy=True)


def _of_branch(project: "Project", branch: str, into: str) -> "ProjectMergeRequest | None":
    found = project.mergerequests.list(
        source_branch=branch, target_branch=into, state="all", get_all=False
    )
    return next((project.mergerequests.get(each.iid) for each in found), None)


def _create(
    project: "Project", *, branch: str, into: str, title: str, body: str
) -> "ProjectMergeRequest":
    import gitlab  # see GitlabForge._api

    try:
        made = project.mergerequests.create(
            {
                "source_branch": branch,
                "target_branch": into,
                "title": words.one_line(title),
                "description": body,
                "squash": False,
            }
        )
    except gitlab.GitlabCreateError as error:
        # 409 says that another process opened it a moment ago.
        known = _of_branch(project, branch, into) if error.response_code == 409 else None
        if known is None:
            raise
        return known
    return project.mergerequests.get(made.iid)


def _checks(project: "Project", request: "ProjectMergeRequest") -> Checks:
    """Return what the head pipeline says; a merge train runs it on the merged result."""
    pipeline = request.attributes.get("head_pipeline")
    if not pipeline:
        return Checks()
    state = _PIPELINE.get(pipeline["status"], ChecksState.PENDING)
    if state is not ChecksState.FAILED:
        return Checks(state)
    jobs = project.pipelines.get(pipeline["id"], lazy=True).jobs
    failed = (j.name for j in jobs.list(scope=["failed"], get_all=False) if not j.allow_failure)
    return Checks(state, tuple(dict.fromkeys(failed)) or ("pipeline",))


def _not_taken(request: "ProjectMergeRequest", users: Sequence[int]) -> Iterator[str]:
    """Say who is no reviewer although asked: without a Premium plan GitLab keeps one."""
    kept = {each["id"] for each in request.attributes.get("reviewers") or ()}
    missing = len(set(users) - kept)
    if missing:
        yield f"GitLab did not take {missing} of {len(users)} reviewers: its plan allows fewer"


def _access_level(project: "Project") -> int:
    rights: dict[str, Any] = project.attributes.get("permissions") or {}
    return max((each["access_level"] for each in rights.values() if each), default=0)


@contextmanager
def _errors(repository: str) -> Iterator[None]:
    """Turn python-gitlab's errors into ours; nothing of the request goes into the sentence."""
    import gitlab  # see GitlabForge._api
    import requests  # python-gitlab's transport; its errors come through

    try:
        yield
    except gitlab.GitlabAuthenticationError as error:
        raise ForgeError(f"GitLab refused the credentials for {repository}") from error
    except gitlab.GitlabError as error:
        if error.response_code == 404:
            raise NotFound(f"GitLab knows no such thing in {repository}, or hides it") from error
        if error.response_code == 429:
            raise ForgeError("GitLab's rate limit is used up; try again in a minute") from error
        said = words.one_line(str(error.error_message), limit=160)
        raise ForgeError(f"GitLab refused ({error.response_code}): {said}") from error
    except requests.RequestException as error:
        raise ForgeError(f"GitLab could not be reached for {repository}") from error
