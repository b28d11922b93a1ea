"""An approved plan on its way: committed, proposed, followed, verified, and undone if need be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app import gates, grouping, hold, live
from app.trial import Trials
from app.world import World
from core import claim, join, quorum
from core import scan as scanning
from core.errors import BranchMoved, Declined, NotAllowed
from core.ports import Chat
from core.types import (
    Decision,
    DecisionKind,
    Fix,
    FixPlan,
    FixState,
    Person,
    PullRequest,
    Status,
)
from core.workflow import REMEDIATION, VERIFY_FOR, Done, Outcome, Result, Waiting

_NEXT = (
    (FixState.PLANNED, "automatic_fix"),
    (FixState.APPROVED, "execute"),
    (FixState.PULL_REQUEST, "follow"),
    (FixState.MERGED, "verify"),
    (FixState.APPLIED, "verify"),
)
_NAMED = 5
"""Resources that a sentence names; of more it says how many."""
_OUT = (FixState.MERGED, FixState.APPLIED)
"""The change was made; whether the finding is gone is looked at from here on."""
_OUTCOMES = {
    FixState.PULL_REQUEST: Outcome.PROPOSED,
    FixState.APPLIED: Outcome.APPLIED,
    FixState.MERGED: Outcome.MERGED,
}


class Fixing:
    """Takes the fixes of one world from approval to verification."""

    def __init__(self, world: World, chat: Chat, *, clock: Callable[[], datetime]) -> None:
        self._world = world
        self._chat = chat
        self._clock = clock
        self.trials = Trials(world, chat, clock=clock)

    def joined(self, plan: FixPlan, carrier: Fix) -> str:
        """Give a plan the pull request that makes its change already; say which, in its thread."""
        fix, sentence = self._join(plan, carrier)
        self.go_on(fix)
        return sentence

    def _join(self, plan: FixPlan, carrier: Fix) -> tuple[Fix, str]:
        now, state = self._clock(), carrier.state
        if state is FixState.VERIFIED:
            state = FixState.MERGED  # verified for the other; this one may not be deployed yet
        fix = replace(
            carrier,
            plan_digest=plan.digest,
            finding_uid=plan.finding_uid,
            state=state,
            updated_at=now,
            detail="",
        )
        self._world.store.save_fix(fix)
        url = carrier.pull_request.url if carrier.pull_request else ""
        sentence = (
            f"Pull request {url} {'undoes' if plan.reverts else 'makes'} this change already: "
            f"{self.name_of(carrier)} is declared in the same place. "
            "Once it is deployed, this finding is verified for itself."
        )
        self._chat.say(plan.finding_uid, sentence)
        return fix, sentence

    def name_of(self, fix: Fix) -> str:
        """Return the name of the resource a fix is for."""
        return self._world.store.card(fix.finding_uid).finding.resource_name

    def execute(self, payload: Mapping[str, Any]) -> Result:
        """Propose an approved plan, or join the fix that makes its change already.

        Raises: NotAllowed when nobody and no gate has approved the plan.
        """
        store = self._world.store
        plan = store.plan(str(payload["plan_digest"]))
        standing = store.fix(plan.digest)
        if standing is None:
            raise NotAllowed("This plan has not been approved, so nothing is changed.")
        is_broken_off = plan.live is not None and standing.state is FixState.FAILED
        if standing.state is not FixState.APPROVED and not is_broken_off:
            return self.made(standing)  # the worker was stopped after this was recorded
        carrier = join.carrier(store, plan, own=standing)
        if carrier and carrier.pull_request:
            return self.made(self._join(plan, carrier)[0])
        if carrier:  # approved just before; should its commit fail, this one is made
            return self._later()
        held = self._held(plan, standing)
        if held:
            return held
        if self._proposed_together(plan):
            return self.made(store.fix(plan.digest) or standing)
        try:
            fix = self._world.planner_of(plan).execute(
                self._answered(plan, at=standing.updated_at),
                approvers=self._approvers(plan, at=standing.updated_at),
                audit_head=store.audit_head(),
            )
        except BranchMoved as error:
            self._branch_moved(plan, error)
            return Done(Outcome.MOVED, plan.digest)
        store.save_fix(fix)
        if plan.live:
            self._chat.say(plan.finding_uid, live.done_sentence(plan), once=f"live {plan.digest}")
        if fix.pull_request:
            self._opened(plan, fix, fix.pull_request)
        return self.made(fix)

    def _proposed_together(self, plan: FixPlan) -> bool:
        """Propose a plan together with the like ones that are approved; whether there were any."""
        store = self._world.store
        plans = self._group(plan)
        if len(plans) < 2:
            return False
        states = {each.digest: store.fix(each.digest) for each in plans}
        at = {digest: fix.updated_at if fix else self._clock() for digest, fix in states.items()}
        try:
            fixes = self._world.planner.execute_together(
                [self._answered(each, at=at[each.digest]) for each in plans],
                approvers={
                    each.digest: self._approvers(each, at=at[each.digest]) for each in plans
                },
                audit_head=store.audit_head(),
            )
        except BranchMoved:
            grouping.end(self._world, plan)  # each goes by itself, and says what became of it
            return False
        for each, fix in zip(plans, fixes, strict=True):
            standing = states[each.digest]
            if standing and standing.state is FixState.APPROVED:
                beside = tuple(sorted(self.name_of(other) for other in fixes if other is not fix))
                store.save_fix(replace(fix, beside=beside))
                if fix.pull_request:
                    self._opened(each, fix, fix.pull_request, beside=beside)
        grouping.end(self._world, plan)
        return True

    def _group(self, plan: FixPlan) -> tuple[FixPlan, ...]:
        """Return the plans that go into one pull request with this one; nothing where none do."""
        store, now = self._world.store, self._clock()
        known = grouping.begun(self._world, plan)
        if known:
            return tuple(store.plan(digest) for digest in known)
        gate = gates.in_force(self._world).of(store.card(plan.finding_uid).finding)
        if gate.group is None or plan.live:
            return ()
        ready = [
            other
            for fix, other in grouping.approved(self._world, plan)
            if other.digest == plan.digest or hold.of(self._world, other, fix, now=now) is None
        ]
        if len(ready) < 2:
            return ()
        plans = self._world.planner.together(ready[: gate.group.most])
        if len(plans) < 2 or plan.digest not in {each.digest for each in plans}:
            return ()
        grouping.begin(self._world, plans)
        return plans

    def _opened(
        self, plan: FixPlan, fix: Fix, opened: PullRequest, *, beside: Sequence[str] = ()
    ) -> None:
        """Say where a fix is proposed, and tell the pull request that it replaces."""
        said = f"Commit {fix.commit[:10]} is signed; pull request {opened.url}"
        if beside:
            like = "1 like fix" if len(beside) == 1 else f"{len(beside)} like fixes"
            more = f" and {len(beside) - _NAMED} more" if len(beside) > _NAMED else ""
            named = ", ".join(beside[:_NAMED])
            said += f" proposes it together with {like}, a commit for each: {named}{more}"
        noted = f". Not everybody could be asked for review: {fix.detail}" if fix.detail else ""
        self._chat.say(plan.finding_uid, f"{said}{noted}")
        earlier = self._world.store.fix(plan.replaces) if plan.replaces else None
        if earlier and earlier.pull_request:
            forge = self._world.forge_of(plan.repository)
            forge.comment(earlier.pull_request.number, f"Replaced by {opened.url}")

    def made(self, fix: Fix) -> Done:
        """Show where a fix stands, and say what that is as the end of a step."""
        self._chat.post_card(self._world.store.card(fix.finding_uid))
        return Done(_OUTCOMES.get(fix.state, Outcome.ENDED), fix.plan_digest)

    def _later(self) -> Waiting:
        return Waiting(self._clock() + timedelta(seconds=self._world.settings.scan.follow_s))

    def _held(self, plan: FixPlan, fix: Fix) -> Result | None:
        """Have a fix wait, or be approved again, if something holds it back; say so once."""
        store = self._world.store
        held = hold.of(self._world, plan, fix, now=self._clock())
        if held is None:
            return None
        if held.until is None:
            self._ask_again(plan)
        if fix.detail != held.reason:
            state = fix.state if held.until else FixState.NONE
            store.save_fix(replace(fix, state=state, detail=held.reason))
            self._chat.post_card(store.card(fix.finding_uid))
            self._chat.say(fix.finding_uid, f"Nothing is changed yet: {held.reason}")
        return Waiting(held.until) if held.until else Done(Outcome.ASKED_AGAIN, plan.digest)

    def _ask_again(self, plan: FixPlan) -> None:
        """Bind a plan to what the gates need now, so that its next approval is held to that."""
        store = self._world.store
        current = store.current_plan(plan.finding_uid)
        if current and current.digest == plan.digest:
            gate = gates.in_force(self._world).of(store.card(plan.finding_uid).finding)
            store.save_plan(replace(current, terms=gate.terms(plan.tier)))

    def go_on(self, fix: Fix) -> None:
        """Queue what comes next for a fix; once, however often this is called."""
        following = REMEDIATION.after("execute", self.made(fix).outcome)
        if following:
            due = self._later().until
            payload = {"plan_digest": fix.plan_digest}
            self._world.store.enqueue(following.name, fix.plan_digest, payload, run_at=due)

    def resume(self) -> int:
        """Queue the next step of every fix that is under way; return how many fixes those are.

        A crash between recording a state and queueing what follows would leave it there for ever.
        """
        store, after = self._world.store, dict(_NEXT)
        fixes = store.fixes(states=[state.value for state in after])
        for fix in fixes:
            payload = {"plan_digest": fix.plan_digest}
            store.enqueue(after[fix.state], fix.plan_digest, payload)
        for plan in live.unfinished(store):  # broken off, and not undone to the end
            store.enqueue("execute", plan.digest, {"plan_digest": plan.digest})
        self.trials.resume()
        return len(fixes)

    def _approvers(self, plan: FixPlan, *, at: datetime) -> tuple[Person, ...]:
        """Return everybody whose approval counted when a plan went ahead; else what let it."""
        decisions = self._world.store.decisions(plan.finding_uid)
        held = quorum.approvals(plan, decisions, at=at)
        return tuple(each.person for each in held) or _deciders(
            decisions, plan.digest, DecisionKind.AUTO_FIX
        )

    def _answered(self, plan: FixPlan, *, at: datetime) -> FixPlan:
        """Return a plan that says who calls as those said whose approval counted."""
        decisions = self._world.store.decisions(plan.finding_uid)
        return claim.with_answers(plan, quorum.approvals(plan, decisions, at=at))

    def _branch_moved(self, plan: FixPlan, error: BranchMoved) -> None:
        """Give up a plan whose file changed before it was committed, and have it made again."""
        fix = Fix(plan.digest, plan.finding_uid, FixState.FAILED, self._clock(), detail=str(error))
        self._world.store.save_fix(fix)
        self._chat.post_card(self._world.store.card(plan.finding_uid))
        self._world.store.enqueue("moved", plan.digest, {"plan_digest": plan.digest})

    def give_up(self, digest: str, reason: str) -> None:
        """Put an approved fix that could not be made where people can decide again."""
        store = self._world.store
        fix = store.fix(digest)
        if fix and fix.state is FixState.APPROVED:
            now = self._clock()
            store.save_fix(replace(fix, state=FixState.FAILED, detail=reason, updated_at=now))
            self._chat.post_card(store.card(fix.finding_uid))

    def abandon_inverse(self, original: FixPlan, detail: str) -> None:
        """Give up an inverse plan that no longer applies, so that the next revert makes its own."""
        store = self._world.store
        begun = store.current_plan(original.finding_uid)
        if begun and begun.reverts == original.digest:
            now = self._clock()
            store.save_fix(
                Fix(begun.digest, begun.finding_uid, FixState.FAILED, now, detail=detail)
            )

    def verify(self, payload: Mapping[str, Any]) -> Result:
        """See whether what was merged is deployed, and look again until it is."""
        store = self._world.store
        digest = str(payload["plan_digest"])
        fix, plan = store.fix(digest), store.plan(digest)
        if fix is None or fix.state not in _OUT:
            return Done(Outcome.ENDED, digest)
        card = scanning.recheck(self._world.scanner(), store.card(fix.finding_uid).finding)
        gone = card.finding.status is Status.FIXED
        if plan.reverts and not gone:
            self._reverted(fix, plan.reverts)
            return Done(Outcome.REVERTED, digest)
        if gone and not plan.reverts:
            self._verified(fix)
            return Done(Outcome.VERIFIED, digest)
        return self._verify_again(fix)

    def _verify_again(self, fix: Fix) -> Result:
        if self._clock() - fix.updated_at < VERIFY_FOR:
            return self._later()
        detail = "Merged two days ago, and the live resource has not changed: is it deployed?"
        if fix.state is FixState.APPLIED:
            detail = "Changed two days ago, and the finding is still there: see what it says now."
        failed = replace(fix, state=FixState.FAILED, detail=detail, updated_at=self._clock())
        self._world.store.save_fix(failed)
        self._chat.post_card(self._world.store.card(fix.finding_uid))
        self._chat.say(fix.finding_uid, detail)
        return Done(Outcome.UNCHANGED, fix.plan_digest)

    def _verified(self, fix: Fix) -> None:
        now = self._clock()
        self.trials.begin(fix)
        self._world.store.save_fix(replace(fix, state=FixState.VERIFIED, updated_at=now))
        self._chat.post_card(self._world.store.card(fix.finding_uid))

    def close_merged(self, fixed: tuple[str, ...]) -> None:
        """Count merged fixes as verified whose findings a scan saw gone."""
        store = self._world.store
        for fix in store.fixes(states=[state.value for state in _OUT]):
            if fix.finding_uid in fixed and not store.plan(fix.plan_digest).reverts:
                self._verified(fix)

    def revert(self, payload: Mapping[str, Any]) -> Result:
        """Propose the inverse of a fix.

        Raises: NotAllowed when nobody asked for it; Declined when the file has moved on.
        """
        store = self._world.store
        original = store.plan(str(payload["plan_digest"]))
        decisions = store.decisions(original.finding_uid)
        asked = _deciders(decisions, original.digest, DecisionKind.REVERT_FIX)
        if not asked:
            raise NotAllowed("Nobody has asked for this fix to be undone, so nothing is changed.")
        held = self._held_from_undoing(original, decisions)
        if held:
            return held
        inverse = self._inverse(original)
        fix = store.fix(original.digest)
        if fix and fix.state is not FixState.REVERTING:
            store.save_fix(replace(fix, state=FixState.REVERTING, updated_at=self._clock()))
        self.trials.undone(original.digest)
        carrier = join.carrier(store, inverse)
        if carrier:
            return self.made(self._join(inverse, carrier)[0])
        try:
            reverting = self._world.planner_of(inverse).execute(
                inverse, approvers=asked, audit_head=store.audit_head()
            )
        except BranchMoved as error:
            self.abandon_inverse(original, str(error))
            raise Declined(
                "The file changed meanwhile, so nothing was committed. Try again."
            ) from error
        store.save_fix(reverting)
        if inverse.live:
            said = live.done_sentence(inverse)
            self._chat.say(inverse.finding_uid, said, once=f"live {inverse.digest}")
        if reverting.pull_request:
            url = reverting.pull_request.url
            self._chat.say(inverse.finding_uid, f"The fix is being undone: pull request {url}")
        return self.made(reverting)

    def _held_from_undoing(self, original: FixPlan, decisions: Sequence[Decision]) -> Result | None:
        """Have the undoing of a fix wait, or be asked for again, if its gate says so; say so once."""
        store = self._world.store
        fix, begun = store.fix(original.digest), store.current_plan(original.finding_uid)
        if fix is None or (begun and begun.reverts == original.digest and store.fix(begun.digest)):
            return None  # it is on its way
        asked = [d for d in decisions if d.kind is DecisionKind.REVERT_FIX]
        at = max(d.decided_at for d in asked if d.plan_digest == original.digest)
        held = hold.of_revert(self._world, original, asked_at=at, now=self._clock())
        if held is None:
            return None
        if fix.detail != held.reason:
            store.save_fix(replace(fix, detail=held.reason))
            self._chat.say(fix.finding_uid, f"Nothing is undone yet: {held.reason}")
        if held.until is None:
            self.not_reverted(original.digest)
            return Done(Outcome.ENDED, original.digest)
        self._chat.post_card(store.card(fix.finding_uid))
        return Waiting(held.until)

    def _inverse(self, original: FixPlan) -> FixPlan:
        """Return the plan that undoes another: the one a crash left, unless its turn is over."""
        store = self._world.store
        begun = store.current_plan(original.finding_uid)
        if begun and begun.reverts == original.digest:
            fix = store.fix(begun.digest)
            if fix is None or fix.state in (FixState.PULL_REQUEST, FixState.APPLIED):
                return begun
        inverse = self._world.planner_of(original).revert(original)
        store.save_plan(inverse)
        return inverse

    def abandon_live(self, digest: str, detail: str) -> None:
        """Give up the way back of a live change, so that the next revert looks again."""
        original = self._world.store.plan(digest)
        if original.live:
            self.abandon_inverse(original, detail)

    def not_reverted(self, original: str) -> None:
        """Put a fix that could not be undone back to where it stood."""
        store = self._world.store
        fix = store.fix(original)
        if fix is None or fix.state is not FixState.REVERTING:
            return
        gone = store.card(fix.finding_uid).finding.status is Status.FIXED
        made = FixState.APPLIED if store.plan(original).live else FixState.MERGED
        state = FixState.VERIFIED if gone else made
        store.save_fix(replace(fix, state=state, updated_at=self._clock()))
        self._chat.post_card(store.card(fix.finding_uid))

    def _reverted(self, fix: Fix, original: str) -> None:
        store, now = self._world.store, self._clock()
        before = store.fix(original)
        if before:
            store.save_fix(replace(before, state=FixState.REVERTED, updated_at=now))
        store.save_fix(replace(fix, state=FixState.REVERTED, updated_at=now))
        self._chat.post_card(store.card(fix.finding_uid))
        self._chat.say(fix.finding_uid, "The fix is undone and the finding is open again.")


def _deciders(decisions: Sequence[Decision], digest: str, kind: DecisionKind) -> tuple[Person, ...]:
    return tuple(d.person for d in decisions if d.plan_digest == digest and d.kind is kind)[-1:]
