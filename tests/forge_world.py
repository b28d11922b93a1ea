"""Forges of every kind with the same small repository, to try the one contract on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.ports import Commit, Forge
from core.types import Checks, ChecksState
from remediation import FakeForge, GithubForge, GitlabForge, LocalForge
from remediation.git_store import GitStore
from tests.contract import gitlab_double
from tests.contract.github_double import NAME, OWNER, TOKEN, GithubDouble, github
from tests.contract.gitlab_double import GitlabDouble

SEED = {"stacks/orders.yaml": b"Resources: {}\r\n# kept\r\n", "README.md": b"hello\n"}
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Hub:
    """A forge under test, another client of the same one, and what a person does there."""

    forge: Forge
    other: Callable[[], Forge]
    merge: Callable[[int, str], object]
    push: Callable[[Mapping[str, bytes]], object]
    check: Callable[[str, str], object]
    approve: Callable[[int, str], object]
    comments: Callable[[int], Sequence[str]]
    labels: Callable[[int], Sequence[str]]
    store: GitStore | None = None

    @property
    def git(self) -> GitStore:
        """The repository at the forge; the fake has none."""
        assert self.store is not None
        return self.store


def _local(path: Path, key: Path) -> LocalForge:
    return LocalForge(path, url="http://forge.test/infra", signing_key=key, clock=lambda: NOW)


def seeded(path: Path, key: Path) -> LocalForge:
    return LocalForge.create(
        path, files=SEED, url="http://forge.test/infra", signing_key=key, clock=lambda: NOW
    )


def _local_hub(folder: Path, key: Path) -> Hub:
    path = folder / "infra.git"
    forge = seeded(path, key)
    return Hub(
        forge=forge,
        other=lambda: _local(path, key),
        merge=lambda number, by: forge.merge(number, by=by),
        push=lambda files: forge.push_files(files, branch="main", message="Later"),
        check=lambda commit, how: forge.record_check(commit, name="build", state=ChecksState(how)),
        approve=lambda number, by: forge.approve(number, by=by),
        comments=lambda number: forge.details(number).comments,
        labels=lambda number: forge.details(number).labels,
        store=forge.store,
    )


def _fake_hub() -> Hub:
    forge = FakeForge("infra", SEED)
    return Hub(
        forge=forge,
        other=lambda: forge,
        merge=lambda number, by: forge.merge(number, by=by),
        push=lambda files: forge.push_files(files, branch="main", message="Later"),
        check=lambda commit, how: _fake_check(forge, commit, ChecksState(how)),
        approve=lambda number, by: forge.approve(number, by=by),
        comments=lambda number: forge.comments[number],
        labels=lambda number: forge.labels[number],
    )


def _fake_check(forge: FakeForge, commit: str, state: ChecksState) -> None:
    failed = ("build",) if state is ChecksState.FAILED else ()
    for number, pull in forge.pulls.items():
        if pull.head_commit == commit:
            forge.check(number, Checks(state, failed))


def gitlab_forge(double: GitlabDouble, cache: Path, key: Path) -> GitlabForge:
    return GitlabForge(
        f"{gitlab_double.NAMESPACE}/{gitlab_double.NAME}",
        cache=cache,
        signing_key=key,
        token=gitlab_double.TOKEN,
        server_url=double.url,
        clock=lambda: NOW,
    )


@contextmanager
def _gitlab_hub(folder: Path, key: Path) -> Iterator[Hub]:
    server = seeded(folder / f"{NAME}.git", key)
    pipelines = {"pending": "running", "passed": "success", "failed": "failed"}
    with gitlab_double.gitlab(server.store) as double:
        yield Hub(
            forge=gitlab_forge(double, folder / "cache", key),
            other=lambda: gitlab_forge(double, folder / "cache-2", key),
            merge=lambda number, by: double.merge(number, by=by),
            push=lambda files: server.push_files(files, branch="main", message="Later"),
            check=lambda commit, how: double.pipeline(
                commit, pipelines[how], {"build": False, "optional": True}
            ),
            approve=lambda number, by: double.approved.setdefault(number, []).append(by),
            comments=lambda number: double.notes[number],
            labels=lambda number: double.requests[number]["labels"],
            store=server.store,
        )
        assert double.problems == []


@contextmanager
def _github_hub(folder: Path, key: Path) -> Iterator[Hub]:
    server = seeded(folder / f"{NAME}.git", key)
    runs = {"pending": "", "passed": "success", "failed": "failure"}
    with github(server.store) as double:
        yield Hub(
            forge=github_forge(double, folder / "cache", key),
            other=lambda: github_forge(double, folder / "cache-2", key),
            merge=lambda number, by: double.merge(number, by=by),
            push=lambda files: server.push_files(files, branch="main", message="Later"),
            check=lambda commit, how: double.runs.update({commit: {"build": runs[how]}}),
            approve=lambda number, by: double.reviews.setdefault(number, []).append(
                (by, "APPROVED")
            ),
            comments=lambda number: double.comments[number],
            labels=lambda number: double.labels[number],
            store=server.store,
        )
        assert double.problems == []


def github_forge(double: GithubDouble, cache: Path, key: Path) -> GithubForge:
    return GithubForge(
        f"{OWNER}/{NAME}",
        cache=cache,
        signing_key=key,
        token=TOKEN,
        api_url=f"{double.url}/api",
        git_url=f"{double.url}/{OWNER}/{NAME}.git",
        clock=lambda: NOW,
        write_pause_s=0,
    )


@contextmanager
def serving(kind: str, folder: Path, key: Path) -> Iterator[Hub]:
    """Serve a forge of a kind: local, github, gitlab or fake."""
    if kind == "local":
        yield _local_hub(folder, key)
    elif kind == "fake":
        yield _fake_hub()
    else:
        served = {"github": _github_hub, "gitlab": _gitlab_hub}[kind]
        with served(folder, key) as made:
            yield made


def commit_of(text: bytes = b"Resources: {A: 1}\r\n", digest: str = "d1") -> Commit:
    return Commit(
        branch="plumbline/PL-S3-001-abc",
        message="Encrypt the bucket\n\nBecause.",
        files={"stacks/orders.yaml": text},
        trailers={"Finding": "f1", "Plan-Digest": digest, "Approved-by": "Dana <E/T/U1>"},
    )


def open_one(forge: Forge, branch: str = "plumbline/PL-S3-001-abc") -> int:
    return forge.open_pull_request(branch=branch, into="main", title="Fix", body="Why").number
