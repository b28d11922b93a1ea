"""A canary on a local AWS: three functions, simulated metrics, and each of the three outcomes."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.settings import CanarySettings, LiveSettings, ScanSettings, Settings
from app.store import SqliteStore
from app.worker import Worker
from app.world import World, utc_now
from bench.estate import code
from collectors import AwsCloud
from core import scan as scanning
from core.decide import decide
from core.identity import finding_uid
from core.trial import TrialState
from core.types import DecisionKind, FixState, Snapshot
from sandbox.aws.traffic import Traffic, put_traffic
from tests.live_world import ACCOUNT, LAMBDA, REGION, ROLE, clients, function
from tests.worker_world import DANA, Heard

CHECK = "PL-LAMBDA-011"
NAMES = {"shop-dev": "dev", "shop-prod": "prod"}


class Ahead:
    """A clock that can be set ahead of the real one."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


@dataclass
class Estate:
    """Two functions that lack the same thing, both fixes approved, and a worker."""

    aws: Any
    world: World
    worker: Worker
    chat: Heard
    clock: Ahead

    def limit(self, name: str) -> int | None:
        answer = self.aws("lambda").get_function_concurrency(FunctionName=name)
        limit: int | None = answer.get("ReservedConcurrentExecutions")
        return limit

    def drained(self) -> None:
        for _ in range(3):
            self.worker.drain()
            self.clock.by += timedelta(seconds=2)

    def hour_passes(self, after: Traffic | None) -> None:
        """Put a week of simulated traffic before the change, and an hour after it."""
        now = datetime.now(UTC) + self.clock.by
        start = now.replace(second=0, microsecond=0) - timedelta(minutes=now.minute % 5 + 10)
        for day in range(1, 8) if after else ():
            back = start - timedelta(days=day)
            put_traffic(
                self.aws("cloudwatch"), "shop-dev", Traffic(), start=back, hours=1.5, seed=day
            )
        if after:
            put_traffic(self.aws("cloudwatch"), "shop-dev", after, start=start, hours=1.5, seed=99)
        self.clock.by += timedelta(minutes=61)
        self.drained()

    def trial(self) -> TrialState:
        uid = finding_uid(CHECK, arn("shop-dev"))
        fix = self.world.store.card(uid).fix
        assert fix
        trial = self.world.store.trial(fix.plan_digest)
        assert trial
        return trial.state


def arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


class Functions(AwsCloud):
    """Reads functions only: all else in an account takes longer and plays no part here."""

    def collect(self, *, types: Sequence[str] = ()) -> Snapshot:
        return super().collect(types=types or LAMBDA)


@pytest.fixture
def estate(aws: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    made = clients(aws)
    function(made)
    held = made("lambda").get_function(FunctionName="shop")["Configuration"]
    for name, environment in NAMES.items():
        made("lambda").create_function(
            FunctionName=name, Runtime=held["Runtime"], Handler=held["Handler"],
            Role=held["Role"], Code={"ZipFile": code()}, Tags={"environment": environment},
        )  # fmt: skip
    made("lambda").delete_function(FunctionName="shop")
    monkeypatch.setattr("app.worker.retrain", lambda *_, **__: "")
    live = LiveSettings(enabled=True, role_arn=ROLE, accounts=(ACCOUNT,), checks=(CHECK,))
    settings = Settings(live=live, scan=ScanSettings(follow_s=0.5), canary=CanarySettings())
    world, clock = World(tmp_path, settings), Ahead()
    whole = world.policy_set
    only = replace(whole, policies=(whole.by_id[CHECK],), _memories=threading.local())
    cloud = Functions(regions=[REGION], secret_key=world.secret_key, clock=utc_now, usage=False)
    monkeypatch.setattr(World, "policy_set", only)
    monkeypatch.setattr(World, "cloud", lambda *_, **__: cloud)
    world.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    scanning.scan(world.scanner())
    chat = Heard()
    worker = Worker(world, chat, picture=lambda _: None, clock=clock)
    for name in ("shop-prod", "shop-dev"):
        finding = world.store.card(finding_uid(CHECK, arn(name))).finding
        plan = world.live_planner.plan(finding)
        world.store.save_plan(plan)
        decide(
            world.store, kind=DecisionKind.APPROVE_FIX, finding_uid=finding.uid, person=DANA,
            now=clock(), permit=lambda *_: "", plan_digest=plan.digest,
        )  # fmt: skip
    one = Estate(made, world, worker, chat, clock)
    one.drained()
    yield one
    world.store.close()


def test_the_development_function_goes_first_and_production_follows_when_it_passed(
    estate: Estate,
) -> None:
    assert (estate.limit("shop-dev"), estate.limit("shop-prod")) == (10, None)

    estate.hour_passes(Traffic())

    assert (estate.limit("shop-dev"), estate.limit("shop-prod")) == (10, 10)
    told = [text for _, text in estate.chat.said if "Canary passed" in text]
    assert len(told) == 1
    assert "simulated metrics" in told[0]


def test_throttles_take_the_change_back_and_production_is_not_touched(estate: Estate) -> None:
    estate.hour_passes(Traffic(throttles=0.2))

    assert (estate.limit("shop-dev"), estate.limit("shop-prod")) == (None, None)
    told = [text for _, text in estate.chat.said if "Canary failed" in text]
    assert len(told) == 1
    assert "simulated metrics: throttles 0.00% before" in told[0]
    states = {fix.state for fix in estate.world.store.fixes(states=list(FixState))}
    assert FixState.NONE in states


def test_without_traffic_it_asks_and_goes_on_when_told_to(estate: Estate) -> None:
    estate.hour_passes(None)

    assert (estate.limit("shop-dev"), estate.limit("shop-prod")) == (10, None)
    assert estate.trial() is TrialState.ASKED
    assert len(estate.chat.asked) == 1

    uid, _ = estate.chat.asked[0]
    fix = estate.world.store.card(uid).fix
    assert fix
    decide(
        estate.world.store, kind=DecisionKind.GO_ON, finding_uid=uid, person=DANA,
        now=estate.clock(), permit=lambda *_: "", plan_digest=fix.plan_digest,
    )  # fmt: skip
    estate.drained()
    assert estate.limit("shop-prod") == 10
