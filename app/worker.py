"""The worker: takes durable jobs and does them; each can be done again without harm."""

import secrets
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app import automatic, compliance, lease, model_drift, policy_source, trial, withholding
from app.announce import scan_and_post, scan_sentence
from app.automatic import Automatic
from app.executor import open_executor
from app.fixing import Fixing
from app.following import REBUILD, REJOIN, Following
from app.learn import promote, retrain
from app.log import logger
from app.planning import Planning
from app.promotion import require_promotable
from app.steps import Steps
from app.world import World, utc_now
from core import scan as scanning
from core.errors import PlumblineError
from core.ports import Chat, Job
from core.types import EMPTY, Card, Status
from core.workflow import BRIEFLY, PATIENTLY, REMEDIATION, Retry

if TYPE_CHECKING:
    from app.step_functions import StepFunctions

LEASE_S = 120.0
_ATTEMPTS = 5
_PATIENT = (trial.OBSERVE, trial.WATCH, REBUILD)
"""Kinds beside the steps that wait for others, whom an hour's absence must not end."""
_PRUNED_AT_ONCE = 500


class JobStopsWorker(PlumblineError):
    """A job was begun too often without coming to an end."""


class Worker:
    """Does jobs for one world.

    `picture` queues a finding's waterfall for its thread; `drawings` does jobs of further kinds, by
    kind, which draw something for somebody.
    """

    def __init__(  # noqa: PLR0913  # its collaborators, keywords all
        self,
        world: World,
        chat: Chat,
        *,
        picture: Callable[[Card], None],
        drawings: Mapping[str, Callable[[Mapping[str, Any]], None]] = EMPTY,
        clock: Callable[[], datetime] = utc_now,
        remote: "StepFunctions | None" = None,
    ) -> None:
        self._world = world
        self._chat = chat
        self._picture = picture
        self._clock = clock
        self._fixing = Fixing(world, chat, clock=clock)
        self._planning = Planning(world, chat, self._fixing, clock=clock)
        self._following = Following(world, chat, self._fixing, clock=clock)
        self._automatic = Automatic(world, chat, self._planning, clock=clock)
        self._steps = Steps(world, chat, self._fixing, clock=clock)
        self._executor = open_executor(world, self._steps, clock=clock, remote=remote)
        self._handlers: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "scan": self._scan,
            "plan": self._planning.plan,
            "automatic": lambda _: self._automatic.look(),
            automatic.KIND: self._automatic.act,
            trial.OBSERVE: self._fixing.trials.observe,
            trial.ANSWER: self._fixing.trials.answer,
            trial.WATCH: self._fixing.trials.watch,
            REBUILD: self._following.rebuild,
            REJOIN: self._following.rejoin,
            "moved": self._following.moved,
            "recheck": self._recheck,
            "retrain": self._retrain,
            "promote": self._promote,
            "prune": lambda _: self._prune(),
            "refresh": self._refresh,
            "waterfall": self._waterfall,
            **drawings,
        }

    def drain(self) -> int:
        """Do every due job; return how many were done."""
        done = 0
        while job := self._world.store.claim_job(lease_s=LEASE_S):
            with lease.kept(self._world.store, job, lease_s=LEASE_S):
                self.do(job)
            done += 1
        return done

    def resume(self) -> int:
        """Queue the next step of every fix that is under way; return how many fixes those are."""
        return self._fixing.resume()

    def do(self, job: Job) -> None:
        """Do one job; a transient failure is tried again later, any other is reported."""
        started = self._clock()
        try:
            self._require_survivable(job)
            self._carry_out(job)
        except PlumblineError as error:
            self._failed(job, error, str(error))
        except Exception as error:  # noqa: BLE001  # the worker must outlive one job; it is reported
            self._failed(job, error, _crash(job))
        else:
            self._world.store.finish_job(job.uid)
        seconds = (self._clock() - started).total_seconds()
        logger().info("job_done", kind=job.kind, attempt=job.attempts, seconds=round(seconds, 2))

    def _carry_out(self, job: Job) -> None:
        if job.kind not in REMEDIATION.steps:
            self._handlers[job.kind](job.payload)
        elif not self._executor.begin(job):
            self._executor.ended(job, self._steps.run(job.kind, job.payload))

    def _require_survivable(self, job: Job) -> None:
        """Refuse a job that took the worker down with it time and again (memory, say)."""
        if job.attempts > _ATTEMPTS and _retry(job).attempts is not None:
            raise JobStopsWorker(
                f"The worker was stopped {_ATTEMPTS} times while it did this ({job.kind}); "
                "it is not tried again."
            )

    def _failed(self, job: Job, error: Exception, sentence: str) -> None:
        try:
            if job.kind in REMEDIATION.steps:
                self._executor.failed(job, error, sentence)
            else:
                self._tell_failure(job, error, sentence)
        except Exception:  # noqa: BLE001  # the job is recorded as failed; the next must still run
            logger().error("failure_untold", kind=job.kind, stack=traceback.format_exc())

    def _tell_failure(self, job: Job, error: Exception, sentence: str) -> None:
        retry = _retry(job)
        again = retry.again(error, job.attempts)
        retry_at = self._clock() + retry.wait(job.attempts) if again else None
        self._world.store.finish_job(job.uid, error=sentence, retry_at=retry_at)
        logger().warning("job_failed", kind=job.kind, error=sentence, retry=again)
        if again and job.attempts != _ATTEMPTS:
            return
        if job.kind == automatic.KIND:
            self._automatic.withdraw(str(job.payload["plan_digest"]), sentence)
        self._say_of(job, sentence)

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

    def _scan(self, payload: Mapping[str, Any]) -> None:
        for sentence in policy_source.refresh(self._world):
            self._chat.announce(sentence)
        outcome = scan_and_post(
            self._world.scanner(),
            chat=self._chat,
            clock=self._clock,
            between=lambda: withholding.review(self._world, now=self._clock()),
        )
        withholding.tell(self._world, self._chat, now=self._clock())
        compliance.after_scan(self._world, now=self._clock())
        self._fixing.close_merged(outcome.result.fixed)
        self._fixing.trials.reopened(outcome.result.reopened)
        self._automatic.after_scan()
        if drifted := model_drift.alarm(self._world):
            admin = self._world.settings.slack.admin
            self._chat.announce(drifted, channel=admin or None)
        if payload.get("channel") and not outcome.result.is_baseline:
            self._chat.announce(scan_sentence(outcome), channel=str(payload["channel"]))

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

    def _waterfall(self, payload: Mapping[str, Any]) -> None:
        self._picture(self._world.store.card(str(payload["finding_uid"])))

    def _prune(self) -> None:
        kept = self._world.settings.retention.kept()
        while self._world.store.prune(kept, most=_PRUNED_AT_ONCE):
            pass  # between two calls others write

    def _retrain(self, payload: Mapping[str, Any]) -> None:
        sentence = retrain(self._world, now=self._clock(), tell=self._chat.show_model)
        finding_uid = str(payload.get("finding_uid", ""))
        if finding_uid:
            self._chat.say(finding_uid, sentence)
        elif payload.get("channel"):
            self._chat.announce(sentence, channel=str(payload["channel"]))

    def _promote(self, payload: Mapping[str, Any]) -> None:
        card = require_promotable(self._world, str(payload["version"]))
        sentence = promote(self._world, card, now=self._clock())
        admin = self._world.settings.slack.admin
        self._chat.announce(f"{card.version} is in force: {sentence}", channel=admin or None)


def _retry(job: Job) -> Retry:
    if job.kind in REMEDIATION.steps:
        return REMEDIATION.steps[job.kind].retry
    return PATIENTLY if job.kind in _PATIENT else BRIEFLY


def _crash(job: Job) -> str:
    """Log the crash that is being handled; return the sentence that names its place in the log."""
    token = secrets.token_hex(4)
    logger().error("job_crashed", kind=job.kind, token=token, stack=traceback.format_exc())
    return f"Something went wrong on our side; the log has it under {token}."
