"""The worker: takes durable jobs and does them; each can be done again without harm."""

import secrets
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app import compliance, lease, policy_source
from app.announce import scan_and_post, scan_sentence
from app.learn import retrain
from app.log import logger
from app.world import World, utc_now
from core import join
from core import scan as scanning
from core.errors import (
    AlreadyDeclared,
    BranchMoved,
    ChatError,
    CloudError,
    Declined,
    ForgeError,
    NoBlueprint,
    PlumblineError,
    ProofFailed,
)
from core.ports import Chat, Job
from core.types import (
    Card,
    DecisionKind,
    Fix,
    FixPlan,
    FixState,
    Link,
    Person,
    PullRequestState,
    Status,
)

LEASE_S = 120.0
_ATTEMPTS = 5
_PATIENT = ("follow", "verify")
"""Kinds that wait for others: a forge or cloud that is away for an hour must not end them."""
_TRANSIENT = (CloudError, ForgeError, ChatError)
_PRUNED_AT_ONCE = 500
VERIFY_FOR = timedelta(days=2)
_NEXT = (
    (FixState.APPROVED, "execute"),
    (FixState.PULL_REQUEST, "follow"),
    (FixState.MERGED, "verify"),
)


class JobStopsWorker(PlumblineError):
    """A job was begun too often without coming to an end."""


class Worker:
    """Does jobs for one world; `picture` queues a finding's waterfall for its thread."""

    def __init__(
        self,
        world: World,
        chat: Chat,
        *,
        picture: Callable[[Card], None],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._world = world
        self._chat = chat
        self._picture = picture
        self._clock = clock
        self._handlers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "scan": self._scan,
            "plan": self._plan,
            "execute": self._execute,
            "follow": self._follow,
            "verify": self._verify,
            "revert": self._revert,
            "recheck": self._recheck,
            "retrain": self._retrain,
            "prune": lambda _: self._prune(),
            "refresh": self._refresh,
            "waterfall": self._waterfall,
        }

    def drain(self) -> int:
        """Do every due job; return how many were done."""
        done = 0
        while job := self._world.store.claim_job(lease_s=LEASE_S):
            with lease.kept(self._world.store, job, lease_s=LEASE_S):
                self.do(job)
            done += 1
        return done

    def do(self, job: Job) -> None:
        """Do one job; a transient failure is tried again later, any other is reported."""
        started = self._clock()
        try:
            self._require_survivable(job)
            self._handlers[job.kind](job.payload)
        except BranchMoved as error:
            self._branch_moved(job, error)
        except _TRANSIENT as error:
            is_patient = job.kind in _PATIENT
            self._failed(job, str(error), retry=is_patient or job.attempts < _ATTEMPTS)
        except PlumblineError as error:
            self._failed(job, str(error), retry=False)
        except Exception:  # noqa: BLE001  # the worker must outlive one job; it is reported below
            self._crashed(job)
        else:
            self._world.store.finish_job(job.uid)
        seconds = (self._clock() - started).total_seconds()
        logger().info("job_done", kind=job.kind, attempt=job.attempts, seconds=round(seconds, 2))

    def _require_survivable(self, job: Job) -> None:
        """Refuse a job that took the worker down with it time and again (memory, say)."""
        if job.attempts > _ATTEMPTS and job.kind not in _PATIENT:
            raise JobStopsWorker(
                f"The worker was stopped {_ATTEMPTS} times while it did this ({job.kind}); "
                "it is not tried again."
            )

    def _failed(self, job: Job, sentence: str, *, retry: bool) -> None:
        wait = timedelta(seconds=min(300, 5 * 3 ** min(job.attempts, 5)))
        retry_at = self._clock() + wait if retry else None
        self._world.store.finish_job(job.uid, error=sentence, retry_at=retry_at)
        logger().warning("job_failed", kind=job.kind, error=sentence, retry=retry)
        if not retry or job.attempts == _ATTEMPTS:
            self._tell(job, sentence)

    def _crashed(self, job: Job) -> None:
        token = secrets.token_hex(4)
        logger().error("job_crashed", kind=job.kind, token=token, stack=traceback.format_exc())
        self._world.store.finish_job(job.uid, error=f"crashed, token {token}")
        self._tell(job, f"Something went wrong on our side; the log has it under {token}.")

    def _tell(self, job: Job, sentence: str) -> None:
        try:
            self._give_up(job, sentence)
            self._say_of(job, sentence)
        except Exception:  # noqa: BLE001  # the job is recorded as failed; the next must still run
            logger().error("failure_untold", kind=job.kind, stack=traceback.format_exc())

    def _give_up(self, job: Job, sentence: str) -> None:
        """Put a fix whose job ended without success where people can decide again."""
        if job.kind == "revert":
            self._not_reverted(str(job.payload["plan_digest"]))
        if job.kind != "execute":
            return
        store = self._world.store
        fix = store.fix(str(job.payload["plan_digest"]))
        if fix and fix.state is FixState.APPROVED:
            now = self._clock()
            store.save_fix(replace(fix, state=FixState.FAILED, detail=sentence, updated_at=now))
            self._chat.post_card(store.card(fix.finding_uid))

    def _say_of(self, job: Job, sentence: str) -> None:
        finding_uid = self._finding_of(job)
        if job.kind == "plan" and job.payload.get("view_id"):
            card = self._world.store.card(finding_uid)
            self._chat.show_plan(str(job.payload["view_id"]), card, None, sentence)
        elif finding_uid:
            self._chat.say(finding_uid, sentence)
        else:
            self._chat.announce(sentence, channel=job.payload.get("channel") or None)

    def _finding_of(self, job: Job) -> str:
        if job.payload.get("finding_uid"):
            return str(job.payload["finding_uid"])
        if job.payload.get("plan_digest"):
            return self._world.store.plan(str(job.payload["plan_digest"])).finding_uid
        return ""

    # ── scanning ──────────────────────────────────────────────────────────────

    def _scan(self, payload: Mapping[str, Any]) -> None:
        for sentence in policy_source.refresh(self._world):
            self._chat.announce(sentence)
        outcome = scan_and_post(self._world.scanner(), chat=self._chat, clock=self._clock)
        compliance.after_scan(self._world, now=self._clock())
        self._close_merged(outcome.result.fixed)
        if payload.get("channel") and not outcome.result.is_baseline:
            self._chat.announce(scan_sentence(outcome), channel=str(payload["channel"]))

    def _close_merged(self, fixed: tuple[str, ...]) -> None:
        store = self._world.store
        for fix in store.fixes(states=[FixState.MERGED.value]):
            if fix.finding_uid in fixed and not store.plan(fix.plan_digest).reverts:
                self._verified(fix)

    def _recheck(self, payload: Mapping[str, Any]) -> None:
        finding_uid = str(payload["finding_uid"])
        before = self._world.store.card(finding_uid)
        card = scanning.recheck(self._world.scanner(), before.finding)
        self._chat.post_card(card)
        if card.finding.status is Status.FIXED:
            self._chat.say(finding_uid, "Checked again just now: it is gone.")
        else:
            self._chat.say(finding_uid, f"Checked again just now: {card.finding.evidence.message}")

    def _refresh(self, payload: Mapping[str, Any]) -> None:
        self._chat.post_card(self._world.store.card(str(payload["finding_uid"])))

    # ── fixing ────────────────────────────────────────────────────────────────

    def _plan(self, payload: Mapping[str, Any]) -> None:
        store = self._world.store
        card = store.card(str(payload["finding_uid"]))
        view_id = str(payload.get("view_id", ""))
        refusal = self._world.fix_refusal(card.finding, card.link)
        if not refusal and card.link:
            refusal = self._planned(card, card.link)
            card = store.card(card.finding.uid)
        if view_id:
            self._chat.show_plan(view_id, card, None if refusal else card.plan, refusal)

    def _planned(self, card: Card, link: Link) -> str:
        """Store a plan, or join the fix that makes its change already; say why there is no plan."""
        store = self._world.store
        try:
            plan = self._world.planner.plan(card.finding, link)
        except AlreadyDeclared as error:
            carrier = join.merged_for(store, card, link)
            return self._adopted(card, carrier) if carrier else str(error)
        except (Declined, NoBlueprint, ProofFailed) as error:
            return str(error)
        carrier = join.carrier(store, plan)
        if carrier:
            return self._adopted(card, carrier)
        store.save_plan(self._priced(plan, card))
        return ""

    def _adopted(self, card: Card, carrier: Fix) -> str:
        """Have a finding join the fix of another that nobody need approve twice; say which."""
        store, finding = self._world.store, card.finding
        if carrier.pull_request is None:
            return (
                f"The same change is approved for {self._name_of(carrier)}, and its pull request "
                "is being opened. Open Review fix again in a minute to see it."
            )
        theirs = store.plan(carrier.plan_digest)
        plan = self._world.planner.adopt(theirs, finding.uid, finding.check_id)
        store.save_plan(self._priced(plan, card))
        return self._joined(plan, carrier)

    def _joined(self, plan: FixPlan, carrier: Fix) -> str:
        """Give a plan the pull request that makes its change already; say which, in its thread."""
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
            f"{self._name_of(carrier)} is declared in the same place. "
            "Once it is deployed, this finding is verified for itself."
        )
        self._chat.say(plan.finding_uid, sentence)
        self._go_on(fix)
        return sentence

    def _name_of(self, fix: Fix) -> str:
        return self._world.store.card(fix.finding_uid).finding.resource_name

    def _priced(self, plan: FixPlan, card: Card) -> FixPlan:
        """Say what the plan costs, and what risk would be left on the resource."""
        if card.assessment is None:
            return plan
        whole = card.finding.resource_uid.partition("|")[0]
        left = [
            other.assessment.risk
            for other in self._world.store.cards_on(whole)
            if other.assessment and other.finding.uid != card.finding.uid
        ]
        return replace(
            plan,
            cost_delta=card.assessment.cost.fix_monthly_delta,
            risk_before=card.assessment.risk,
            risk_after=max(left, default=0.0),
        )

    def _execute(self, payload: Mapping[str, Any]) -> None:
        store = self._world.store
        plan = store.plan(str(payload["plan_digest"]))
        standing = store.fix(plan.digest)
        if standing and standing.state not in (FixState.APPROVED, FixState.FAILED):
            self._go_on(standing)  # the worker was stopped after this was recorded
            return
        carrier = join.carrier(store, plan, own=standing)
        if carrier and carrier.pull_request:
            self._joined(plan, carrier)
            return
        if carrier:  # approved just before; should its commit fail, this one is made
            when = self._clock() + timedelta(seconds=self._world.settings.scan.follow_s)
            store.enqueue("execute", plan.digest, {"plan_digest": plan.digest}, run_at=when)
            return
        fix = self._world.planner.execute(
            plan, approvers=self._approvers(plan.digest), audit_head=store.audit_head()
        )
        store.save_fix(fix)
        if fix.pull_request:
            self._chat.say(
                plan.finding_uid,
                f"Commit {fix.commit[:10]} is signed; pull request {fix.pull_request.url}",
            )
        self._go_on(fix)

    def _go_on(self, fix: Fix) -> None:
        """Queue what comes next for a fix; once, however often this is called."""
        self._chat.post_card(self._world.store.card(fix.finding_uid))
        if fix.state is FixState.PULL_REQUEST:
            self._follow_later(fix.plan_digest)
        elif fix.state is FixState.MERGED:
            self._verify_later(fix.plan_digest)

    def resume(self) -> int:
        """Queue the next step of every fix that is under way; return how many fixes those are.

        A crash between recording a state and queueing what follows would leave it there for ever.
        """
        store, after = self._world.store, dict(_NEXT)
        fixes = store.fixes(states=[state.value for state in after])
        for fix in fixes:
            payload = {"plan_digest": fix.plan_digest}
            store.enqueue(after[fix.state], fix.plan_digest, payload)
        return len(fixes)

    def _approvers(self, digest: str) -> tuple[Person, ...]:
        kinds = (DecisionKind.APPROVE_FIX, DecisionKind.REVERT_FIX)
        return tuple(
            decision.person
            for decision in self._world.store.decisions()
            if decision.plan_digest == digest and decision.kind in kinds
        )

    def _branch_moved(self, job: Job, error: BranchMoved) -> None:
        plan = self._world.store.plan(str(job.payload["plan_digest"]))
        self._world.store.finish_job(job.uid, error=str(error))
        if job.kind == "revert":
            self._abandon_inverse(plan, str(error))
            self._tell(job, "The file changed meanwhile, so nothing was committed. Try again.")
            return
        fix = Fix(plan.digest, plan.finding_uid, FixState.FAILED, self._clock(), detail=str(error))
        self._world.store.save_fix(fix)
        self._chat.post_card(self._world.store.card(plan.finding_uid))
        self._chat.say(
            plan.finding_uid,
            "The file changed after the plan was made, so nothing was committed. "
            "Open Review fix again for a fresh plan.",
        )

    def _abandon_inverse(self, original: FixPlan, detail: str) -> None:
        """Give up an inverse plan that no longer applies, so that the next revert makes its own."""
        store = self._world.store
        begun = store.current_plan(original.finding_uid)
        if begun and begun.reverts == original.digest:
            now = self._clock()
            store.save_fix(
                Fix(begun.digest, begun.finding_uid, FixState.FAILED, now, detail=detail)
            )

    def _follow_later(self, digest: str) -> None:
        when = self._clock() + timedelta(seconds=self._world.settings.scan.follow_s)
        self._world.store.enqueue("follow", digest, {"plan_digest": digest}, run_at=when)

    def _follow(self, payload: Mapping[str, Any]) -> None:
        store = self._world.store
        digest = str(payload["plan_digest"])
        fix, plan = store.fix(digest), store.plan(digest)
        if fix is None or fix.pull_request is None or fix.state is not FixState.PULL_REQUEST:
            if fix and fix.state is FixState.MERGED:
                self._go_on(fix)
            return
        forge = self._world.forge_of(plan.repository)
        pull = forge.pull_request(fix.pull_request.number)
        if pull.state is PullRequestState.OPEN:
            self._follow_later(digest)
            return
        merged = pull.state is PullRequestState.MERGED
        state = FixState.MERGED if merged else FixState.CLOSED
        moved = replace(fix, state=state, pull_request=pull, updated_at=self._clock())
        store.save_fix(moved)
        if not merged:
            if plan.reverts:
                self._not_reverted(plan.reverts)
            self._chat.say(fix.finding_uid, "The pull request was closed without a merge.")
        self._go_on(moved)

    def _verify_later(self, digest: str) -> None:
        when = self._clock() + timedelta(seconds=self._world.settings.scan.follow_s)
        self._world.store.enqueue("verify", digest, {"plan_digest": digest}, run_at=when)

    def _verify(self, payload: Mapping[str, Any]) -> None:
        store = self._world.store
        digest = str(payload["plan_digest"])
        fix, plan = store.fix(digest), store.plan(digest)
        if fix is None or fix.state is not FixState.MERGED:
            return
        card = scanning.recheck(self._world.scanner(), store.card(fix.finding_uid).finding)
        gone = card.finding.status is Status.FIXED
        if plan.reverts:
            if not gone:
                self._reverted(fix, plan.reverts)
            else:
                self._verify_again(fix)
        elif gone:
            self._verified(fix)
        else:
            self._verify_again(fix)

    def _verify_again(self, fix: Fix) -> None:
        if self._clock() - fix.updated_at < VERIFY_FOR:
            self._verify_later(fix.plan_digest)
            return
        detail = "Merged two days ago, and the live resource has not changed: is it deployed?"
        failed = replace(fix, state=FixState.FAILED, detail=detail, updated_at=self._clock())
        self._world.store.save_fix(failed)
        self._chat.post_card(self._world.store.card(fix.finding_uid))
        self._chat.say(fix.finding_uid, detail)

    def _verified(self, fix: Fix) -> None:
        now = self._clock()
        self._world.store.save_fix(replace(fix, state=FixState.VERIFIED, updated_at=now))
        self._chat.post_card(self._world.store.card(fix.finding_uid))

    def _revert(self, payload: Mapping[str, Any]) -> None:
        store = self._world.store
        original = store.plan(str(payload["plan_digest"]))
        inverse = self._inverse(original)
        fix = store.fix(original.digest)
        if fix and fix.state is not FixState.REVERTING:
            store.save_fix(replace(fix, state=FixState.REVERTING, updated_at=self._clock()))
        carrier = join.carrier(store, inverse)
        if carrier:
            self._joined(inverse, carrier)
            return
        reverting = self._world.planner.execute(
            inverse, approvers=self._approvers(original.digest)[-1:], audit_head=store.audit_head()
        )
        store.save_fix(reverting)
        if reverting.pull_request:
            url = reverting.pull_request.url
            self._chat.say(inverse.finding_uid, f"The fix is being undone: pull request {url}")
        self._go_on(reverting)

    def _inverse(self, original: FixPlan) -> FixPlan:
        """Return the plan that undoes another: the one a crash left, unless its turn is over."""
        store = self._world.store
        begun = store.current_plan(original.finding_uid)
        if begun and begun.reverts == original.digest:
            fix = store.fix(begun.digest)
            if fix is None or fix.state is FixState.PULL_REQUEST:
                return begun
        inverse = self._world.planner.revert(original)
        store.save_plan(inverse)
        return inverse

    def _not_reverted(self, original: str) -> None:
        """Put a fix that could not be undone back to where it stood."""
        store = self._world.store
        fix = store.fix(original)
        if fix is None or fix.state is not FixState.REVERTING:
            return
        gone = store.card(fix.finding_uid).finding.status is Status.FIXED
        state = FixState.VERIFIED if gone else FixState.MERGED
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

    def _waterfall(self, payload: Mapping[str, Any]) -> None:
        self._picture(self._world.store.card(str(payload["finding_uid"])))

    def _prune(self) -> None:
        kept = self._world.settings.retention.kept()
        while self._world.store.prune(kept, most=_PRUNED_AT_ONCE):
            pass  # between two calls others write

    # ── learning ──────────────────────────────────────────────────────────────

    def _retrain(self, payload: Mapping[str, Any]) -> None:
        sentence = retrain(self._world, now=self._clock())
        finding_uid = str(payload.get("finding_uid", ""))
        if finding_uid:
            self._chat.say(finding_uid, sentence)
        elif payload.get("channel"):
            self._chat.announce(sentence, channel=str(payload["channel"]))
