"""`plumbline live` on a local AWS over HTTP: shown, approved, made, undone, and what it refuses."""

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.chat import Unheard
from app.cli import main
from app.operator import whoami
from app.processes import only_worker
from app.settings import FILE_NAME, Settings
from app.store import SqliteStore, audit
from app.worker import Worker
from app.world import World, utc_now
from collectors import AwsCloud
from core import scan as scanning
from core.types import DecisionKind, Link, Snapshot, StepState
from policies import PolicySet
from tests.conftest import local_aws
from tests.live_world import ACCOUNT, MAKERS, REGION, ROLE, Client, clients, reset

CHECK, CALLERS = "PL-LOGS-001", "PL-LAMBDA-003"
GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/shop/orders"
TYPES = {CHECK: MAKERS[CHECK][0], CALLERS: MAKERS[CALLERS][0]}
SETTINGS = """\
[live]
enabled = true
role_arn = "{role}"
accounts = ["{account}"]
checks = ["PL-LOGS-001", "PL-LAMBDA-003"]
operators = ["{login}"]

[scan]
gates = ["{home}/gates.yaml"]

[aws]
usage = false
"""
OPEN = "gates: [{id: usual, approvals: {observability: 1, network: 1}}]"


class Few(AwsCloud):
    """Reads the types of two checks only: all else in an account plays no part here."""

    def collect(self, *, types: Sequence[str] = ()) -> Snapshot:
        return super().collect(types=types or tuple({t for each in TYPES.values() for t in each}))


@dataclass
class Desk:
    """A home after its first scan, and the program as somebody at the machine runs it."""

    home: Path
    aws: Any
    uid: str

    def run(self, *arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(main, ["--home", str(self.home), "live", *arguments], input=given)

    def document(self, *arguments: str) -> Any:
        result = self.run(*arguments, "--format", "json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def retention(self) -> int | None:
        groups = self.aws("logs").describe_log_groups(logGroupNamePrefix="/shop/orders")[
            "logGroups"
        ]
        days: int | None = groups[0].get("retentionInDays")
        return days

    def store(self) -> SqliteStore:
        return World.open(self.home).store

    def settings(self, before: str, after: str) -> None:
        path = self.home / FILE_NAME
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    def gate(self, text: str) -> None:
        (self.home / "gates.yaml").write_text(text, encoding="utf-8")


@dataclass(frozen=True)
class Local:
    """One local AWS for all of these, with its clients: making those takes longer than calling."""

    endpoint: str
    aws: Client
    cloud: Few


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    """Each test begins with an empty one."""
    with local_aws() as endpoint:
        cloud = Few(regions=[REGION], secret_key=b"k" * 32, clock=utc_now, usage=False)
        yield Local(endpoint, clients(endpoint), cloud)


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The two policies that are asked here."""
    whole = World(tmp_path_factory.mktemp("home"), Settings()).policy_set
    chosen = tuple(whole.by_id[each] for each in TYPES)
    return replace(whole, policies=chosen, _memories=threading.local())


@pytest.fixture
def desk(
    local: Local,
    policies: PolicySet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Desk:
    """A home whose scan found one thing that no template declares."""
    check_id = getattr(request, "param", CHECK)
    reset(local.endpoint)
    MAKERS[check_id][1](local.aws)
    text = SETTINGS.format(role=ROLE, account=ACCOUNT, login=whoami().user, home=tmp_path)
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    (tmp_path / "gates.yaml").write_text(OPEN, encoding="utf-8")
    world = World.open(tmp_path)
    monkeypatch.setattr(World, "policy_set", policies)
    monkeypatch.setattr(World, "cloud", lambda *_, **__: local.cloud)
    scanning.scan(world.scanner())
    found = [c.finding for c in world.store.cards() if c.finding.check_id == check_id]
    uids = [each.uid for each in found if check_id != CHECK or each.resource_uid == GROUP]
    world.store.close()
    return Desk(tmp_path, local.aws, uids[0])


def sentence(result: Result) -> str:
    """Return the one line that a refusal is."""
    assert result.exit_code != 0
    said = result.stderr.strip()
    assert said.startswith("plumbline: ")
    assert "\n" not in said
    return said


def test_the_list_names_every_change_and_the_findings_it_would_put_right(desk: Desk) -> None:
    listed = desk.document("list")

    retention = next(e for e in listed["live_changes"] if e["check_id"] == CHECK)
    assert retention["on"] is True
    assert "logs:PutRetentionPolicy" in retention["calls"]
    assert len(listed["live_changes"]) == len(MAKERS)
    assert {each["uid"]: each["refusal"] for each in listed["findings"]}[desk.uid] == ""
    assert "PL-LOGS-001" in desk.run("list").stdout


def test_a_dry_run_shows_calls_before_and_after_and_changes_nothing(desk: Desk) -> None:
    [plan] = desk.document("plan", desk.uid[:10])["plans"]
    shown = desk.run("plan", desk.uid[:10])

    assert plan["steps"] == [
        {"aspect": "log retention", "call": "logs:PutRetentionPolicy",
         "undo": "logs:DeleteRetentionPolicy", "after_trial": False}
    ]  # fmt: skip
    assert '1. logs:PutRetentionPolicy {"logGroupName": "/shop/orders"' in shown.stdout
    assert "+365" in shown.stdout
    assert desk.retention() is None
    assert desk.store().current_plan(desk.uid) is None


def test_what_is_not_confirmed_is_neither_made_nor_recorded(desk: Desk) -> None:
    result = desk.run("run", desk.uid, given="n\n")

    assert result.exit_code == 1
    assert "Change the live resource?" in result.stderr
    assert desk.retention() is None
    assert desk.store().decisions(desk.uid) == ()


def test_a_confirmed_change_is_made_verified_recorded_and_put_back(desk: Desk) -> None:
    result = desk.run("run", desk.uid, given="y\n")

    assert result.exit_code == 0, result.output
    assert "verified: the finding is gone" in result.stdout
    assert desk.retention() == 365
    [change] = desk.document("status", desk.uid)["changes"]
    assert (change["state"], change["approved_by"]) == ("verified", [whoami().name])
    assert [step["state"] for step in change["steps"]] == [StepState.DONE.value]
    assert change["trial"] == "observing"

    undone = desk.run("rollback", desk.uid, "--yes", "--reason", "the auditors want all of it")

    assert undone.exit_code == 0, undone.output
    assert "1. logs:DeleteRetentionPolicy" in undone.stdout
    assert desk.retention() is None
    store = desk.store()
    kinds = [each.kind for each in store.decisions(desk.uid)]
    assert kinds == [DecisionKind.APPROVE_FIX, DecisionKind.REVERT_FIX]
    deciders = {r.actor for r in store.audit_records() if r.kind == "decision"}
    assert deciders == {whoami().key}
    assert audit.verify(store.audit_records()) > 0
    assert {each["state"] for each in desk.document("status")["changes"]} == {"reverted"}
    assert "No live change of this finding was made" in sentence(desk.run("rollback", desk.uid))


def test_somebody_elses_later_change_is_not_put_back(desk: Desk) -> None:
    desk.run("run", desk.uid, "--yes")
    desk.aws("logs").put_retention_policy(logGroupName="/shop/orders", retentionInDays=14)

    assert "somebody else's change" in sentence(desk.run("rollback", desk.uid, "--yes"))
    assert desk.retention() == 14


def test_what_is_switched_off_unknown_or_declared_is_refused_in_one_sentence(desk: Desk) -> None:
    assert "There is no finding" in sentence(desk.run("plan", "feedfacecafe"))

    desk.settings("enabled = true", "enabled = false")
    off = sentence(desk.run("run", desk.uid, "--yes"))
    assert "live.enabled" in off
    desk.settings("enabled = false", "enabled = true")

    desk.settings(f'accounts = ["{ACCOUNT}"]', 'accounts = ["999999999999"]')
    assert f"does not name account {ACCOUNT}" in sentence(desk.run("plan", desk.uid))
    desk.settings('accounts = ["999999999999"]', f'accounts = ["{ACCOUNT}"]')

    desk.store().replace_links([Link(GROUP, "infra", "app/t.yaml", "Orders", "stack tag")])
    declared = sentence(desk.run("run", desk.uid, "--yes"))
    assert "infra/app/t.yaml (Orders) declares this resource" in declared
    assert "plumbline fix" in declared
    assert desk.retention() is None


def test_a_login_that_is_not_named_may_look_and_not_approve(desk: Desk) -> None:
    desk.settings(f'operators = ["{whoami().user}"]', 'operators = ["somebody-else"]')

    assert desk.run("plan", desk.uid).exit_code == 0
    result = desk.run("run", desk.uid, "--yes")

    assert f"live.operators in plumbline.toml does not name {whoami().user}" in sentence(result)
    assert desk.retention() is None
    assert desk.store().current_plan(desk.uid) is None


def test_a_gate_that_wants_two_people_is_answered_in_slack(desk: Desk) -> None:
    desk.gate("gates: [{id: strict, four_eyes: true}]")

    assert "Gate strict wants 2 people" in sentence(desk.run("run", desk.uid, "--yes"))
    assert desk.store().decisions(desk.uid) == ()


def test_a_gate_that_only_suggests_lets_nothing_be_changed(desk: Desk) -> None:
    desk.gate("gates: [{id: legacy, mode: suggest}]")

    assert "Gate legacy only suggests here" in sentence(desk.run("run", desk.uid, "--yes"))
    assert desk.retention() is None


def test_a_freeze_holds_the_change_and_resume_makes_it_afterwards(desk: Desk) -> None:
    desk.gate(
        "gates: [{id: usual, approvals: {observability: 1}, freezes: "
        "[{name: long, zone: UTC, from: 2020-01-01, to: 2099-01-01}]}]"
    )
    held = desk.run("run", desk.uid, "--yes")

    assert held.exit_code == 75, held.output
    assert "is not changed yet: waiting for the end of freeze long" in held.stdout
    assert desk.retention() is None

    desk.gate(OPEN)
    resumed = desk.run("resume")

    assert resumed.exit_code == 0, resumed.output
    assert desk.retention() == 365
    assert len(desk.store().decisions(desk.uid)) == 1


def test_a_change_that_was_interrupted_is_finished_by_resume_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = SqliteStore.write_step
    interrupted: list[bool] = []

    def once(store: SqliteStore, *given: Any, **named: Any) -> None:
        write(store, *given, **named)
        if not interrupted:
            interrupted.append(True)
            raise KeyboardInterrupt

    monkeypatch.setattr(SqliteStore, "write_step", once)
    assert desk.run("run", desk.uid, "--yes").exit_code == 1
    assert desk.retention() is None
    [change] = desk.document("status")["changes"]
    assert (change["state"], change["steps"][0]["state"]) == ("approved", "intended")

    resumed = desk.run("resume")

    assert resumed.exit_code == 0, resumed.output
    assert desk.retention() == 365
    assert "No live change is under way" in desk.run("resume").stdout


def test_a_worker_that_runs_already_makes_the_change_and_is_waited_for(desk: Desk) -> None:
    ready, over = threading.Event(), threading.Event()

    def serve() -> None:
        world = World.open(desk.home)
        worker = Worker(world, Unheard(), picture=lambda _: None)
        with only_worker(desk.home):
            ready.set()
            while not over.wait(0.1):
                worker.drain()
        world.store.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert ready.wait(10)
        result = desk.run("run", desk.uid, "--yes")
    finally:
        over.set()
        thread.join()

    assert result.exit_code == 0, result.output
    assert desk.retention() == 365


@pytest.mark.parametrize("desk", [CALLERS], indirect=True)
def test_what_may_cut_off_callers_needs_the_answer_who_calls(desk: Desk) -> None:
    def kind() -> str:
        config = desk.aws("lambda").get_function_url_config(FunctionName="shop")
        return str(config["AuthType"])

    assert "say so with --callers" in sentence(desk.run("run", desk.uid, "--yes"))
    assert kind() == "NONE"

    done = desk.run("run", desk.uid, "--yes", "--callers", "our own signed client")

    assert done.exit_code == 0, done.output
    assert kind() == "AWS_IAM"
    [decision] = desk.store().decisions(desk.uid)
    assert decision.answers == {"who_calls": "our own signed client"}
