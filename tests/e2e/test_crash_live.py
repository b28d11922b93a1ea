"""Killed at every journaled step of a live change: the next start finishes or undoes it, once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app import live
from app.settings import LiveSettings, ScanSettings, Settings
from app.store import SqliteStore, audit
from app.worker import Worker
from app.world import World, utc_now
from core.decide import decide
from core.errors import CloudError
from core.identity import finding_uid
from core.types import (
    Card,
    DecisionKind,
    Evidence,
    Finding,
    FixPlan,
    FixState,
    LiveCall,
    Person,
    Resource,
    Severity,
    Snapshot,
    StepState,
)
from tests.live_world import ACCOUNT, FUNCTION, REGION, ROLE, clients, public_url

ROOT = Path(__file__).parents[2]
DANA = Person(team="T1", user="UDANA", name="Dana")
URL = Resource(
    uid=f"{FUNCTION}|AWS::Lambda::Url|url",
    type="AWS::Lambda::Url",
    name="shop",
    properties={"TargetFunctionArn": FUNCTION, "AuthType": "NONE"},
    account=ACCOUNT,
    region=REGION,
)
UID = finding_uid("PL-LAMBDA-003", URL.uid)
CLOSE, REMOVE = "lambda:UpdateFunctionUrlConfig", "lambda:RemovePermission"
READS = ("lambda:Get", "sts:")


class Silent:
    """A chat that nobody reads."""

    def post_card(self, card: Card, *, channel: str | None = None) -> None: ...
    def post_summary(
        self, summary: object, cards: object, *, channel: str | None = None
    ) -> None: ...
    def say(self, finding_uid: str, text: str, *, once: str = "") -> None: ...
    def ask(self, finding_uid: str, text: str, *, once: str) -> None: ...
    def announce(self, text: str, *, channel: str | None = None) -> None: ...
    def show_model(self, *args: object) -> None: ...
    def show_plan(self, view_id: str, card: Card, plan: object, refusal: str) -> None: ...


@dataclass
class Seam:
    """Where a process is killed: after the nth write of the journal, or after the nth change.

    Every change is noted in a file that outlives the process. `refuses` fails one operation.
    """

    folder: Path
    kill: str = ""
    refuses: str = ""
    _counts: dict[str, int] = field(default_factory=dict)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        write, call = SqliteStore.write_step, live.AwsApi.call

        def written(store: SqliteStore, *given: Any, **named: Any) -> None:
            write(store, *given, **named)
            self._passed("write")

        def called(api: live.AwsApi, one: LiveCall, **named: Any) -> Mapping[str, Any] | None:
            if one.operation == self.refuses:
                raise CloudError(f"{one.operation} was denied")
            answer = call(api, one, **named)
            if not one.operation.startswith(READS):
                with (self.folder / "calls").open("a") as file:
                    file.write(json.dumps([one.operation, one.parameters]) + "\n")
                    file.flush()
                self._passed("call")
            return answer

        patch.setattr(SqliteStore, "write_step", written)
        patch.setattr(live.AwsApi, "call", called)

    def _passed(self, what: str) -> None:
        self._counts[what] = self._counts.get(what, 0) + 1
        if self.kill == f"{what} {self._counts[what]}":
            os.kill(os.getpid(), signal.SIGKILL)

    def calls(self) -> list[str]:
        lines = (self.folder / "calls").read_text().splitlines()
        return [json.loads(line)[0] for line in lines]


def open_world(folder: Path) -> World:
    settings = LiveSettings(
        enabled=True, role_arn=ROLE, accounts=(ACCOUNT,), checks=("PL-LAMBDA-003",)
    )
    return World(folder / "home", Settings(live=settings, scan=ScanSettings(follow_s=3600.0)))


def work(folder: Path, kill: str, refuses: str) -> World:
    """Start the only worker of a home and let it do what is due."""
    world = open_world(folder)
    world.store.release_jobs()
    worker = Worker(world, Silent(), picture=lambda _: None)
    worker.resume()
    with pytest.MonkeyPatch.context() as patch:
        Seam(folder, kill, refuses).install(patch)
        worker.drain()
    return world


def work_until_killed(folder: Path, kill: str, refuses: str) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.e2e.test_crash_live import work; "
        "work(Path(sys.argv[1]), sys.argv[2], sys.argv[3])"
    )
    command = [sys.executable, "-c", code, str(folder), kill, refuses]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.fixture
def folder(aws: str, tmp_path: Path) -> Path:
    """A home in which Dana has approved a live change of two steps."""
    public_url(clients(aws))
    world = open_world(tmp_path)
    finding = Finding(
        uid=UID,
        check_id="PL-LAMBDA-003",
        control="lambda-url-auth",
        title="Function URLs ask for signed requests",
        severity=Severity.HIGH,
        resource_uid=URL.uid,
        resource_type=URL.type,
        resource_name=URL.name,
        evidence=Evidence("anyone may call"),
        account=ACCOUNT,
        region=REGION,
    )
    now = utc_now()
    world.store.record_scan(Snapshot("s1", now, (URL,)), [Card(finding, None)])
    planner = world.live_planner
    planner._recheck = lambda found: found
    plan = planner.plan(finding)
    assert plan.live
    assert [step.apply.operation for step in plan.live.steps] == [CLOSE, REMOVE]
    world.store.save_plan(plan)
    decide(
        world.store,
        kind=DecisionKind.APPROVE_FIX,
        finding_uid=UID,
        person=DANA,
        now=now,
        permit=lambda *_: "",
        plan_digest=plan.digest,
        answers={"who_calls": "signed"},
    )
    world.store.close()
    return tmp_path


def state_of(aws: str) -> tuple[str, list[str]]:
    function = clients(aws)("lambda")
    kind = function.get_function_url_config(FunctionName="shop")["AuthType"]
    try:
        text = function.get_policy(FunctionName="shop")["Policy"]
    except function.exceptions.ResourceNotFoundException:
        return kind, []
    return kind, [each["Sid"] for each in json.loads(text)["Statement"]]


def audited(world: World, kind: str) -> list[int]:
    return [each.payload["step"] for each in world.store.audit_records() if each.kind == kind]


@pytest.mark.parametrize("kill", ["write 1", "call 1", "write 2", "write 3", "call 2", "write 4"])
def test_killed_at_any_step_it_is_finished_and_nothing_is_called_twice(
    folder: Path, aws: str, kill: str
) -> None:
    work_until_killed(folder, kill, "")
    world = work(folder, "", "")

    assert state_of(aws) == ("AWS_IAM", [])
    assert Seam(folder).calls() == [CLOSE, REMOVE]
    plan = the_plan(world)
    assert set(world.store.journal(plan.digest).values()) == {StepState.DONE}
    assert (fix := world.store.fix(plan.digest))
    assert fix.state is FixState.APPLIED
    assert sorted(set(audited(world, "live.done"))) == [0, 1] == audited(world, "live.done")
    assert audit.verify(world.store.audit_records()) > 0
    world.store.close()


@pytest.mark.parametrize(
    "kill", ["write 1", "call 1", "write 2", "write 3", "write 4", "write 5", "write 6", "call 2",
             "write 7"],
)  # fmt: skip
def test_killed_while_a_refused_change_is_undone_it_is_undone_once(
    folder: Path, aws: str, kill: str
) -> None:
    before = state_of(aws)
    work_until_killed(folder, kill, REMOVE)
    world = work(folder, "", REMOVE)

    assert state_of(aws) == before == ("NONE", ["anyone"])
    assert Seam(folder).calls() == [CLOSE, CLOSE]
    plan = the_plan(world)
    assert set(world.store.journal(plan.digest).values()) == {StepState.UNDONE}
    assert (fix := world.store.fix(plan.digest))
    assert fix.state is FixState.FAILED
    assert "Everything is as it was" in fix.detail
    assert audit.verify(world.store.audit_records()) > 0
    world.store.close()


def the_plan(world: World) -> FixPlan:
    plan = world.store.current_plan(UID)
    assert plan
    return plan
