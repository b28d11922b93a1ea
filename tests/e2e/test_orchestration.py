"""One plan on the embedded executor and on Step Functions: same commit, same records, same words."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest

from app.deployment import deploy, is_current
from app.step_functions import StepFunctions, beat, receive
from app.worker import Worker
from app.world import World, utc_now
from core.errors import CloudError, Declined
from core.types import Status
from core.workflow import REMEDIATION
from remediation import GitPlanner, LocalForge
from tests.conftest import local_aws
from tests.shop_world import LIVE, UID, approve, make_home, open_world
from tests.worker_world import Heard

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.xdist_group("orchestration")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A local AWS that carries executions out; each home has a state machine of its own there."""
    with local_aws() as address:
        body = json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode()
        headers = {"Content-Type": "application/json"}
        with urlopen(Request(f"{address}/moto-api/config", body, headers), timeout=10):  # noqa: S310  # loopback
            yield address


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one planned fix, to be copied."""
    folder = tmp_path_factory.mktemp("planned")
    make_home(folder)
    return folder


@pytest.fixture
def home(tmp_path: Path, planned: Path, endpoint: str) -> Path:
    """A home with one planned fix, and an AWS to run it on."""
    return shutil.copytree(planned, tmp_path / "home")


@dataclass
class Shop:
    """One home on one executor, with the worker's ears."""

    folder: Path
    executor: str
    chat: Heard = field(default_factory=Heard)

    def __post_init__(self) -> None:
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        self.world: World = open_world(self.folder, executor=self.executor, name=name)
        self.remote: StepFunctions | None = None
        if self.executor == "stepfunctions":
            self.remote = StepFunctions(self.world.settings.workflow)
            deploy(self.remote)
        self.worker = Worker(self.world, self.chat, picture=lambda _: None, remote=self.remote)

    @property
    def forge(self) -> LocalForge:
        forge = self.world.forges["shop"]
        assert isinstance(forge, LocalForge)
        return forge

    @property
    def digest(self) -> str:
        plan = self.world.store.current_plan(UID)
        assert plan
        return plan.digest

    def state(self) -> str:
        fix = self.world.store.fix(self.digest)
        return fix.state.value if fix else "none"

    def until(self, reached: Callable[[], object]) -> None:
        for _ in range(150):
            self.worker.drain()
            if self.remote:
                receive(self.remote, self.world.store, wait_s=0)
            if reached():
                return
            time.sleep(0.1)
        raise AssertionError(f"still {self.state()}; said {self.chat.said}")

    def branch(self) -> str:
        (found,) = self.forge.pull_requests()
        return found.branch

    def made(self) -> tuple[str, str, tuple[str, ...]]:
        """The commit's tree, its message without what time decides, and how many commits there are."""
        commits = self.forge.store.text("log", "--format=%H", f"main..{self.branch()}").split()
        (commit,) = commits
        assert self.forge.store.verified(commit)
        message = self.forge.store.text("log", "-1", "--format=%B", commit)
        lines = tuple(line for line in message.splitlines() if not line.startswith("Audit-Head"))
        return self.forge.store.text("log", "-1", "--format=%T", commit), lines[0], lines

    def records(self) -> list[tuple[str, str]]:
        found = self.world.store.audit_records()
        return [(each.kind, each.payload.get("plan", "")) for each in found]

    def said(self) -> list[tuple[str, str]]:
        commit = (
            self.forge.pull_requests()[0].head_commit[:10] if self.forge.pull_requests() else ""
        )
        return [(where, text.replace(commit or "\0", "COMMIT")) for where, text in self.chat.said]

    def runs(self) -> list[dict[str, Any]]:
        assert self.remote
        client = boto3.client("stepfunctions", region_name="eu-west-1")
        found = client.list_executions(stateMachineArn=self.remote.machine_arn)["executions"]
        return list(found)

    def steps(self) -> list[str]:
        """List the states of the one run that were entered and that steps stand behind, in order."""
        assert self.remote
        client = boto3.client("stepfunctions", region_name="eu-west-1")
        (run,) = self.runs()
        events = client.get_execution_history(executionArn=run["executionArn"])["events"]
        entered = [
            each["stateEnteredEventDetails"]["name"]
            for each in events
            if each["type"] == "TaskStateEntered"
        ]
        return list(dict.fromkeys(name for name in entered if name in REMEDIATION.steps))

    def looked(self, step: str) -> bool:
        """Whether a step had a look, and waits for its next."""
        query = "SELECT 1 FROM jobs WHERE kind = ? AND state = 'done'"
        return any(self.world.store._db.query(query, [step]))

    def close(self) -> None:
        self.world.store.close()


@pytest.fixture
def shops(tmp_path: Path, home: Path) -> Iterator[tuple[Shop, Shop]]:
    """The same home twice: on the embedded executor, and on Step Functions."""
    pair = (
        Shop(shutil.copytree(home, tmp_path / "other"), "embedded"),
        Shop(home, "stepfunctions"),
    )
    now = utc_now()
    for shop in pair:
        approve(shop.world.store, now)
        shop.world.store._db.execute("DELETE FROM jobs WHERE kind = 'retrain'")
    yield pair
    for shop in pair:
        shop.close()


def test_a_plan_ends_in_the_same_commit_records_and_words_on_both(shops: tuple[Shop, Shop]) -> None:
    for shop in shops:
        shop.until(lambda shop=shop: shop.state() == "pull_request")  # type: ignore[misc]
        pull = shop.forge.pull_requests()[0]
        shop.forge.close_pull_request(pull.number)
        shop.until(lambda shop=shop: shop.state() == "closed")  # type: ignore[misc]
    embedded, remote = shops

    remote.until(lambda: remote.runs()[0]["status"] == "SUCCEEDED")

    assert remote.made() == embedded.made()
    assert remote.records() == embedded.records()
    assert remote.said() == embedded.said()
    assert len(remote.runs()) == 1


@pytest.fixture
def bucket(endpoint: str) -> Iterator[Any]:
    """The bucket that the fix is for, live and without encryption."""
    client = boto3.client("s3", region_name="eu-west-1")
    client.create_bucket(
        Bucket=LIVE.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    client.delete_bucket_encryption(Bucket=LIVE.name)
    yield client
    client.delete_bucket(Bucket=LIVE.name)


def test_a_run_goes_on_to_its_end_when_what_was_merged_is_deployed(home: Path, bucket: Any) -> None:
    """The verify step of the state machine, on the live bucket: it waits, then it is done."""
    shop = Shop(home, "stepfunctions")
    approve(shop.world.store, utc_now())
    shop.world.store._db.execute("DELETE FROM jobs WHERE kind = 'retrain'")
    shop.until(lambda: shop.state() == "pull_request")
    shop.forge.merge(shop.forge.pull_requests()[0].number, by="dana")
    shop.until(lambda: shop.state() == "merged")
    shop.until(lambda: shop.looked("verify"))
    assert shop.state() == "merged"
    assert [run["status"] for run in shop.runs()] == ["RUNNING"]

    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    bucket.put_bucket_encryption(
        Bucket=LIVE.name, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )
    shop.until(lambda: shop.state() == "verified")
    shop.until(lambda: shop.runs()[0]["status"] == "SUCCEEDED")

    assert shop.steps() == ["execute", "follow", "verify"]
    assert shop.world.store.card(UID).finding.status is Status.FIXED
    shop.close()


def test_a_step_that_fails_for_good_is_put_right_in_the_same_way_on_both(
    shops: tuple[Shop, Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Declined("The folder is locked, so nothing was written.")

    monkeypatch.setattr(GitPlanner, "execute", refuse)
    embedded, remote = shops

    for shop in shops:
        shop.until(lambda shop=shop: any("is locked" in text for _, text in shop.chat.said))  # type: ignore[misc]
    remote.until(lambda: remote.runs()[0]["status"] == "FAILED")

    assert embedded.state() == remote.state() == "failed"
    assert remote.records() == embedded.records()
    assert remote.said() == embedded.said()
    assert embedded.forge.pull_requests() == remote.forge.pull_requests() == ()


def killed_after_commit(folder: Path) -> None:
    """Take the step and work, in a process that is killed as soon as the commit is pushed."""
    import os
    import signal

    shop = Shop(folder, "stepfunctions")
    commit = LocalForge.commit_signed

    def deadly(*given: Any, **named: Any) -> None:
        commit(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    LocalForge.commit_signed = deadly  # type: ignore[assignment, method-assign]
    shop.until(lambda: False)


def test_a_worker_killed_in_a_step_goes_on_without_a_second_commit(home: Path) -> None:
    first = Shop(home, "stepfunctions")
    approve(first.world.store, utc_now())
    first.close()
    code = (
        "import sys; from pathlib import Path; from tests.e2e.test_orchestration import "
        "killed_after_commit; killed_after_commit(Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(home)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == -9, ended.stderr
    shop = Shop(home, "stepfunctions")

    shop.world.store.release_jobs()
    shop.worker.resume()
    shop.until(lambda: shop.state() == "pull_request")

    assert shop.made()  # one commit, signed
    assert [run["status"] for run in shop.runs()] == ["RUNNING"]
    shop.close()


def test_a_run_that_a_person_starts_waits_for_the_approval_and_is_the_only_one(home: Path) -> None:
    shop = Shop(home, "stepfunctions")
    assert shop.remote
    run = shop.remote.run("approval", shop.digest, shop.world.store)
    shop.until(shop.world.store.jobs_with_token)
    assert shop.state() == "none"
    assert shop.remote.run("approval", shop.digest, shop.world.store) == run

    approve(shop.world.store, utc_now())
    shop.until(lambda: shop.state() == "pull_request")

    assert shop.made()
    assert [each["executionArn"] for each in shop.runs()] == [run]
    shop.close()


def test_a_step_that_no_run_waits_for_any_more_is_let_go(home: Path) -> None:
    shop = Shop(home, "stepfunctions")
    assert shop.remote
    run = shop.remote.run("approval", shop.digest, shop.world.store)
    shop.until(shop.world.store.jobs_with_token)
    beat(shop.remote, shop.world.store)
    assert shop.world.store.jobs_with_token()

    (job,) = shop.world.store.jobs_with_token()
    shop.remote.succeed(job.payload["token"], {"outcome": "withdrawn", "plan_digest": shop.digest})
    for _ in range(100):
        if not shop.remote.is_running(run):
            break
        time.sleep(0.1)
    beat(shop.remote, shop.world.store)

    assert not shop.world.store.jobs_with_token()
    shop.close()


def test_what_is_not_a_step_of_a_known_plan_is_refused(home: Path) -> None:
    shop = Shop(home, "stepfunctions")
    assert shop.remote
    sqs = boto3.client("sqs", region_name="eu-west-1")
    forged = {"step": "execute", "plan_digest": shop.digest, "token": "t", "attempt": 0, "run": "r"}
    bodies = ("no json", json.dumps({"step": "rm"}), json.dumps({**forged, "attempt": "0"}))
    for body in (*bodies, json.dumps(forged)):
        sqs.send_message(QueueUrl=shop.remote.queue_url, MessageBody=body)

    while receive(shop.remote, shop.world.store, wait_s=0):
        pass

    assert not shop.world.store.jobs_with_token()
    assert "Messages" not in sqs.receive_message(QueueUrl=shop.remote.queue_url)
    shop.close()


def test_deploying_twice_updates_and_a_role_of_others_is_left_alone(home: Path) -> None:
    shop = Shop(home, "stepfunctions")
    assert shop.remote
    assert "(updated)" in deploy(shop.remote)[2]
    assert is_current(shop.remote)
    client = boto3.client("stepfunctions", region_name="eu-west-1")
    older = {"StartAt": "done", "States": {"done": {"Type": "Succeed"}}}
    client.update_state_machine(
        stateMachineArn=shop.remote.machine_arn, definition=json.dumps(older)
    )
    assert not is_current(shop.remote)
    iam = boto3.client("iam", region_name="eu-west-1")
    name = shop.remote.settings.name
    assert iam.get_role_policy(RoleName=name, PolicyName="send-steps")["PolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "SendSteps",
                "Effect": "Allow",
                "Action": ["sqs:SendMessage"],
                "Resource": shop.remote.queue_arn,
            }
        ],
    }
    iam.untag_role(RoleName=name, TagKeys=["created-by"])
    with pytest.raises(CloudError, match="did not make"):
        deploy(shop.remote)
    shop.close()
