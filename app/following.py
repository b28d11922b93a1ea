"""An open pull request, looked at until it is closed, and planned again where it no longer fits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app import gates, hold
from app.fixing import Fixing
from app.planning import Planning
from app.world import World
from core import join
from core.gate import Gate
from core.ports import Chat, Forge
from core.quorum import PLUMBLINE
from core.types import Checks, ChecksState, Fix, FixPlan, FixState, PullRequest, PullRequestState
from core.workflow import Done, Outcome, Result, Waiting

REBUILD, REJOIN = "rebuild", "rejoin"
_PART_OF_AGE = 20
"""A pull request that has stood for an hour is looked at every three minutes, not every 30 s."""


class Following:
    """Follows the pull requests of one world."""

    def __init__(
        self, world: World, chat: Chat, fixing: Fixing, *, clock: Callable[[], datetime]
    ) -> None:
        self._world = world
        self._chat = chat
        self._fixing = fixing
        self._planning = Planning(world, chat, fixing, clock=clock)
        self._clock = clock

    def follow(self, payload: Mapping[str, Any]) -> Result:
        """See how a pull request stands, say what changed, and look again until it is closed."""
        store, digest = self._world.store, str(payload["plan_digest"])
        fix = store.fix(digest)
        if fix is None or fix.pull_request is None or fix.state is not FixState.PULL_REQUEST:
            is_merged = fix is not None and fix.state is FixState.MERGED
            return Done(Outcome.MERGED if is_merged else Outcome.ENDED, digest)
        plan = store.plan(digest)
        forge = self._world.forge_of(plan.repository)
        pull = forge.pull_request(fix.pull_request.number)
        if store.get(_mark(pull)) or self._is_outdated(plan, pull, forge):
            self._begin_rebuild(pull)
            return Done(Outcome.CLOSED, digest)
        if pull.state is PullRequestState.OPEN:
            self._note(fix, pull)
            return self._later(fix)
        return (
            self._merged(fix, pull)
            if pull.state is PullRequestState.MERGED
            else self._closed(fix, plan, pull)
        )

    def _later(self, fix: Fix) -> Waiting:
        settings = self._world.settings
        age_s = (self._clock() - fix.updated_at).total_seconds()
        pause_s = max(
            settings.scan.follow_s, min(settings.forge.follow_max_s, age_s / _PART_OF_AGE)
        )
        return Waiting(self._clock() + timedelta(seconds=pause_s))

    def _note(self, fix: Fix, pull: PullRequest) -> None:
        """Keep what is new about an open pull request, and say it once."""
        before = fix.pull_request
        if before is None or before == pull:
            return
        # written first: after a crash it is better not said than said twice
        self._world.store.save_fix(replace(fix, pull_request=pull))
        self._chat.post_card(self._world.store.card(fix.finding_uid))
        for sentence in news(before, pull):
            self._chat.say(fix.finding_uid, sentence)

    def _merged(self, fix: Fix, pull: PullRequest) -> Done:
        moved = replace(fix, state=FixState.MERGED, pull_request=pull, updated_at=self._clock())
        self._world.store.save_fix(moved)
        by = f" by {pull.merged_by}" if pull.merged_by else ""
        self._chat.say(
            fix.finding_uid,
            f"Pull request #{pull.number} was merged{by}. Once it is deployed, this is verified.",
        )
        return self._fixing.made(moved)

    def _closed(self, fix: Fix, plan: FixPlan, pull: PullRequest) -> Done:
        closed = replace(fix, state=FixState.CLOSED, pull_request=pull, updated_at=self._clock())
        self._world.store.save_fix(closed)
        if plan.reverts:
            self._fixing.not_reverted(plan.reverts)
        stays = "the fix stays in place" if plan.reverts else "the finding stays open"
        self._chat.say(
            fix.finding_uid, f"Pull request #{pull.number} was closed without a merge; {stays}."
        )
        self._fixing.made(closed)
        return Done(Outcome.CLOSED, fix.plan_digest)

    # planning again

    def _is_outdated(self, plan: FixPlan, pull: PullRequest, forge: Forge) -> bool:
        """Whether a pull request can no longer be merged as it was approved.

        A base branch that has not moved since the last look is not looked into again.
        """
        if pull.state is not PullRequestState.OPEN:
            return False
        if pull.has_conflict:
            return True
        store, fact = self._world.store, f"follow.base.{plan.digest}"
        head = forge.find_branch(plan.base_branch) or ""
        if head in {plan.base_commit, store.get(fact)}:
            return False
        if self._world.planner_of(plan).is_outdated(plan):
            return True
        store.put(fact, head)
        return False

    def _begin_rebuild(self, pull: PullRequest) -> None:
        """Queue a pull request's replacement; the mark says that it is we who close it."""
        store = self._world.store
        store.put(_mark(pull), "1")
        key = f"{pull.repository}#{pull.number}"
        carried = (
            fix.plan_digest
            for fix in store.fixes(states=[FixState.PULL_REQUEST.value])
            if fix.pull_request
            and (fix.pull_request.repository, fix.pull_request.number)
            == (pull.repository, pull.number)
        )
        payload = {"repository": pull.repository, "number": pull.number, "digests": list(carried)}
        store.enqueue(REBUILD, key, payload)

    def rebuild(self, payload: Mapping[str, Any]) -> None:
        """Close an outdated pull request and plan anew for each finding it was for.

        People are asked again about every edit that is not the one they approved, byte for byte.
        """
        store, number = self._world.store, int(payload["number"])
        digests = tuple(str(each) for each in payload["digests"])
        forge = self._world.forge_of(str(payload["repository"]))
        branch = store.plan(digests[0]).base_branch
        forge.comment(
            number,
            f"`{branch}` changed where this edits, so it is closed and planned again. Where the edit is "
            "no longer the same, its approval is asked again; what replaces this is linked here.",
        )
        pull = forge.close_pull_request(number)
        store.put(_mark(pull), "")
        if pull.state is PullRequestState.MERGED:  # somebody was faster
            for digest in digests:
                store.enqueue("follow", digest, {"plan_digest": digest})
            return
        self._give_up(digests, pull)
        self._plan_all_again(digests, f"{branch} changed where pull request #{number} edits")

    def _plan_all_again(self, digests: Sequence[str], why: str) -> None:
        """Plan anew for each finding; those that had joined another's fix join it again if it stands."""
        store = self._world.store
        plans = {digest: store.plan(digest) for digest in digests}
        stands: dict[str, str] = {}
        for digest in sorted(digests, key=lambda each: not self._is_decided(plans[each])):
            same = (
                new for old, new in stands.items() if join.is_same_change(plans[old], plans[digest])
            )
            if carrier := next(same, ""):
                payload = {"plan_digest": digest, "carrier": carrier, "why": why}
                store.enqueue(REJOIN, digest, payload, run_at=self._soon())
            elif new := self._plan_again(digest, why, may_stand=True):
                stands[digest] = new

    def _is_decided(self, plan: FixPlan) -> bool:
        """Whether a plan went ahead for itself, and did not join another's fix."""
        decisions = self._world.store.decisions(plan.finding_uid)
        return any(each.plan_digest in plan.approved_as for each in decisions)

    def rejoin(self, payload: Mapping[str, Any]) -> None:
        """Have a finding join the fix it had joined, once that is proposed again."""
        store, digest = self._world.store, str(payload["plan_digest"])
        fix = store.fix(str(payload["carrier"]))
        if fix and fix.state is FixState.APPROVED:
            store.enqueue(REJOIN, digest, payload, run_at=self._soon())
        else:
            self._plan_again(digest, str(payload["why"]))

    def _soon(self) -> datetime:
        return self._clock() + timedelta(seconds=self._world.settings.scan.follow_s)

    def _give_up(self, digests: Sequence[str], pull: PullRequest) -> None:
        store = self._world.store
        for digest in digests:
            fix = store.fix(digest)
            if fix and fix.state is FixState.PULL_REQUEST:
                now, said = self._clock(), "its branch moved on, and the fix is planned again"
                store.save_fix(
                    replace(
                        fix, state=FixState.CLOSED, pull_request=pull, updated_at=now, detail=said
                    )
                )

    def moved(self, payload: Mapping[str, Any]) -> None:
        """Plan anew for a fix whose file changed before it was committed."""
        self._plan_again(str(payload["plan_digest"]), "The file changed after the plan was made")

    def _plan_again(self, digest: str, why: str, *, may_stand: bool = False) -> str:
        """Make the next plan of a finding, and ask for its approval; once.

        With `may_stand` nobody is asked where it is the edit that was approved: then the digest of the
        plan that goes ahead is returned.
        """
        store, plan = self._world.store, self._world.store.plan(digest)
        current = store.current_plan(plan.finding_uid)
        if current and current.digest != digest:
            return ""  # planned before a crash, or by somebody who opened the review
        if plan.reverts:
            self._fixing.not_reverted(plan.reverts)
            self._chat.say(
                plan.finding_uid, f"{why}. The fix stays in place; start Revert fix again."
            )
            return ""
        card = store.card(plan.finding_uid)
        gate = gates.in_force(self._world).of(card.finding)
        refusal = self._planning.planned(
            card, card.link, gate=gate, replaces=digest, chosen=plan.alternative
        )
        again = store.current_plan(plan.finding_uid)
        if may_stand and not refusal and again and self._stands(plan, again, gate):
            return again.digest
        self._chat.post_card(store.card(plan.finding_uid))
        if refusal:
            self._chat.say(plan.finding_uid, f"{why}. {refusal}")
            return ""
        self._chat.say(
            plan.finding_uid,
            f"{why}, so the fix is planned again on what stands there now. Nothing is approved yet: "
            "open Review fix again.",
        )
        return ""

    def _stands(self, approved: FixPlan, again: FixPlan, gate: Gate) -> bool:
        """Let a fix go ahead whose approvals hold for the same edit, planned again; whether it does.

        Approvals have to count now, by the gates in force: they may have ended, or no longer suffice.
        """
        store, uid = self._world.store, again.finding_uid
        if again.replaces != approved.digest or not self._is_same(approved, again):
            return False
        carrying = replace(again, carries=(approved.digest, *approved.carries))
        fix = Fix(again.digest, uid, FixState.APPROVED, self._clock())
        if hold.changed(self._world, carrying, fix, gate):
            return False
        store.audit(
            "approval.stands", PLUMBLINE, {"plan": again.digest, "approved": approved.digest}
        )
        # after a crash in between it is asked again, or goes ahead: never without its approvals
        store.save_plan(carrying)
        store.save_fix(fix)
        store.enqueue("execute", again.digest, {"plan_digest": again.digest})
        self._chat.post_card(store.card(uid))
        self._chat.say(
            uid,
            f"{approved.base_branch} changed beside this fix, which is planned again: its edit is byte "
            "for byte the one that was approved, so its approval stands and it is proposed again.",
        )
        return True

    def _is_same(self, approved: FixPlan, again: FixPlan) -> bool:
        """Whether a plan asks of people nothing that they did not approve."""
        return (
            approved.base_commit != again.base_commit
            and again.tier.rank <= approved.tier.rank
            and again.asks_who_calls <= approved.asks_who_calls
            and set(again.may_break) <= set(approved.may_break)
            and {each.name for each in again.proofs if not each.held}
            <= {each.name for each in approved.proofs if not each.held}
            and self._world.planner_of(again).is_same_edit(approved, again)
        )


def news(before: PullRequest, after: PullRequest) -> tuple[str, ...]:
    """Say what changed on an open pull request since the last look."""
    name = f"pull request #{after.number}"
    said = [f"{who} approved {name}." for who in after.approved_by if who not in before.approved_by]
    said += [
        f"{who} no longer approves {name}."
        for who in before.approved_by
        if who not in after.approved_by
    ]
    return (*_of_checks(before.checks, after.checks, name), *said)


def _of_checks(before: Checks, after: Checks, name: str) -> tuple[str, ...]:
    if after.state is ChecksState.FAILED and after != before:
        failed = f": {', '.join(after.failed)}" if after.failed else ""
        return (f"Checks failed on {name}{failed}. Nothing is merged.",)
    if before.state is ChecksState.FAILED and after.state is ChecksState.PASSED:
        return (f"The checks of {name} pass now.",)
    return ()


def _mark(pull: PullRequest) -> str:
    return f"rebuild.{pull.repository}#{pull.number}"
