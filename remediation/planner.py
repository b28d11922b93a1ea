"""From a finding to an exact, proved change, and from an approved change to a pull request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from core import drift, identity
from core.errors import (
    AlreadyDeclared,
    Declined,
    Generated,
    NoBlueprint,
    NotFound,
    ProofFailed,
    UnreadableTemplate,
)
from core.gate import Tier
from core.ports import Clock, Forge
from core.types import (
    Estate,
    FileChange,
    Finding,
    Fix,
    FixPlan,
    Link,
    Person,
    Proof,
)
from remediation import (
    changes,
    choice,
    completion,
    group,
    proof,
    record,
    terraform_plan,
    words,
)
from remediation.blueprint import ADVICE, BLUEPRINTS, Blueprint, load, ways
from remediation.draft import Draft
from remediation.proof import Evaluate, Judge, Version
from remediation.proposal import Proposals, Review, sha_of
from templates import Template, edit, read

VALIDITY = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class _Base:
    """A file as the base branch has it."""

    repository: str
    branch: str
    commit: str
    path: str
    data: bytes
    forge: Forge


class GitPlanner:
    """Implements `core.ports.Planner` on templates kept in Git.

    `evaluate` runs the policies on declared resources; it is given from outside because pillars
    do not know each other. `branches` names the base branch of repositories where it is not
    `branch`, `policy_commit` says at which commit a check's policy stands.
    """

    def __init__(  # noqa: PLR0913 - its collaborators and settings, keywords all
        self,
        forges: Mapping[str, Forge],
        *,
        evaluate: Evaluate,
        estate: Estate,
        clock: Clock,
        secret_key: bytes,
        validity: timedelta = VALIDITY,
        branch: str = "main",
        branches: Mapping[str, str] | None = None,
        lint: proof.Linter = proof.cfn_lint,
        policy_commit: Callable[[str], str] = lambda _check_id: "",
        review: Callable[[FixPlan], Review] = lambda _plan: Review(),
    ) -> None:
        load()
        self._forges = forges
        self._evaluate = evaluate
        self._estate = estate
        self._clock = clock
        self._key = secret_key
        self._validity = validity
        self._branch = branch
        self._branches = dict(branches or {})
        self._lint = lint
        self._proposals = Proposals(clock, policy_commit, review)

    def can_fix(self, check_id: str) -> bool:
        """Whether a blueprint exists for the check, or what is live can be recorded."""
        return check_id in BLUEPRINTS or check_id == drift.CHECK_ID

    def plan(self, finding: Finding, link: Link, *, order: Sequence[str] = ()) -> FixPlan:
        """Plan the change that puts a finding right where its resource is declared.

        Of several ways the first of `order` whose proofs hold; the fixed order where none is named.
        Raises: NoBlueprint, Declined, ProofFailed, ForgeError.
        """
        if finding.check_id == drift.CHECK_ID:
            return self._recorded(finding, link)
        blueprint = self._blueprint(finding.check_id)
        completion.refuse_generated_file(link, blueprint)
        if terraform_plan.is_terraform(link):
            return self._terraform(finding, link, blueprint)
        offered = choice.in_order(ways(finding.check_id), order)
        failed: dict[str, ProofFailed] = {}
        for way in offered:
            try:
                plan = self._declared(finding, link, way)
            except ProofFailed as error:
                failed[way.alternative] = error
                continue
            return choice.offering(plan, way, ways(finding.check_id), failed)
        raise failed[offered[0].alternative]

    def _declared(self, finding: Finding, link: Link, blueprint: Blueprint) -> FixPlan:
        """Plan one way to put a finding right in CloudFormation or SAM."""
        base = self._base(link.repository, link.path)
        reader = self._reader(link.repository, link.path, finding)
        before = Version({base.path: base.data}, reader(base.data))
        judge = Judge(self._evaluate)
        draft = Draft(base.data, read=reader)
        target = completion.target_of(
            draft, judge, finding, link.address, blueprint, estate=self._estate
        )
        blueprint.apply(target)
        completion.complete(target, before.read, judge)
        if draft.data == base.data:
            raise AlreadyDeclared("The template already says what the fix would say")
        after = Version({base.path: target.draft.data}, target.draft.template)
        declared = draft.declared[link.address]
        return self._bound(
            base,
            before.files,
            after.files,
            finding_uid=finding.uid,
            check_id=finding.check_id,
            summary=f"{blueprint.summary} ({link.address}, {link.path}:{declared.span.start_line})",
            proofs=proof.of_fix(
                before,
                after,
                finding.check_id,
                link.address,
                judge=judge,
                lint=self._lint,
            ),
            may_break=(*blueprint.may_break, *target.notes),
            asks_who_calls=blueprint.asks_who_calls,
            source=declared.span,
            tier=max((blueprint.tier, *draft.tiers), key=lambda tier: tier.rank),
        )

    def revert(self, plan: FixPlan) -> FixPlan:
        """Plan the inverse of an applied plan against the file as it is now.

        Raises: Declined when the lines were edited since, ForgeError.
        """
        before, undone = {}, {}
        for item in plan.changes:
            base = self._base(plan.repository, item.path)
            before[item.path] = base.data
            undone[item.path] = _undone(base, plan, item)
        return self._bound(
            base,
            before,
            undone,
            finding_uid=plan.finding_uid,
            check_id=plan.check_id,
            summary=f"Undo: {plan.summary}",
            proofs=self._revert_proofs(plan, before, undone),
            may_break=("The finding comes back: the resource is as it was before the fix",),
            asks_who_calls=False,
            source=plan.source,
            reverts=plan.digest,
            tier=plan.tier,
        )

    def is_outdated(self, plan: FixPlan) -> bool:
        """Whether the lines a plan edits, or their neighbours, were changed in its base branch."""
        forge = self._forge(plan.repository)
        head = forge.head(plan.base_branch)
        for item in plan.changes:
            present = sha_of(forge, item.path, head)
            if present in {item.before_sha256, item.after_sha256}:
                continue
            if not present:
                return True
            original = forge.file(item.path, commit=plan.base_commit)
            try:
                edit.rebase(item.edits, original, forge.file(item.path, commit=head))
            except Declined:
                return True
        return False

    def is_same_edit(self, approved: FixPlan, again: FixPlan) -> bool:
        """Whether a plan made again gives the very bytes that the approved edit gives there now.

        The approved edit is moved to where its lines, with their neighbours, stand unchanged; where
        they do not, it is another edit.
        """
        planned = {item.path: item for item in again.changes}
        if planned.keys() != {item.path for item in approved.changes}:
            return False
        forge = self._forge(approved.repository)
        for item in approved.changes:
            try:
                original = forge.file(item.path, commit=approved.base_commit)
                present = forge.file(item.path, commit=again.base_commit)
                moved = edit.apply(present, edit.rebase(item.edits, original, present))
            except (Declined, NotFound):
                return False
            if identity.sha256(moved) != planned[item.path].after_sha256:
                return False
        return True

    def adopt(self, plan: FixPlan, finding_uid: str, check_id: str) -> FixPlan:
        """Return the plan of the same change for another finding, bound to a digest of its own."""
        digest = changes.digest(
            finding=finding_uid,
            repository=plan.repository,
            branch=plan.base_branch,
            commit=plan.base_commit,
            changes=plan.changes,
            reverts=plan.reverts,
        )
        return replace(plan, finding_uid=finding_uid, check_id=check_id, digest=digest)

    def together(self, plans: Sequence[FixPlan]) -> tuple[FixPlan, ...]:
        """Return those of like plans that one branch can hold; none where they do not hold together."""
        forge = self._forge(plans[0].repository)
        head = forge.head(plans[0].base_branch)
        series = group.stacked(forge, [p for p in plans if group.fits(forge, p, head)])
        judge = Judge(self._evaluate)
        holds = group.hold_together(
            forge, series, reader=self._reader, judge=judge, lint=self._lint
        )
        return tuple(plan for plan, _ in series) if holds else ()

    def execute(self, plan: FixPlan, *, approvers: Sequence[Person], audit_head: str) -> Fix:
        """Commit, push and propose, exactly once however often it is called with this plan.

        Raises: BranchMoved when the file is no longer what was approved, ForgeError.
        """
        forge = self._forge(plan.repository)
        return self._proposals.propose(forge, plan, approvers=approvers, audit_head=audit_head)

    def execute_together(
        self,
        plans: Sequence[FixPlan],
        *,
        approvers: Mapping[str, Sequence[Person]],
        audit_head: str,
    ) -> tuple[Fix, ...]:
        """Commit each of like plans by itself, and propose them as one; exactly once, as `execute`.

        `approvers` are by digest. Raises: BranchMoved when a file is no longer what was approved,
        or when these plans do not fit on one branch; ForgeError.
        """
        forge = self._forge(plans[0].repository)
        return self._proposals.propose_together(
            forge, plans, approvers=approvers, audit_head=audit_head
        )

    # steps

    def _recorded(self, finding: Finding, link: Link) -> FixPlan:
        """Plan the commit that records in the template what is live."""
        if link.generated_by:
            raise Generated("The template is generated: an edit of it would be lost")
        base = self._base(link.repository, link.path)
        reader = self._reader(link.repository, link.path, finding)
        before = Version({base.path: base.data}, reader(base.data))
        draft = Draft(base.data, read=reader)
        summary = record.record(draft, finding, link.address)
        after = Version({base.path: draft.data}, draft.template)
        declared = draft.declared[link.address]
        return self._bound(
            base,
            before.files,
            after.files,
            finding_uid=finding.uid,
            check_id=finding.check_id,
            summary=f"{summary} ({link.address}, {link.path}:{declared.span.start_line})",
            proofs=proof.of_record(
                before,
                after,
                record.recorded(draft.template, finding, link.address),
                judge=Judge(self._evaluate),
                lint=self._lint,
            ),
            may_break=("The next deployment leaves the live state as it is, for good",),
            asks_who_calls=False,
            source=declared.span,
            tier=Tier.NETWORK,  # what was changed by hand may be anything
        )

    def _terraform(self, finding: Finding, link: Link, blueprint: Blueprint) -> FixPlan:
        """Plan a change of Terraform, which may reach several files of the tree."""
        forge = self._forge(link.repository)
        branch = self._branches.get(link.repository, self._branch)
        commit = forge.head(branch)
        made = terraform_plan.drafted(
            terraform_plan.files_of(forge, commit, terraform_plan.folder_of(link)),
            finding,
            link,
            blueprint,
            judge=Judge(self._evaluate),
            estate=self._estate,
            secret_key=self._key,
        )
        path = next(iter(made.before))
        base = _Base(link.repository, branch, commit, path, made.before[path], forge)
        return self._bound(
            base,
            made.before,
            made.after,
            finding_uid=finding.uid,
            check_id=finding.check_id,
            summary=f"{blueprint.summary} ({made.place})",
            proofs=made.proofs,
            may_break=(*blueprint.may_break, *made.notes),
            asks_who_calls=blueprint.asks_who_calls,
            source=made.span,
            tier=made.tier,
        )

    def _revert_proofs(
        self, plan: FixPlan, before: Mapping[str, bytes], undone: Mapping[str, bytes]
    ) -> Sequence[Proof]:
        if plan.changes[0].path.endswith((".tf", ".tfvars")):
            forge = self._forge(plan.repository)
            commit = forge.head(self._branches.get(plan.repository, self._branch))
            folder = plan.changes[0].path.rpartition("/")[0]
            files = terraform_plan.files_of(forge, commit, folder)
            return terraform_plan.revert_proofs(files, before, undone, secret_key=self._key)
        [(path, data)] = before.items()
        reader = self._reader(plan.repository, path)
        return proof.of_revert(
            Version(before, reader(data)), Version(undone, reader(undone[path])), lint=self._lint
        )

    def _blueprint(self, check_id: str) -> Blueprint:
        if check_id in BLUEPRINTS:
            return BLUEPRINTS[check_id]
        if check_id in ADVICE:
            raise Declined(ADVICE[check_id])
        raise NoBlueprint(f"No blueprint exists for {words.one_line(check_id, limit=60)}")

    def _forge(self, repository: str) -> Forge:
        if repository not in self._forges:
            raise Declined(f"No forge is set up for {words.one_line(repository, limit=80)}")
        return self._forges[repository]

    def _base(self, repository: str, path: str) -> _Base:
        forge = self._forge(repository)
        branch = self._branches.get(repository, self._branch)
        commit = forge.head(branch)
        try:
            data = forge.file(path, commit=commit)
        except NotFound as error:
            raise Declined(f"{words.one_line(path)} is no longer in {branch}") from error
        return _Base(repository, branch, commit, path, data, forge)

    def _reader(
        self, repository: str, path: str, finding: Finding | None = None
    ) -> Callable[[bytes], Template]:
        def reader(data: bytes) -> Template:
            try:
                return read(
                    data,
                    file=path,
                    repository=repository,
                    secret_key=self._key,
                    region=finding.region if finding else "",
                    account=finding.account if finding else "",
                )
            except UnreadableTemplate as error:
                raise Declined(f"{words.one_line(path)} cannot be read: {error}") from error

        return reader

    def _bound(
        self,
        base: _Base,
        before: Mapping[str, bytes],
        after: Mapping[str, bytes],
        **facts: Any,
    ) -> FixPlan:
        """Refuse a plan with a broken proof; bind the rest to its digest."""
        facts["proofs"] = tuple(
            replace(p, detail=words.redact(p.detail, key=self._key)) for p in facts["proofs"]
        )
        broken = [p for p in facts["proofs"] if not p.held and proof.is_required(p)]
        if broken:
            raise ProofFailed(f"The fix does not hold: {broken[0].name} ({broken[0].detail})")
        made = tuple(changes.change(path, data, after[path]) for path, data in before.items())
        diffs = [edit.diff(path, data, after[path]) for path, data in before.items()]
        reverts = facts.get("reverts", "")
        now = self._clock()
        return FixPlan(
            digest=changes.digest(
                finding=facts["finding_uid"],
                repository=base.repository,
                branch=base.branch,
                commit=base.commit,
                changes=made,
                reverts=reverts,
            ),
            repository=base.repository,
            base_branch=base.branch,
            base_commit=base.commit,
            changes=made,
            diff=words.redact("".join(diffs), key=self._key),
            created_at=now,
            valid_until=now + self._validity,
            **facts,
        )


def _undone(base: _Base, plan: FixPlan, item: FileChange) -> bytes:
    """Return a file of today without a plan's change."""
    if identity.sha256(base.data) == item.before_sha256:
        raise Declined("The change is not in the base branch, so there is nothing to undo")
    original = base.forge.file(item.path, commit=plan.base_commit)
    if identity.sha256(original) != item.before_sha256:
        raise Declined("The file the plan was made for can no longer be found")
    planned = edit.apply(original, item.edits)
    undo = edit.rebase(edit.inverse(original, item.edits), planned, base.data)
    return edit.apply(base.data, undo)
