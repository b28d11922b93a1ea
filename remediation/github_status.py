"""How a pull request stands at GitHub, asked so that an answer that did not change costs nothing.

Conditional requests do not count against the primary rate limit when the answer is 304.
Source: https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api (2026-11).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core.types import Checks, ChecksState, PullRequest, PullRequestState

if TYPE_CHECKING:
    from github.Requester import Requester

PAGE = 100
_KEPT = 200
_FAILED_RUN = frozenset({"failure", "timed_out", "cancelled", "startup_failure", "action_required"})
_FAILED_STATUS = frozenset({"failure", "error"})
_UNREADABLE = frozenset({403, 404})


class Reads:
    """GitHub's answers with their ETags; asked again, only what changed is sent."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Any]] = {}

    def get(self, requester: "Requester", path: str) -> Any:
        """Return an answer, from memory where GitHub says that it is still the same."""
        etag, known = self._kept.get(path, ("", None))
        headers = {"If-None-Match": etag} if etag else {}
        said, data = requester.requestJsonAndCheck("GET", path, headers=headers)
        if etag and data is None:  # 304 has no body
            return known
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        if said.get("etag"):
            self._kept[path] = (said["etag"], data)
        return data


def pull_request(reads: Reads, requester: "Requester", repository: str, number: int) -> PullRequest:
    """Return a pull request with the checks and approvals of its head."""
    root = f"/repos/{repository}"
    pull = reads.get(requester, f"{root}/pulls/{int(number)}")
    shown = of_answer(pull, repository)
    if shown.state is not PullRequestState.OPEN:
        return shown
    reviews = reads.get(requester, f"{root}/pulls/{int(number)}/reviews?per_page={PAGE}")
    return of_answer(
        pull,
        repository,
        checks=_checks(reads, requester, f"{root}/commits/{shown.head_commit}"),
        approved_by=_approvals(reviews),
    )


def of_answer(
    pull: Mapping[str, Any],
    repository: str,
    *,
    checks: Checks = Checks(),  # noqa: B008  # frozen
    approved_by: tuple[str, ...] = (),
) -> PullRequest:
    """Return a pull request as GitHub's answer describes it."""
    merged = pull.get("merged_at") is not None
    by = pull.get("merged_by") or {}
    return PullRequest(
        repository=repository,
        number=pull["number"],
        url=pull["html_url"],
        branch=pull["head"]["ref"],
        state=PullRequestState.MERGED if merged else PullRequestState(pull["state"]),
        head_commit=pull["head"]["sha"],
        # Before a merge GitHub keeps a trial merge's id in the same field.
        merge_commit=(pull.get("merge_commit_sha") or "") if merged else "",
        merged_by=by.get("login", "") if merged else "",
        checks=checks,
        approved_by=approved_by,
        # null while GitHub is still finding out
        has_conflict=pull.get("mergeable") is False and pull.get("mergeable_state") == "dirty",
    )


def _checks(reads: Reads, requester: "Requester", commit: str) -> Checks:
    """Return check runs and commit statuses together: one that failed fails them all."""
    import github  # see GithubForge._create

    try:
        runs = reads.get(requester, f"{commit}/check-runs?filter=latest&per_page={PAGE}")
        statuses = reads.get(requester, f"{commit}/status?per_page={PAGE}")
    except github.GithubException as error:
        if error.status in _UNREADABLE:  # a token without the right to read checks
            return Checks(ChecksState.UNKNOWN)
        raise
    failed = dict.fromkeys((*_failed_runs(runs), *_failed_statuses(statuses)))
    if failed:
        return Checks(ChecksState.FAILED, tuple(failed))
    if max(runs["total_count"], statuses["total_count"]) > PAGE:
        return Checks(ChecksState.UNKNOWN)
    every = [run["status"] == "completed" for run in runs["check_runs"]]
    every += [status["state"] == "success" for status in statuses["statuses"]]
    if not every:
        return Checks()
    return Checks(ChecksState.PASSED if all(every) else ChecksState.PENDING)


def _failed_runs(answer: Mapping[str, Any]) -> Iterator[str]:
    return (run["name"] for run in answer["check_runs"] if run["conclusion"] in _FAILED_RUN)


def _failed_statuses(answer: Mapping[str, Any]) -> Iterator[str]:
    return (each["context"] for each in answer["statuses"] if each["state"] in _FAILED_STATUS)


def _approvals(reviews: Any) -> tuple[str, ...]:
    """Return who approves: the last of a person's reviews that says yes or no counts."""
    said: dict[str, str] = {}
    for review in reviews:
        if review["user"] and review["state"] in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}:
            said[review["user"]["login"]] = review["state"]
    return tuple(name for name, state in said.items() if state == "APPROVED")
