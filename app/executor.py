"""Who decides what comes after a step: our own queue, AWS Step Functions, or somebody outside."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.log import logger
from app.steps import Steps
from app.store import SqliteStore
from app.world import World
from core.ports import Executor, Job
from core.types import FixState
from core.workflow import REMEDIATION, Result, Waiting, WaitsFor

if TYPE_CHECKING:
    from app.step_functions import StepFunctions

_TOLD_AFTER = 5
"""The attempt after which a step that is tried for ever is spoken of, once."""


class Embedded:
    """The queue in our own tables: what follows a step is the next job."""

    def __init__(
        self, store: SqliteStore, steps: Steps, *, follow_s: float, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._steps = steps
        self._follow_s = follow_s
        self._clock = clock

    def begin(self, job: Job) -> bool:  # noqa: ARG002  # every step is done here
        """Return False: the step is done here."""
        return False

    def ended(self, job: Job, result: Result) -> None:
        """Queue what follows, or the same step for another look."""
        if isinstance(result, Waiting):
            self._store.enqueue(job.kind, job.key, job.payload, run_at=result.until)
            return
        following = REMEDIATION.after(job.kind, result.outcome)
        if following:
            waits = following.waits_for is not WaitsFor.NOBODY
            due = self._clock() + timedelta(seconds=self._follow_s if waits else 0)
            digest = result.plan_digest
            self._store.enqueue(following.name, digest, {"plan_digest": digest}, run_at=due)

    def failed(self, job: Job, error: Exception, sentence: str) -> None:
        """Queue another attempt if the step has one left, else do what puts things right."""
        step = REMEDIATION.steps[job.kind]
        again = step.retry.again(error, job.attempts)
        retry_at = self._clock() + step.retry.wait(job.attempts) if again else None
        self._store.finish_job(job.uid, error=sentence, retry_at=retry_at)
        logger().warning("job_failed", kind=job.kind, error=sentence, retry=again)
        self._steps.note_failure(job.payload, sentence)
        if not again and step.undo:
            self._steps.run(step.undo, job.payload)
        elif again and job.attempts == _TOLD_AFTER:
            self._steps.run("report", job.payload)


class Outside(Embedded):
    """An orchestrator that calls the steps of approved fixes itself; the way back starts here."""

    def begin(self, job: Job) -> bool:
        """Let go of what has just been approved: whoever waits for the approval executes it."""
        fix = self._store.fix(str(job.payload["plan_digest"]))
        return job.kind == "execute" and fix is not None and fix.state is FixState.APPROVED


def open_executor(
    world: World, steps: Steps, *, clock: Callable[[], datetime], remote: "StepFunctions | None"
) -> Executor:
    """Return the executor that the settings choose; `remote` is Step Functions where it is that."""
    kind = Outside if world.settings.workflow.executor == "outside" else Embedded
    embedded = kind(world.store, steps, follow_s=world.settings.scan.follow_s, clock=clock)
    if remote:
        from app.step_functions import Remote

        return Remote(remote, embedded, world.store, steps)
    return embedded
