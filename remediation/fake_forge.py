"""A forge in memory, for tests of those who use the port. Held to the same contract as the rest."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from core.errors import BranchMoved, NotFound
from core.ports import Clock, Commit
from core.types import Checks, PullRequest, PullRequestState
from remediation import codeowners, words


@dataclass(slots=True)
class _Stored:
    files: dict[str, bytes]
    trailers: Mapping[str, str]
    message: str
    parents: tuple[str, ...]
    at: datetime


@dataclass
class FakeForge:
    """Implements `core.ports.Forge` on dictionaries; `merge` stands in for the person who merges."""

    repository: str
    seed: Mapping[str, bytes]
    branch: str = "main"
    commits: dict[str, _Stored] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    texts: dict[int, tuple[str, str]] = field(default_factory=dict)
    labels: dict[int, tuple[str, ...]] = field(default_factory=dict)
    reviewers: dict[int, tuple[str, ...]] = field(default_factory=dict)
    comments: dict[int, tuple[str, ...]] = field(default_factory=dict)
    clock: Clock = lambda: datetime.now(UTC)
    _into: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.branches[self.branch] = self._store(dict(self.seed), "first", {}, ())

    def head(self, branch: str) -> str:
        """Return the commit a branch points at. Raises: NotFound."""
        found = self.find_branch(branch)
        if found is None:
            raise NotFound(f"{self.repository} has no branch {words.one_line(branch, limit=60)}")
        return found

    def find_branch(self, branch: str) -> str | None:
        """Return the commit of a branch, None where there is no such branch."""
        return self.branches.get(words.check_branch(branch))

    def file(self, path: str, *, commit: str) -> bytes:
        """Return a file's bytes at a commit. Raises: NotFound."""
        try:
            return self.commits[words.check_commit(commit)].files[words.check_path(path)]
        except KeyError as error:
            raise NotFound(f"There is no {words.one_line(path)} at {commit[:12]}") from error

    def files(self, *, commit: str) -> tuple[str, ...]:
        """List the paths of a commit."""
        return tuple(sorted(self.commits[words.check_commit(commit)].files))

    def lines_url(self, path: str, *, commit: str, first: int, last: int) -> str:
        """Return an address that names everything it is asked for."""
        return f"https://forge.test/{self.repository}/{path}@{commit}#L{first}-L{last}"

    def changed_at(self, path: str, *, commit: str) -> datetime | None:
        """Return when a file was last changed up to a commit; None for one that is not there."""
        stored = self.commits[words.check_commit(commit)]
        if path not in stored.files:
            return None
        for parent in stored.parents:
            if self.commits[parent].files.get(path) == stored.files[path]:
                return self.changed_at(path, commit=parent)
        return stored.at

    def commit_signed(self, commit: Commit, *, base: str) -> str:
        """Keep a commit on a new branch; the same commit made before is returned."""
        return self.commit_series((commit,), base=base)[-1]

    def commit_series(self, commits: Sequence[Commit], *, base: str) -> tuple[str, ...]:
        """Keep commits on a new branch, each on the one before; see commit_signed."""
        branch = commits[0].branch
        tip = self.find_branch(branch)
        if tip is not None:
            return self._known(tip, commits)
        made: list[str] = []
        for each in commits:
            parent = made[-1] if made else words.check_commit(base)
            wanted = {words.check_path(p): data for p, data in each.files.items()}
            text = words.message(each.message.split("\n")[0], "", each.trailers)
            files = {**self.commits[parent].files, **wanted}
            made.append(self._store(files, text, words.trailers(text), (parent,)))
        self.branches[branch] = made[-1]
        return tuple(made)

    def _known(self, tip: str, commits: Sequence[Commit]) -> tuple[str, ...]:
        found: list[str] = []
        for each in reversed(commits):
            known = self.commits[tip]
            same = known.trailers.get("Plan-Digest") == each.trailers.get("Plan-Digest")
            if not same or any(known.files.get(p) != data for p, data in each.files.items()):
                raise BranchMoved(f"Branch {each.branch} exists with another change")
            found.append(tip)
            tip = known.parents[0] if known.parents else tip
        return tuple(reversed(found))

    def open_pull_request(self, *, branch: str, into: str, title: str, body: str) -> PullRequest:
        """Open a pull request, or return the one this branch already has, whatever its state."""
        for number, known in self.pulls.items():
            if known.branch == branch and self._into[number] == into:
                return known
        self.head(into)
        number = len(self.pulls) + 1
        self.pulls[number] = PullRequest(
            repository=self.repository,
            number=number,
            url=f"memory://{self.repository}/pulls/{number}",
            branch=branch,
            state=PullRequestState.OPEN,
            head_commit=self.head(branch),
        )
        self.texts[number] = (title, body)
        self._into[number] = into
        return self.pulls[number]

    def pull_request(self, number: int) -> PullRequest:
        """Return a pull request as it stands now. Raises: NotFound."""
        if number not in self.pulls:
            raise NotFound(f"{self.repository} has no pull request {number}")
        pull = self.pulls[number]
        is_open = pull.state is PullRequestState.OPEN
        return replace(pull, has_conflict=is_open and self._has_conflict(pull))

    def owners(self, paths: Sequence[str], *, commit: str) -> tuple[str, ...]:
        """Name whom the CODEOWNERS file of a commit makes owners of files, as GitHub reads it."""
        return codeowners.owners(
            lambda path: self.file(path, commit=commit), paths, dialect=codeowners.Dialect.GITHUB
        )

    def ask_review(
        self, number: int, *, labels: Sequence[str], reviewers: Sequence[str]
    ) -> tuple[str, ...]:
        """Keep labels and reviewers; there is nobody this forge could refuse."""
        self.labels[number], self.reviewers[number] = tuple(labels), tuple(reviewers)
        return ()

    def comment(self, number: int, text: str) -> None:
        """Keep a comment; the same words are said once."""
        self.pull_request(number)
        self.comments[number] = tuple(dict.fromkeys((*self.comments.get(number, ()), text)))

    def shortcomings(self) -> tuple[str, ...]:
        """Return nothing: memory loses no signatures."""
        return ()

    def check(self, number: int, checks: Checks) -> None:
        """Say how the checks of a pull request stand, as a build server would."""
        self.pulls[number] = replace(self.pulls[number], checks=checks)

    def approve(self, number: int, *, by: str) -> None:
        """Approve a pull request as a person would at the forge."""
        pull = self.pulls[number]
        names = tuple(dict.fromkeys((*pull.approved_by, by)))
        self.pulls[number] = replace(pull, approved_by=names)

    def _has_conflict(self, pull: PullRequest) -> bool:
        """Whether both sides changed a file since they parted; Git looks at lines, this at files."""
        head, base = (
            self.commits[pull.head_commit],
            self.commits[self.head(self._into[pull.number])],
        )
        origin = self._origin(pull).files
        return any(
            data != origin.get(path) and base.files.get(path) not in {origin.get(path), data}
            for path, data in head.files.items()
        )

    def _origin(self, pull: PullRequest) -> _Stored:
        """Return the first ancestor that our branch did not make."""
        commit = self.commits[pull.head_commit]
        while "Plan-Digest" in commit.trailers:
            commit = self.commits[commit.parents[0]]
        return commit

    def audit_heads(self, branch: str) -> tuple[str, ...]:
        """List the audit heads that our own commits on a branch are anchored to, newest first."""
        found, waiting, seen = [], [self.head(branch)], set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            commit = self.commits[name]
            found += [commit.trailers["Audit-Head"]] if "Audit-Head" in commit.trailers else []
            waiting += commit.parents
        return tuple(found)

    def close_pull_request(self, number: int) -> PullRequest:
        """Close a pull request without merging it; one that is merged stays so."""
        pull = self.pull_request(number)
        if pull.state is PullRequestState.OPEN:
            self.pulls[number] = replace(pull, state=PullRequestState.CLOSED, has_conflict=False)
        return self.pulls[number]

    def merge(self, number: int, *, by: str) -> PullRequest:
        """Merge a pull request as a person would at the forge."""
        pull = self.pull_request(number)
        into = self._into[number]
        base = self.head(into)
        head = self.commits[pull.head_commit]
        origin = self._origin(pull).files
        changed = {p: data for p, data in head.files.items() if origin.get(p) != data}
        made = self._store(
            {**self.commits[base].files, **changed}, "merge", {}, (base, pull.head_commit)
        )
        self.branches[into] = made
        self.pulls[number] = replace(
            pull, state=PullRequestState.MERGED, merge_commit=made, merged_by=by
        )
        return self.pulls[number]

    def push_files(self, files: Mapping[str, bytes], *, branch: str, message: str) -> str:
        """Commit straight to a branch, as a person with push rights would."""
        old = self.head(branch)
        made = self._store({**self.commits[old].files, **files}, message, {}, (old,))
        self.branches[branch] = made
        return made

    def _store(
        self,
        files: dict[str, bytes],
        text: str,
        trailers: Mapping[str, str],
        parents: tuple[str, ...],
    ) -> str:
        content = repr((sorted(files.items()), text, parents, len(self.commits)))
        made = hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()
        self.commits[made] = _Stored(files, trailers, text, parents, self.clock())
        return made
