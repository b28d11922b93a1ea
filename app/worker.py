"""The worker: takes durable jobs and does them; each can be done again without harm."""

import secrets
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.learn import retrain
from app.log import logger
from app.world import World, utc_now
from core import scan as scanning
from core.errors import (
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
    Person,
    PullRequestState,
    Status,
)

LEASE_S = 900.0
_ATTEMPTS = 5
_TRANSIENT = (CloudError, ForgeError, ChatError)
VERIFY_FOR = timedelta(days=2)


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
            "refresh": self._refresh,
            "waterfall": self._waterfall,
        }

    def drain(self) -> int:
        """Do every due job; return how many were done."""
        done = 0
        while job := self._world.store.claim_job(lease_s=LEASE_S):
            self.do(job)
            done += 1
        return done

    def do(self, job: Job) -> None:
        """Do one job; a transient failure is tried again later, any other is reported."""
        started = self._clock()
        try:
            self._handlers[job.kind](job.payload)
        except BranchMoved as error:
            self._branch_moved(job, error)
        except _TRANSIENT as error:
            self._failed(job, str(error), retry=job.attempts < _ATTEMPTS)
        except PlumblineError as error:
            self._failed(job, str(error), retry=False)
        except Exception:  # noqa: BLE001  # the worker must outlive one job; it is reported below
            self._crashed(job)
        else:
            self._world.store.finish_job(job.uid)
        seconds = (self._clock() - started).total_seconds()
        logger().info("job_done", kind=job.kind, attempt=job.attempts, seconds=round(seconds, 2))

    def _failed(self, job: Job, sentence: str, *, retry: bool) -> None:
        wait = timedelta(seconds=min(300, 5 * 3**job.attempts))
        retry_at = self._clock() + wait if retry else None
        self._world.store.finish_job(job.uid, error=sentence, retry_at=retry_at)
        logger().warning("job_failed", kind=job.kind, error=sentence, retry=retry)
        if not retry:
            self._tell(job, sentence)

    def _crashed(self, job: Job) -> None:
        token = secrets.token_hex(4)
        logger().error("job_crashed", kind=job.kind, token=token, stack=traceback.format_exc())
        self._world.store.finish_job(job.uid, error=f"crashed, token {token}")
        self._tell(job, f"Something went wrong on our side; the log has it under {token}.")

    def _tell(self, job: Job, sentence: str) -> None:
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
        outcome = scanning.scan(self._world.scanner())
        scanning.post(outcome, store=self._world.store, chat=self._chat)
        self._close_merged(outcome.result.fixed)
        if payload.get("channel") and not outcome.result.is_baseline:
            self._chat.announce(scan_sentence(outcome), channel=str(payload["channel"]))

    def _close_merged(self, fixed: tuple[str, ...]) -> None:
        for fix in self._world.store.fixes(states=[FixState.MERGED.value]):
            if fix.finding_uid in fixed:
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
            try:
                plan = self._world.planner.plan(card.finding, card.link)
            except (Declined, NoBlueprint, ProofFailed) as error:
                refusal = str(error)
            else:
                store.save_plan(self._priced(plan, card))
                card = store.card(card.finding.uid)
        if view_id:
            self._chat.show_plan(view_id, card, None if refusal else card.plan, refusal)

    def _priced(self, plan: FixPlan, card: Card) -> FixPlan:
        """Say what the plan costs, and what risk would be left on the resource."""
        if card.assessment is None:
            return plan
        whole = card.finding.resource_uid.partition("|")[0]
        left = [
            other.assessment.risk
            for other in self._world.store.cards(limit=100_000)
            if other.assessment
            and other.finding.uid != card.finding.uid
            and other.finding.resource_uid.partition("|")[0] == whole
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
            return
        fix = self._world.planner.execute(
            plan, approvers=self._approvers(plan.digest), audit_head=store.audit_head()
        )
        store.save_fix(fix)
        self._chat.post_card(store.card(plan.finding_uid))
        if fix.pull_request:
            self._chat.say(
                plan.finding_uid,
                f"Commit {fix.commit[:10]} is signed; pull request {fix.pull_request.url}",
            )
        self._follow_later(plan.digest)

    def _approvers(self, digest: str) -> tuple[Person, ...]:
        kinds = (DecisionKind.APPROVE_FIX, DecisionKind.REVERT_FIX)
        return tuple(
            decision.person
            for decision in self._world.store.decisions()
            if decision.plan_digest == digest and decision.kind in kinds
        )

    def _branch_moved(self, job: Job, error: BranchMoved) -> None:
        plan = self._world.store.plan(str(job.payload["plan_digest"]))
        fix = Fix(plan.digest, plan.finding_uid, FixState.FAILED, self._clock(), detail=str(error))
        self._world.store.save_fix(fix)
        self._world.store.finish_job(job.uid, error=str(error))
        self._chat.post_card(self._world.store.card(plan.finding_uid))
        self._chat.say(
            plan.finding_uid,
            "The file changed after the plan was made, so nothing was committed. "
            "Open Review fix again for a fresh plan.",
        )

    def _follow_later(self, digest: str) -> None:
        when = self._clock() + timedelta(seconds=self._world.settings.scan.follow_s)
        self._world.store.enqueue("follow", digest, {"plan_digest": digest}, run_at=when)

    def _follow(self, payload: Mapping[str, Any]) -> None:
        store = self._world.store
        digest = str(payload["plan_digest"])
        fix, plan = store.fix(digest), store.plan(digest)
        if fix is None or fix.pull_request is None or fix.state is not FixState.PULL_REQUEST:
            return
        forge = self._world.forge_of(plan.repository)
        pull = forge.pull_request(fix.pull_request.number)
        if pull.state is PullRequestState.OPEN:
            self._follow_later(digest)
            return
        merged = pull.state is PullRequestState.MERGED
        state = FixState.MERGED if merged else FixState.CLOSED
        store.save_fix(replace(fix, state=state, pull_request=pull, updated_at=self._clock()))
        self._chat.post_card(store.card(fix.finding_uid))
        if merged:
            self._verify_later(digest)
        else:
            self._chat.say(fix.finding_uid, "The pull request was closed without a merge.")

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
        inverse = self._world.planner.revert(original)
        store.save_plan(inverse)
        fix = store.fix(original.digest)
        if fix:
            store.save_fix(replace(fix, state=FixState.REVERTING, updated_at=self._clock()))
        reverting = self._world.planner.execute(
            inverse, approvers=self._approvers(original.digest)[-1:], audit_head=store.audit_head()
        )
        store.save_fix(reverting)
        self._chat.post_card(store.card(inverse.finding_uid))
        if reverting.pull_request:
            url = reverting.pull_request.url
            self._chat.say(inverse.finding_uid, f"The fix is being undone: pull request {url}")
        self._follow_later(inverse.digest)

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

    # ── learning ──────────────────────────────────────────────────────────────

    def _retrain(self, payload: Mapping[str, Any]) -> None:
        sentence = retrain(self._world, now=self._clock())
        finding_uid = str(payload.get("finding_uid", ""))
        if finding_uid:
            self._chat.say(finding_uid, sentence)
        elif payload.get("channel"):
            self._chat.announce(sentence, channel=str(payload["channel"]))


def scan_sentence(outcome: scanning.ScanOutcome) -> str:
    """Say a scan in one line."""
    summary = outcome.summary
    findings = sum(summary.by_severity.values())
    seconds = (summary.finished_at - summary.started_at).total_seconds()
    return (
        f"Scanned {summary.resources} resources in {seconds:.0f} s: {findings} findings "
        f"({summary.new} new, {summary.fixed} fixed), {summary.hygiene} hygiene, "
        f"{summary.undecided} undecided, {len(summary.gaps)} gaps."
    )
