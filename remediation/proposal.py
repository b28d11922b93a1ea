"""Puts approved plans forward: signed commits on a branch, and the pull request that asks for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core import identity
from core.errors import BranchMoved, NotFound, ProofFailed
from core.ports import Clock, Commit, Forge
from core.types import FileChange, Fix, FixPlan, FixState, Person, PullRequest, PullRequestState
from remediation import group, pull_request, words
from templates import edit

_STATES = {
    PullRequestState.OPEN: FixState.PULL_REQUEST,
    PullRequestState.MERGED: FixState.MERGED,
    PullRequestState.CLOSED: FixState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Review:
    """How a pull request is labelled, and who is asked beside those whom CODEOWNERS names."""

    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    code_owners: bool = True


@dataclass(frozen=True, slots=True)
class Proposals:
    """Commits plans and opens their pull requests at a forge.

    Nothing is remembered here: branch and pull request are found again at the forge by the plan's
    digest, so a crash at any step is repaired by calling again. `policy_commit` says at which
    commit a check's policy stands.
    """

    clock: Clock
    policy_commit: Callable[[str], str]
    review: Callable[[FixPlan], Review]

    def propose(
        self, forge: Forge, plan: FixPlan, *, approvers: Sequence[Person], audit_head: str
    ) -> Fix:
        """Commit, push and propose, exactly once however often it is called with this plan.

        Raises: BranchMoved when the file is no longer what was approved, ForgeError.
        """
        commit = self._commit(forge, plan, approvers, audit_head)
        tip = self._committed(forge, plan, commit)
        opened = forge.open_pull_request(
            branch=commit.branch,
            into=plan.base_branch,
            title=pull_request.title_of(plan),
            body=pull_request.body_of(plan, approvers=approvers),
        )
        notes = "; ".join(self._asked(forge, (plan,), opened))
        return self._fix(plan, opened, commit=tip or opened.head_commit, notes=notes)

    def _fix(self, plan: FixPlan, opened: PullRequest, *, commit: str, notes: str) -> Fix:
        return Fix(
            plan_digest=plan.digest,
            finding_uid=plan.finding_uid,
            state=_STATES[opened.state],
            updated_at=self.clock(),
            commit=commit,
            pull_request=opened,
            detail=notes,
        )

    def _asked(
        self, forge: Forge, plans: Sequence[FixPlan], opened: PullRequest
    ) -> tuple[str, ...]:
        """Label the pull request and ask for its review; say whom the forge refused."""
        if opened.state is not PullRequestState.OPEN:
            return ()
        reviews = [self.review(plan) for plan in plans]
        owners: tuple[str, ...] = ()
        if reviews[0].code_owners:
            paths = [each.path for plan in plans for each in plan.changes]
            owners = forge.owners(paths, commit=forge.head(plans[0].base_branch))
        labels = dict.fromkeys(label for review in reviews for label in review.labels)
        named = dict.fromkeys((*owners, *(r for review in reviews for r in review.reviewers)))
        return forge.ask_review(opened.number, labels=tuple(labels), reviewers=tuple(named))

    def propose_together(
        self,
        forge: Forge,
        plans: Sequence[FixPlan],
        *,
        approvers: Mapping[str, Sequence[Person]],
        audit_head: str,
    ) -> tuple[Fix, ...]:
        """Commit each of like plans by itself, and propose them as one; exactly once, as `propose`.

        `approvers` are by digest. Raises: BranchMoved when a file is no longer what was approved,
        or when these plans do not fit on one branch; ForgeError.
        """
        branch, into = pull_request.group_branch_of(plans), plans[0].base_branch
        head = forge.head(into)
        known = forge.find_branch(branch) is not None
        series = group.stacked(forge, plans)
        if len(series) != len(plans) or not (
            known or all(group.fits(forge, plan, head) for plan in plans)
        ):
            raise BranchMoved("A file changed since these fixes were planned")
        commits = [
            replace(self._described(plan, files, approvers[plan.digest], audit_head), branch=branch)
            for plan, files in series
        ]
        made = forge.commit_series(commits, base=head)
        opened = forge.open_pull_request(
            branch=branch,
            into=into,
            title=pull_request.group_title_of(plans),
            body=pull_request.group_body_of(plans, approvers=approvers),
        )
        notes = "; ".join(self._asked(forge, plans, opened))
        return tuple(
            self._fix(plan, opened, commit=commit, notes=notes)
            for plan, commit in zip(plans, made, strict=True)
        )

    def _commit(
        self, forge: Forge, plan: FixPlan, approvers: Sequence[Person], audit_head: str
    ) -> Commit:
        files: dict[str, bytes] = {}
        for item in plan.changes:
            data = _planned_on(forge, plan, item)
            if identity.sha256(data) != item.after_sha256:
                raise ProofFailed("The plan's edits no longer give the bytes that were approved")
            files[item.path] = data
        return self._described(plan, files, approvers, audit_head)

    def _described(
        self,
        plan: FixPlan,
        files: Mapping[str, bytes],
        approvers: Sequence[Person],
        audit_head: str,
    ) -> Commit:
        return Commit(
            branch=pull_request.branch_of(plan),
            message=f"{pull_request.title_of(plan)}\n\n{plan.summary}",
            files=files,
            trailers=pull_request.trailers_of(
                plan,
                approvers=approvers,
                audit_head=audit_head,
                policy_commit=self.policy_commit(plan.check_id),
            ),
        )

    def _committed(self, forge: Forge, plan: FixPlan, commit: Commit) -> str:
        """Return the commit on the plan's branch; empty when it is merged and the branch gone."""
        if forge.find_branch(commit.branch) is not None:
            return forge.commit_signed(commit, base=plan.base_commit)
        head = forge.head(plan.base_branch)
        present = {c.path: sha_of(forge, c.path, head) for c in plan.changes}
        if all(present[c.path] == c.after_sha256 for c in plan.changes):
            return ""
        moved = [c.path for c in plan.changes if present[c.path] != c.before_sha256]
        if moved:
            raise BranchMoved(f"{words.one_line(moved[0])} changed since the plan was made")
        return forge.commit_signed(commit, base=head)


def _planned_on(forge: Forge, plan: FixPlan, item: FileChange) -> bytes:
    try:
        original = forge.file(item.path, commit=plan.base_commit)
    except NotFound as error:
        raise BranchMoved("The commit the plan was made for is gone") from error
    return edit.apply(original, item.edits)


def sha_of(forge: Forge, path: str, commit: str) -> str:
    """Return the hash of a file at a commit, empty where it is not there."""
    try:
        return identity.sha256(forge.file(path, commit=commit))
    except NotFound:
        return ""
