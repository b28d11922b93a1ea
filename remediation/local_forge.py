"""A Git forge on this machine: a bare repository with pull requests and branch protection.

Pull requests are JSON files beside the objects (`plumbline/pulls/<number>.json`), written whole
under one lock. What Git knows (is the branch merged?) is always asked of Git, so that a crash
between moving a branch and writing the record leaves nothing to repair by hand.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.errors import BranchMoved, ForgeError, NotAllowed, NotFound
from core.ports import Clock, Commit
from core.types import Checks, ChecksState, PullRequest, PullRequestState
from remediation import codeowners, words
from remediation.git_store import (
    ABSENT,
    GitStore,
    MergeConflict,
    Signer,
    now,
    write_atomically,
)


@dataclass(frozen=True, slots=True)
class Protection:
    """What must hold before a branch takes a merge. Empty `mergers` admits everyone."""

    mergers: tuple[str, ...] = ()
    required_approvals: int = 0
    require_signed: bool = True


@dataclass(frozen=True, slots=True)
class LocalPullRequest:
    """A pull request as this forge keeps it."""

    number: int
    branch: str
    into: str
    title: str
    body: str
    author: str
    opened_at: str
    head_commit: str
    state: PullRequestState = PullRequestState.OPEN
    merge_commit: str = ""
    merged_by: str = ""
    approvals: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


class LocalForge:
    """Implements `core.ports.Forge`, and what a forge's own page needs: list, diff, merge."""

    def __init__(  # noqa: PLR0913 - an adapter's settings, keywords all
        self,
        path: Path,
        *,
        url: str,
        signing_key: Path,
        author_name: str = "Plumbline",
        author_email: str = "plumbline@localhost",
        repository: str = "",
        clock: Clock = now,
    ) -> None:
        self.repository = repository or path.name.removesuffix(".git")
        self.store = GitStore(
            path, signer=Signer(signing_key, author_name, author_email), clock=clock
        )
        self._url = url.rstrip("/")
        self._author = author_name
        self._clock = clock
        self._folder = path / "plumbline"

    @classmethod
    def create(  # noqa: PLR0913 - see __init__
        cls,
        path: Path,
        *,
        files: Mapping[str, bytes],
        branch: str = "main",
        author: str = "Platform team",
        message: str = "Describe the infrastructure",
        protection: Protection | None = None,
        **options: Any,
    ) -> "LocalForge":
        """Create the repository with a first commit holding `files`; keep one that exists."""
        forge = cls(path, **options)
        GitStore.create(path, branch=branch, signer=forge.store.signer, clock=forge._clock)
        forge._folder.joinpath("pulls").mkdir(parents=True, exist_ok=True)
        if forge.find_branch(branch) is None:
            forge.push_files(files, branch=branch, author=author, message=message)
        if protection is not None:
            forge.protect(branch, protection)
        return forge

    # what the port asks for

    def head(self, branch: str) -> str:
        """Return the commit a branch points at. Raises: NotFound."""
        found = self.find_branch(branch)
        if found is None:
            raise NotFound(f"{self.repository} has no branch {words.one_line(branch, limit=60)}")
        return found

    def find_branch(self, branch: str) -> str | None:
        """Return the commit of a branch, None where there is no such branch."""
        return self.store.resolve(f"refs/heads/{words.check_branch(branch)}")

    def file(self, path: str, *, commit: str) -> bytes:
        """Return a file's bytes at a commit. Raises: NotFound."""
        return self.store.file(path, commit=commit)

    def files(self, *, commit: str) -> tuple[str, ...]:
        """List the paths of a commit."""
        return self.store.files(commit=commit)

    def lines_url(self, path: str, *, commit: str, first: int, last: int) -> str:  # noqa: ARG002  # the page has one anchor a line
        """Return where the forge's page shows the first of these lines."""
        place = f"{quote(words.check_path(path))}?commit={words.check_commit(commit)}#L{first}"
        return f"{self._url}/files/{place}" if self._url else ""

    def changed_at(self, path: str, *, commit: str) -> datetime | None:
        """Return when a file was last changed up to a commit; None where that is not known."""
        return self.store.changed_at(path, commit=commit)

    def commit_signed(self, commit: Commit, *, base: str) -> str:
        """Write a signed commit on a new branch; the same commit made before is returned.

        Raises: BranchMoved when the branch holds something else, ForgeError.
        """
        return self.commit_series((commit,), base=base)[-1]

    def commit_series(self, commits: Sequence[Commit], *, base: str) -> tuple[str, ...]:
        """Write signed commits on a new branch, each on the one before; see commit_signed."""
        branch = commits[0].branch
        tip = self.find_branch(branch)
        if tip is None:
            made = self.store.write_series(commits, base=base)
            try:
                self._publish(branch, made[-1])
            except BranchMoved:
                tip = self.find_branch(branch)  # somebody else was first
            else:
                return made
        known = self.store.series(tip, commits) if tip else ()
        if not known:
            raise BranchMoved(f"Branch {branch} exists with another change")
        return known

    def _publish(self, branch: str, commit: str) -> None:
        self.store.move(f"refs/heads/{branch}", new=commit, old=ABSENT)

    def open_pull_request(self, *, branch: str, into: str, title: str, body: str) -> PullRequest:
        """Open a pull request, or return the one this branch already has, whatever its state."""
        with self._locked():
            for known in self._records():
                if known.branch == branch and known.into == into:
                    return self._shown(known)
            self.head(into)
            record = LocalPullRequest(
                number=max((r.number for r in self._records()), default=0) + 1,
                branch=branch,
                into=into,
                title=words.one_line(title),
                body=body,
                author=self._author,
                opened_at=self._clock().isoformat(),
                head_commit=self.head(branch),
            )
            self._save(record)
        return self._shown(record)

    def pull_request(self, number: int) -> PullRequest:
        """Return a pull request as it stands now. Raises: NotFound."""
        return self._shown(self.details(number))

    def audit_heads(self, branch: str) -> tuple[str, ...]:
        """List the audit heads that our own signed commits on a branch are anchored to."""
        return self.store.audit_heads(self.head(branch))

    def close_pull_request(self, number: int) -> PullRequest:
        """Close a pull request without merging it; one that is merged stays so."""
        with self._locked():
            record = self._record(number)
            if record.state is PullRequestState.OPEN:
                record = replace(record, state=PullRequestState.CLOSED)
                self._save(record)
        return self._shown(record)

    def owners(self, paths: Sequence[str], *, commit: str) -> tuple[str, ...]:
        """Name whom the CODEOWNERS file of a commit makes owners of files, as GitHub reads it."""
        return codeowners.owners(
            lambda path: self.file(path, commit=commit), paths, dialect=codeowners.Dialect.GITHUB
        )

    def ask_review(
        self, number: int, *, labels: Sequence[str], reviewers: Sequence[str]
    ) -> tuple[str, ...]:
        """Label a pull request and name its reviewers; there is nobody this forge could refuse."""
        with self._locked():
            record = self._record(number)
            self._save(replace(record, labels=tuple(labels), reviewers=tuple(reviewers)))
        return ()

    def comment(self, number: int, text: str) -> None:
        """Say something on a pull request; the same words are said once."""
        with self._locked():
            record = self._record(number)
            said = tuple(dict.fromkeys((*record.comments, text)))
            self._save(replace(record, comments=said))

    def shortcomings(self) -> tuple[str, ...]:
        """Return nothing: this forge merges with merge commits only."""
        return ()

    # what the forge's own page asks for

    def record_check(self, commit: str, *, name: str, state: ChecksState) -> None:
        """Record how a check of a commit went, as a build server would."""
        with self._locked():
            path = self._checks_file(commit)
            path.parent.mkdir(exist_ok=True)
            known = json.loads(path.read_text()) if path.exists() else {}
            write_atomically(path, json.dumps({**known, name: state.value}).encode())

    def pull_requests(self) -> tuple[LocalPullRequest, ...]:
        """List every pull request, newest first."""
        return tuple(self.details(r.number) for r in reversed(tuple(self._records())))

    def details(self, number: int) -> LocalPullRequest:
        """Return a pull request with its title, body and approvals. Raises: NotFound."""
        with self._locked():
            return self._record(number)

    def diff(self, number: int) -> str:
        """Return the unified diff that a pull request proposes."""
        record = self.details(number)
        base = self.store.text("merge-base", self._base(record), record.head_commit)
        return self.store.diff(base, record.head_commit)

    def is_signed(self, number: int) -> bool:
        """Whether the head commit carries a good signature by our key."""
        return self.store.verified(self.details(number).head_commit)

    def approve(self, number: int, *, by: str) -> LocalPullRequest:
        """Record an approval. Raises: NotAllowed when the author approves their own change."""
        with self._locked():
            record = self._record(number)
            if by == record.author:
                raise NotAllowed("The author of a pull request cannot approve it")
            record = replace(record, approvals=tuple(dict.fromkeys((*record.approvals, by))))
            self._save(record)
        return record

    def merge(self, number: int, *, by: str) -> PullRequest:
        """Merge with a merge commit, so that the signed commit survives as it is.

        Raises: NotAllowed by the branch protection, ForgeError when closed or in conflict.
        """
        with self._locked():
            record = self._record(number)
            if record.state is not PullRequestState.OPEN:
                if record.state is PullRequestState.MERGED:
                    return self._shown(record)
                raise ForgeError(f"Pull request {number} is closed")
            self._check_protection(record, by)
            record = self._merged(record, by)
        return self._shown(record)

    def protect(self, branch: str, protection: Protection) -> None:
        """Set what must hold before a branch takes a merge."""
        with self._locked():
            rules = {b: asdict(p) for b, p in self._protections().items()}
            rules[words.check_branch(branch)] = asdict(protection)
            write_atomically(self._folder / "protection.json", json.dumps(rules).encode())

    def push_files(
        self,
        files: Mapping[str, bytes],
        *,
        branch: str,
        message: str,
        author: str = "Platform team",
    ) -> str:
        """Commit files straight to a branch, unsigned, as a person with push rights would."""
        old = self.find_branch(branch)
        commit = Commit(branch=branch, message=message, files=files, trailers={})
        made = self.store.write_commit(
            commit, parents=(old,) if old else (), sign=False, author=author
        )
        self.store.move(f"refs/heads/{words.check_branch(branch)}", new=made, old=old or ABSENT)
        return made

    def _check_protection(self, record: LocalPullRequest, by: str) -> None:
        rule = self._protections().get(record.into, Protection(require_signed=False))
        if rule.mergers and by not in rule.mergers:
            raise NotAllowed(f"{words.one_line(by, limit=60)} may not merge into {record.into}")
        if len(record.approvals) < rule.required_approvals:
            missing = rule.required_approvals - len(record.approvals)
            raise NotAllowed(f"{missing} more approval(s) are needed before this can be merged")
        if rule.require_signed and not self.store.verified(record.head_commit):
            raise NotAllowed("The commit is not signed by a key this repository allows")

    def _merged(self, record: LocalPullRequest, by: str) -> LocalPullRequest:
        base = self._base(record)
        tip = self.head(record.branch)
        if tip != record.head_commit:
            raise BranchMoved(f"Branch {record.branch} moved since the pull request was opened")
        text = words.message(
            f"Merge pull request #{record.number} from {record.branch}", record.title, {}
        )
        made = self.store.write_tree(
            self.store.merge_tree(base, tip), parents=(base, tip), text=text, sign=False, author=by
        )
        # The intention is recorded first: after a crash Git itself says whether the branch took it.
        self._save(replace(record, merge_commit=made, merged_by=by))
        self.store.move(f"refs/heads/{record.into}", new=made, old=base)
        merged = replace(record, state=PullRequestState.MERGED, merge_commit=made, merged_by=by)
        self._save(merged)
        return merged

    def _base(self, record: LocalPullRequest) -> str:
        if record.state is PullRequestState.MERGED:
            return self.store.text("rev-parse", f"{record.merge_commit}^1")
        return self.head(record.into)

    def _protections(self) -> dict[str, Protection]:
        path = self._folder / "protection.json"
        rules = json.loads(path.read_text()) if path.exists() else {}
        return {
            branch: Protection(tuple(r["mergers"]), r["required_approvals"], r["require_signed"])
            for branch, r in rules.items()
        }

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.joinpath("pulls").mkdir(parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _numbers(self) -> Sequence[int]:
        return sorted(int(p.stem) for p in self._folder.glob("pulls/*.json") if p.stem.isdigit())

    def _records(self) -> Iterator[LocalPullRequest]:
        return (self._record(number) for number in self._numbers())

    def _record(self, number: int) -> LocalPullRequest:
        path = self._folder / "pulls" / f"{int(number)}.json"
        if not path.exists():
            raise NotFound(f"{self.repository} has no pull request {int(number)}")
        raw = json.loads(path.read_text())
        raw["state"] = PullRequestState(raw["state"])
        for key in ("approvals", "labels", "reviewers", "comments"):
            raw[key] = tuple(raw.get(key, ()))
        return self._settled(LocalPullRequest(**raw))

    def _settled(self, record: LocalPullRequest) -> LocalPullRequest:
        """Finish what a crash, or a push from outside, left between Git and the record."""
        if record.state is not PullRequestState.OPEN:
            return record
        base = self.find_branch(record.into)
        if base and self.store.is_ancestor(record.head_commit, base):
            made = record.merge_commit or base
            record = replace(record, state=PullRequestState.MERGED, merge_commit=made)
        elif record.merge_commit:
            record = replace(record, merge_commit="", merged_by="")
        else:
            return record
        self._save(record)
        return record

    def _save(self, record: LocalPullRequest) -> None:
        path = self._folder / "pulls" / f"{record.number}.json"
        write_atomically(path, json.dumps(asdict(record), indent=1).encode())

    def _checks_file(self, commit: str) -> Path:
        return self._folder / "checks" / f"{words.check_commit(commit)}.json"

    def _checks(self, commit: str) -> Checks:
        path = self._checks_file(commit)
        known = json.loads(path.read_text()) if path.exists() else {}
        failed = tuple(n for n, state in known.items() if state == ChecksState.FAILED)
        if failed:
            return Checks(ChecksState.FAILED, failed)
        states = set(known.values())
        if not states:
            return Checks()
        is_passed = states == {ChecksState.PASSED.value}
        return Checks(ChecksState.PASSED if is_passed else ChecksState.PENDING)

    def _has_conflict(self, record: LocalPullRequest) -> bool:
        """Whether the branch can no longer be merged as it is."""
        try:
            self.store.merge_tree(self.head(record.into), record.head_commit)
        except MergeConflict:
            return True
        return False

    def _shown(self, record: LocalPullRequest) -> PullRequest:
        is_open = record.state is PullRequestState.OPEN
        return PullRequest(
            repository=self.repository,
            number=record.number,
            url=f"{self._url}/pulls/{record.number}",
            branch=record.branch,
            state=record.state,
            head_commit=record.head_commit,
            merge_commit=record.merge_commit if record.state is PullRequestState.MERGED else "",
            merged_by=record.merged_by if record.state is PullRequestState.MERGED else "",
            checks=self._checks(record.head_commit) if is_open else Checks(),
            approved_by=record.approvals,
            has_conflict=is_open and self._has_conflict(record),
        )
