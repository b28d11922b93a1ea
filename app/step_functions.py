"""AWS Step Functions as executor: it decides what comes next, this machine does the steps.

A step arrives as a message with a task token. It becomes a job of our own before the message is
deleted, so neither a lost process nor a message delivered twice loses or doubles it.
"""

import hashlib
import json
import os
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.executor import Embedded
from app.log import logger
from app.settings import WorkflowSettings
from app.steps import Steps
from app.store import SqliteStore
from core.errors import CloudError, CredentialsError, NotFound, SettingsError
from core.ports import Job
from core.workflow import REMEDIATION, Result, Waiting

NO_MACHINE = "StateMachineDoesNotExist"
NO_QUEUE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_MESSAGES = 10
_STALE = ("InvalidToken", "TaskDoesNotExist", "TaskTimedOut")
_UNSEEN_S = 60


@dataclass(frozen=True)
class StepFunctions:
    """One state machine and the queue of its steps."""

    settings: WorkflowSettings
    _clients: dict[str, Any] = field(default_factory=dict, init=False, repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.Session(
            profile_name=self.settings.profile or None,
            region_name=self.settings.region or None,
        )

    def _client(self, service: str) -> Any:
        with self._making:  # a session makes one client at a time
            if service not in self._clients:
                endpoint = os.environ.get("AWS_ENDPOINT_URL") or None
                self._clients[service] = self._session.client(service, endpoint_url=endpoint)
            return self._clients[service]

    @cached_property
    def account(self) -> str:
        """The account that the credentials belong to."""
        return str(self.call("sts", "get_caller_identity")["Account"])

    @cached_property
    def machine_arn(self) -> str:
        """The ARN of the state machine, deployed or not."""
        return self._arn("states", f"stateMachine:{self.settings.name}")

    @cached_property
    def queue_arn(self) -> str:
        """The ARN of the queue of steps, deployed or not."""
        return self._arn("sqs", self.queue_name)

    @cached_property
    def queue_url(self) -> str:
        """The queue's address. Raises: SettingsError when it is not deployed."""
        try:
            return str(self.call("sqs", "get_queue_url", QueueName=self.queue_name)["QueueUrl"])
        except Refused as error:
            if error.code not in NO_QUEUE:
                raise
            raise SettingsError(
                f"There is no queue {self.queue_name}. Run plumbline workflow deploy first."
            ) from error

    @property
    def queue_name(self) -> str:
        """The name of the queue of steps."""
        return f"{self.settings.name}-steps"

    def _arn(self, service: str, rest: str) -> str:
        region = self._session.region_name
        if not region:
            raise SettingsError("Set workflow.region, or a Region in the AWS profile.")
        partition = self._session.get_partition_for_region(region)
        return f"arn:{partition}:{service}:{region}:{self.account}:{rest}"

    def call(self, service: str, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Make one call. Raises: CredentialsError, Refused, CloudError."""
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        try:
            answer: Mapping[str, Any] = getattr(self._client(service), operation)(**parameters)
        except NoCredentialsError as error:
            raise CredentialsError("There are no AWS credentials for Step Functions.") from error
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            raise Refused(f"AWS refused {service} {operation} ({code})", code) from error
        except BotoCoreError as error:
            raise CloudError(f"AWS did not answer {service} {operation}") from error
        return answer

    # ── runs ──────────────────────────────────────────────────────────────────

    def start(self, step: str, digest: str, *, name: str) -> str:
        """Start a run at a step; the same name again is the same run. Return its ARN."""
        given = json.dumps({"step": step, "plan_digest": digest}, sort_keys=True)
        try:
            started = self.call(
                "stepfunctions", "start_execution",
                stateMachineArn=self.machine_arn, name=name, input=given,
            )  # fmt: skip
        except Refused as error:
            if error.code == "ExecutionAlreadyExists":  # it has come to its end already
                return self.machine_arn.replace(":stateMachine:", ":execution:") + f":{name}"
            if error.code == NO_MACHINE:
                raise SettingsError(
                    f"There is no state machine {self.settings.name}. "
                    "Run plumbline workflow deploy first."
                ) from error
            raise
        return str(started["executionArn"])

    def run(self, step: str, digest: str, store: SqliteStore) -> str:
        """Start a run for a person, unless one is under way for the plan; return its ARN."""
        known = store.get(_fact(digest))
        if known and self.is_running(known):
            return known
        run = self.start(step, digest, name=f"{step}-{digest[:16]}-{uuid.uuid4().hex}")
        store.put(_fact(digest), run)
        return run

    def is_running(self, run: str) -> bool:
        """Whether a run is under way."""
        try:
            found = self.call("stepfunctions", "describe_execution", executionArn=run)
        except Refused as error:
            if error.code == "ExecutionDoesNotExist":
                return False
            raise
        return bool(found["status"] == "RUNNING")

    # ── steps ─────────────────────────────────────────────────────────────────

    def take(self, accept: Callable[[Mapping[str, Any]], None], *, wait_s: int) -> int:
        """Hand over the steps that have arrived, and delete each once it is accepted."""
        answer = self.call(
            "sqs", "receive_message", QueueUrl=self.queue_url, MaxNumberOfMessages=_MESSAGES,
            WaitTimeSeconds=wait_s, VisibilityTimeout=_UNSEEN_S,
        )  # fmt: skip
        messages = answer.get("Messages", ())
        for message in messages:
            step = _parsed(message["Body"])
            if step is None:
                logger().error("workflow_message_refused", message=message["MessageId"])
            else:
                accept(step)
            handle = message["ReceiptHandle"]
            self.call("sqs", "delete_message", QueueUrl=self.queue_url, ReceiptHandle=handle)
        return len(messages)

    def succeed(self, token: str, output: Mapping[str, str]) -> None:
        """Answer a step; nothing happens when it is answered already or nobody waits any more."""
        self._answer("send_task_success", taskToken=token, output=json.dumps(output))

    def fail(self, token: str, error: str) -> None:
        """Say that a step failed, by the name of its error; the sentence stays in our store."""
        self._answer("send_task_failure", taskToken=token, error=error)

    def is_awaited(self, token: str) -> bool:
        """Say that a step is being done, and learn whether anybody still waits for it."""
        return self._answer("send_task_heartbeat", taskToken=token)

    def _answer(self, operation: str, **parameters: str) -> bool:
        try:
            self.call("stepfunctions", operation, **parameters)
        except Refused as error:
            if error.code in _STALE:
                return False
            raise
        return True


class Refused(CloudError):
    """AWS answered with an error of this code."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


class Remote:
    """Implements `core.ports.Executor`: runs are started there, steps are done and answered here."""

    def __init__(
        self, machine: StepFunctions, embedded: Embedded, store: SqliteStore, steps: Steps
    ) -> None:
        self._machine = machine
        self._embedded = embedded
        self._store = store
        self._steps = steps

    def begin(self, job: Job) -> bool:
        """Start a run for a job that nobody there waits for, unless one is under way."""
        if "token" in job.payload:
            return False
        digest = str(job.payload["plan_digest"])
        run = self._store.get(_fact(digest))
        # What undoes a fix is not part of the run that made it.
        if job.kind == "revert" or not run or not self._machine.is_running(run):
            name = f"{job.kind}-{digest[:16]}-{job.uid}"
            self._store.put(_fact(digest), self._machine.start(job.kind, digest, name=name))
        return True

    def ended(self, job: Job, result: Result) -> None:
        """Answer the step, or come back to it when it waits."""
        if isinstance(result, Waiting):
            self._store.enqueue(job.kind, job.key, job.payload, run_at=result.until)
            return
        self._store.put(_fact(result.plan_digest), str(job.payload["run"]))
        output = {"outcome": result.outcome.value, "plan_digest": result.plan_digest}
        self._machine.succeed(str(job.payload["token"]), output)

    def failed(self, job: Job, error: Exception, sentence: str) -> None:
        """Say so to the run, which tries again or has things put right; a start is tried again here."""
        if "token" not in job.payload:
            self._embedded.failed(job, error, sentence)
            return
        self._steps.note_failure(job.payload, sentence)
        name = REMEDIATION.steps[job.kind].retry.name(error)
        self._machine.fail(str(job.payload["token"]), name)
        self._store.finish_job(job.uid, error=sentence)
        logger().warning(
            "job_failed", kind=job.kind, error=sentence, attempt=job.payload["attempt"]
        )


def receive(machine: StepFunctions, store: SqliteStore, *, wait_s: int) -> int:
    """Make jobs of the steps that have arrived; return how many messages there were."""

    def accept(step: Mapping[str, Any]) -> None:
        digest, token = str(step["plan_digest"]), str(step["token"])
        if not machine.is_awaited(token):
            return  # delivered twice, or sent while no worker was there to say it lives
        once = hashlib.sha256(f"{token}\n{step['attempt']}".encode()).hexdigest()[:16]
        payload = {key: step[key] for key in ("plan_digest", "token", "attempt", "run")}
        try:
            store.plan(digest)
        except NotFound:
            machine.fail(token, NotFound.__name__)
            return
        store.enqueue(str(step["step"]), f"{digest}:{once}", payload)

    return machine.take(accept, wait_s=wait_s)


def beat(machine: StepFunctions, store: SqliteStore) -> None:
    """Tell each run that its step is being done; let go of jobs that no run waits for any more."""
    for job in store.jobs_with_token():
        if not machine.is_awaited(str(job.payload["token"])):
            store.drop_job(job.uid, error="The run that waited for this step has ended.")


def _parsed(body: str) -> Mapping[str, Any] | None:
    """Return the step that a message asks for; None when it is not one of ours."""
    try:
        step = json.loads(body)
    except ValueError:
        return None
    if not isinstance(step, dict) or step.get("step") not in REMEDIATION.steps:
        return None
    texts = ("plan_digest", "token", "run")
    is_whole = all(isinstance(step.get(key), str) for key in texts)
    return step if is_whole and isinstance(step.get("attempt"), int) else None


def _fact(digest: str) -> str:
    return f"workflow.run.{digest}"
