"""What only one forge has: whom GitHub and GitLab refuse, what an answer costs, what doctor is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ForgeError
from core.ports import Commit, Forge
from core.types import Checks, ChecksState
from remediation import GithubForge, GitlabForge, LocalForge, create_key
from tests.contract import github_double, gitlab_double
from tests.contract.github_double import GithubDouble
from tests.contract.gitlab_double import GitlabDouble


def _server(folder: Path) -> LocalForge:
    key = create_key(folder / "signing")
    files = {"a.yaml": b"A: 1\n"}
    return LocalForge.create(folder / "infra.git", files=files, url="http://x", signing_key=key)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[tuple[GithubForge, GithubDouble]]:
    server = _server(tmp_path)
    with github_double.github(server.store) as double:
        forge = GithubForge(
            "acme/infra",
            cache=tmp_path / "cache",
            signing_key=tmp_path / "signing",
            token=github_double.TOKEN,
            api_url=f"{double.url}/api",
            git_url=f"{double.url}/acme/infra.git",
            write_pause_s=0,
        )
        yield forge, double
        assert double.problems == []


@pytest.fixture
def gitlab(tmp_path: Path) -> Iterator[tuple[GitlabForge, GitlabDouble]]:
    server = _server(tmp_path)
    with gitlab_double.gitlab(server.store) as double:
        forge = GitlabForge(
            "acme/platform/infra",
            cache=tmp_path / "cache",
            signing_key=tmp_path / "signing",
            token=gitlab_double.TOKEN,
            server_url=double.url,
        )
        yield forge, double
        assert double.problems == []


def _opened(forge: Forge) -> tuple[int, str]:
    commit = Commit("plumbline/x", "Fix", {"a.yaml": b"A: 2\n"}, {"Plan-Digest": "d"})
    made = forge.commit_signed(commit, base=forge.head("main"))
    pull = forge.open_pull_request(branch="plumbline/x", into="main", title="Fix", body="Why")
    return pull.number, made


def test_github_asks_users_and_teams_of_its_own_organisation(
    github: tuple[GithubForge, GithubDouble],
) -> None:
    forge, double = github
    number, _ = _opened(forge)

    notes = forge.ask_review(
        number,
        labels=["plumbline", "severity: high"],
        reviewers=["@dana", "@acme/platform", "@other/team", "eve@acme.test", "@plumbline[bot]"],
    )

    assert double.asked[number] == ["dana", "platform"]
    assert double.labels[number] == ["plumbline", "severity: high"]
    assert notes == (
        "@other/team is a team of another organisation",
        "eve@acme.test is an address, and GitHub asks only users and teams",
    )


def test_one_person_github_refuses_does_not_cost_the_others(
    github: tuple[GithubForge, GithubDouble],
) -> None:
    forge, double = github
    number, _ = _opened(forge)
    double.refuses = {"gone"}

    notes = forge.ask_review(number, labels=[], reviewers=["@dana", "@gone", "@acme/platform"])

    assert double.asked[number] == ["dana", "platform"]
    assert notes == ("GitHub does not take gone as a reviewer here",)


def test_github_counts_check_runs_and_statuses_together(
    github: tuple[GithubForge, GithubDouble],
) -> None:
    forge, double = github
    number, made = _opened(forge)
    double.runs[made] = {"build": "success", "lint": "skipped", "scan": "timed_out"}
    double.statuses[made] = {"ci/old": "error", "ci/new": "success"}
    failed = forge.pull_request(number).checks

    double.runs[made]["scan"] = "neutral"
    double.statuses[made] = {"ci/old": "pending", "ci/new": "success"}
    pending = forge.pull_request(number).checks
    double.statuses[made] = {"ci/old": "success"}

    assert failed == Checks(ChecksState.FAILED, ("scan", "ci/old"))
    assert pending == Checks(ChecksState.PENDING)
    assert forge.pull_request(number).checks == Checks(ChecksState.PASSED)


def test_what_github_has_not_changed_is_not_sent_again(
    github: tuple[GithubForge, GithubDouble],
) -> None:
    forge, double = github
    number, _ = _opened(forge)
    first = forge.pull_request(number)
    asked, double.calls[:] = len(double.calls), []

    again = forge.pull_request(number)

    assert asked > 0
    assert again == first
    assert double.unchanged == len(double.calls) == 4


def test_a_review_that_was_withdrawn_is_no_approval(
    github: tuple[GithubForge, GithubDouble],
) -> None:
    forge, double = github
    number, _ = _opened(forge)
    double.reviews[number] = [
        ("dana", "APPROVED"), ("omar", "APPROVED"), ("dana", "COMMENTED"), ("omar", "DISMISSED"),
    ]  # fmt: skip

    assert forge.pull_request(number).approved_by == ("dana",)


def test_github_tells_what_is_missing_and_what_drops_signatures(
    github: tuple[GithubForge, GithubDouble],
) -> None:
    forge, double = github
    double.repository["permissions"]["push"] = False
    double.repository["allow_rebase_merge"] = True

    missing, lossy = forge.shortcomings()

    assert "may not push to acme/infra" in missing
    assert "allows rebase merges, which drop our signatures" in lossy


def test_gitlab_asks_users_it_knows_and_says_who_it_cannot_ask(
    gitlab: tuple[GitlabForge, GitlabDouble],
) -> None:
    forge, double = gitlab
    number, _ = _opened(forge)

    notes = forge.ask_review(
        number,
        labels=["plumbline", "PL-S3-001"],
        reviewers=["@dana", "@acme/platform", "@@maintainer", "@nobody", "@plumbline", "@omar"],
    )

    assert [each["username"] for each in double.requests[number]["reviewers"]] == ["dana", "omar"]
    assert double.requests[number]["labels"] == ["plumbline", "PL-S3-001"]
    assert notes == (
        "@acme/platform is a group or role, which GitLab asks by its approval rules",
        "@@maintainer is a group or role, which GitLab asks by its approval rules",
        "GitLab does not know @nobody as a user",
    )


def test_gitlab_may_take_fewer_reviewers_than_were_asked(
    gitlab: tuple[GitlabForge, GitlabDouble],
) -> None:
    forge, double = gitlab
    number, _ = _opened(forge)
    double.reviewers_max = 1

    assert forge.ask_review(number, labels=[], reviewers=["@dana", "@omar"]) == (
        "GitLab did not take 1 of 2 reviewers: its plan allows fewer",
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("manual", ChecksState.PENDING),
        ("canceled", ChecksState.FAILED),
        ("skipped", ChecksState.NONE),
        ("waiting_for_resource", ChecksState.PENDING),
    ],
)
def test_a_pipeline_is_one_check(
    gitlab: tuple[GitlabForge, GitlabDouble], status: str, state: ChecksState
) -> None:
    forge, double = gitlab
    number, made = _opened(forge)
    double.pipeline(made, status)

    assert forge.pull_request(number).checks.state is state


def test_gitlab_tells_what_is_missing_and_what_drops_signatures(
    gitlab: tuple[GitlabForge, GitlabDouble],
) -> None:
    forge, double = gitlab
    double.project = {"merge_method": "rebase_merge", "squash_option": "default_off"}

    missing, method, squash = forge.shortcomings()

    assert "needs the role Developer" in missing
    assert "merges by rebase_merge" in method
    assert "allows squashing" in squash


@pytest.mark.parametrize("answer", ["refused the credentials", "ls-remote"])
def test_gitlab_refuses_a_wrong_token_in_one_clear_sentence(
    gitlab: tuple[GitlabForge, GitlabDouble], tmp_path: Path, answer: str
) -> None:
    _, double = gitlab
    forge = GitlabForge(
        "acme/platform/infra",
        cache=tmp_path / "other",
        signing_key=tmp_path / "signing",
        token="wrong-token-value",
        server_url=double.url,
    )

    with pytest.raises(ForgeError, match=answer) as refused:
        _ = forge.pull_request(1) if "credentials" in answer else forge.head("main")

    assert "wrong-token-value" not in str(refused.value)
