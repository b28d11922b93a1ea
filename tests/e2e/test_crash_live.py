"""Killed at every journaled step of a live change: the next start finishes or undoes it, once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
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
from tests.conftest import local_aws
from tests.live_world import ACCOUNT, FUNCTION, REGION, ROLE, clients, public_url, reset

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
ADD = "lambda:AddPermission"
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
    """Where a process is killed: after the nth of all its writes and changes; 0 for nowhere.

    What was written and what was changed is noted in files that outlive the process. `refuses` fails
    one operation.
    """

    folder: Path
    kill: int = 0
    refuses: str = ""
    passed: list[str] = field(default_factory=list)

    def install(self, patch: pytest.MonkeyPatch) -> None:
        write, call = SqliteStore.write_step, live.AwsApi.call

        def written(store: SqliteStore, *given: Any, **named: Any) -> None:
            write(store, *given, **named)
            self._pass(f"journal: {given[2]}")

        def called(api: live.AwsApi, one: LiveCall, **named: Any) -> Mapping[str, Any] | None:
            if one.operation == self.refuses:
                raise CloudError(f"{one.operation} was denied")
            answer = call(api, one, **named)
            if not one.operation.startswith(READS):
                with (self.folder / "calls").open("a") as file:
                    file.write(json.dumps([one.operation, one.parameters]) + "\n")
                    file.flush()
                self._pass("call")
            return answer

        for name in ("save_plan", "save_fix"):
            patch.setattr(SqliteStore, name, self._noted(name))
        patch.setattr(SqliteStore, "write_step", written)
        patch.setattr(live.AwsApi, "call", called)

    def _noted(self, name: str) -> Any:
        original = getattr(SqliteStore, name)

        def noted(*given: Any, **named: Any) -> None:
            original(*given, **named)
            self._pass(name)

        return noted

    def _pass(self, what: str) -> None:
        self.passed.append(what)
        if len(self.passed) == self.kill:
            os.kill(os.getpid(), signal.SIGKILL)

    def calls(self) -> list[str]:
        lines = (self.folder / "calls").read_text().splitlines()
        return [json.loads(line)[0] for line in lines]


def open_world(folder: Path) -> World:
    settings = LiveSettings(
        enabled=True, role_arn=ROLE, accounts=(ACCOUNT,), checks=("PL-LAMBDA-003",)
    )
    return World(folder / "home", Settings(live=settings, scan=ScanSettings(follow_s=3600.0)))


def work(folder: Path, kill: int = 0, refuses: str = "") -> tuple[World, list[str]]:
    """Start the only worker of a home and let it do what is due; return what it wrote and changed."""
    world = open_world(folder)
    world.store.release_jobs()
    worker = Worker(world, Silent(), picture=lambda _: None)
    worker.resume()
    seam = Seam(folder, kill, refuses)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.worker.retrain", lambda *_, **__: "")
        seam.install(patch)
        worker.drain()
    return world, seam.passed


def work_until_killed(folder: Path, kill: int, refuses: str = "") -> None:
    code = (
        "import sys; from pathlib import Path; from tests.e2e.test_crash_live import work; "
        "work(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])"
    )
    command = [sys.executable, "-c", code, str(folder), str(kill), refuses]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """One local AWS for all of these."""
    with local_aws() as endpoint:
        yield endpoint


@pytest.fixture
def aws(server: str) -> str:
    """The local AWS, emptied."""
    reset(server)
    return server


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


_STEP = ("journal: intended", "call", "journal: done")
MADE = (*_STEP, *_STEP, "save_fix")
"""All that making the change writes and calls, in order: killed after each of these."""
UNMADE = (
    *_STEP, "journal: intended",
    "journal: undoing", "journal: undone", "journal: undoing", "call", "journal: undone", "save_fix",
)  # fmt: skip
"""The same where the second call is refused, and the first is undone."""
TAKEN_BACK = ("save_plan", *_STEP, *_STEP, "save_fix")
"""The way back to the before-image, on a change that was made."""


def each_of(steps: tuple[str, ...]) -> pytest.MarkDecorator:
    names = [f"{number} {name}" for number, name in enumerate(steps, start=1)]
    return pytest.mark.parametrize("kill", range(1, len(steps) + 1), ids=names)


@pytest.mark.parametrize(("refuses", "steps"), [("", MADE), (REMOVE, UNMADE)])
def test_these_are_all_the_steps_there_are(
    folder: Path, refuses: str, steps: tuple[str, ...]
) -> None:
    world, passed = work(folder, refuses=refuses)

    assert tuple(passed) == steps
    if not refuses:
        take_back(world)
        world.store.close()
        world, passed = work(folder)
        assert tuple(passed) == TAKEN_BACK
    world.store.close()


@each_of(MADE)
def test_killed_at_any_step_it_is_finished_and_nothing_is_called_twice(
    folder: Path, aws: str, kill: int
) -> None:
    work_until_killed(folder, kill)
    world, _ = work(folder)

    assert state_of(aws) == ("AWS_IAM", [])
    assert Seam(folder).calls() == [CLOSE, REMOVE]
    plan = the_plan(world)
    assert set(world.store.journal(plan.digest).values()) == {StepState.DONE}
    assert (fix := world.store.fix(plan.digest))
    assert fix.state in (FixState.APPLIED, FixState.VERIFIED)  # a start looks at once
    assert sorted(set(audited(world, "live.done"))) == [0, 1] == audited(world, "live.done")
    assert audit.verify(world.store.audit_records()) > 0
    world.store.close()


@each_of(UNMADE)
def test_killed_while_a_refused_change_is_undone_it_is_undone_once(
    folder: Path, aws: str, kill: int
) -> None:
    before = state_of(aws)
    work_until_killed(folder, kill, REMOVE)
    world, _ = work(folder, refuses=REMOVE)

    assert state_of(aws) == before == ("NONE", ["anyone"])
    assert Seam(folder).calls() == [CLOSE, CLOSE]
    plan = the_plan(world)
    assert set(world.store.journal(plan.digest).values()) == {StepState.UNDONE}
    assert (fix := world.store.fix(plan.digest))
    assert fix.state is FixState.FAILED
    assert "Everything is as it was" in fix.detail
    assert audit.verify(world.store.audit_records()) > 0
    world.store.close()


def take_back(world: World) -> None:
    """Have Dana ask for the before-image."""
    decide(
        world.store,
        kind=DecisionKind.REVERT_FIX,
        finding_uid=UID,
        person=DANA,
        now=utc_now(),
        permit=lambda *_: "",
        plan_digest=the_plan(world).digest,
    )


@each_of(TAKEN_BACK)
def test_killed_while_a_change_is_taken_back_it_is_taken_back_once(
    folder: Path, aws: str, kill: int
) -> None:
    before = state_of(aws)
    world, _ = work(folder)
    original = the_plan(world)
    take_back(world)
    world.store.close()
    (folder / "calls").unlink()
    work_until_killed(folder, kill)
    world, _ = work(folder)

    assert state_of(aws) == before == ("NONE", ["anyone"])
    assert Seam(folder).calls() == [ADD, CLOSE]
    inverse = the_plan(world)
    assert inverse.reverts == original.digest
    assert set(world.store.journal(inverse.digest).values()) == {StepState.DONE}
    fixes = [world.store.fix(each.digest) for each in (original, inverse)]
    states = [fix.state for fix in fixes if fix]
    verified = [FixState.REVERTED, FixState.REVERTED]  # a start looks at once at what was made
    assert states in ([FixState.REVERTING, FixState.APPLIED], verified)
    assert audit.verify(world.store.audit_records()) > 0
    world.store.close()


def the_plan(world: World) -> FixPlan:
    plan = world.store.current_plan(UID)
    assert plan
    return plan
