"""A new version of a function on a local AWS: a tenth of its alias's calls first, then all or none."""

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
from collectors import AwsCloud
from core import scan as scanning
from core.decide import decide
from core.errors import Declined
from core.trial import TrialState
from core.types import DecisionKind, FixPlan, Snapshot, Status
from policies import PolicySet
from remediation.live.executor import Executor
from sandbox.aws.traffic import Traffic, put_traffic
from tests.conftest import local_aws
from tests.live_world import (
    ACCOUNT,
    LAMBDA,
    REGION,
    ROLE,
    Client,
    clients,
    old_function_with_alias,
    reset,
)
from tests.worker_world import DANA, Heard

CHECK = "PL-LAMBDA-008"
DAYS = 3
BY_ALIAS = (("Resource", "shop:live"),)
BY_VERSION = (*BY_ALIAS, ("ExecutedVersion", "2"))


class Ahead:
    """A clock that can be set ahead of the real one."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by


class Functions(AwsCloud):
    """Reads functions only: all else in an account takes longer and plays no part here."""

    def collect(self, *, types: Sequence[str] = ()) -> Snapshot:
        return super().collect(types=types or LAMBDA)


@dataclass
class Shop:
    """One function on an old runtime whose fix is approved, and a worker."""

    aws: Client
    world: World
    worker: Worker
    chat: Heard
    clock: Ahead
    plan: FixPlan

    @property
    def alias(self) -> tuple[str, dict[str, float]]:
        found = self.aws("lambda").get_alias(FunctionName="shop", Name="live")
        weights = (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return found["FunctionVersion"], weights

    @property
    def runtime(self) -> str:
        found = self.aws("lambda").get_function_configuration(FunctionName="shop")
        return str(found["Runtime"])

    @property
    def trial(self) -> TrialState:
        trial = self.world.store.trial(self.plan.digest)
        assert trial
        return trial.state

    def drained(self) -> None:
        for _ in range(3):
            self.worker.drain()
            self.clock.by += timedelta(seconds=2)

    def hour_passes(self, after: Traffic | None) -> None:
        """Put days of simulated traffic before the change; after it, `after` on the new version."""
        now = datetime.now(UTC) + self.clock.by
        start = now.replace(second=0, microsecond=0) - timedelta(minutes=now.minute % 5 + 10)
        put = self.aws("cloudwatch")
        for day in range(1, DAYS + 1) if after else ():
            for of in ((), BY_ALIAS):
                put_traffic(
                    put, "shop", Traffic(of=of), start=start - timedelta(days=day), hours=1.5,
                    seed=day,
                )  # fmt: skip
        if after:
            put_traffic(put, "shop", Traffic(), start=start, hours=1.5, seed=98)
            seen = replace(after, of=BY_VERSION)
            put_traffic(put, "shop", seen, start=start, hours=1.5, seed=99)
        self.clock.by += timedelta(minutes=61)
        self.drained()

    def act(self, kind: DecisionKind) -> None:
        decide(
            self.world.store, kind=kind, finding_uid=self.plan.finding_uid, person=DANA,
            now=self.clock(), permit=lambda *_: "", plan_digest=self.plan.digest,
        )  # fmt: skip
        self.drained()


@dataclass(frozen=True)
class Local:
    """One local AWS for all of these, with its clients: making those takes longer than calling."""

    endpoint: str
    aws: Client
    cloud: Functions


@pytest.fixture(scope="module")
def local() -> Iterator[Local]:
    """Each test begins with an empty one."""
    with local_aws() as endpoint:
        cloud = Functions(regions=[REGION], secret_key=b"k" * 32, clock=utc_now, usage=False)
        yield Local(endpoint, clients(endpoint), cloud)


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> PolicySet:
    """The one policy that is asked here."""
    whole = World(tmp_path_factory.mktemp("home"), Settings()).policy_set
    return replace(whole, policies=(whole.by_id[CHECK],), _memories=threading.local())


@pytest.fixture
def world(
    local: Local, policies: PolicySet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setattr("app.worker.retrain", lambda *_, **__: "")
    live = LiveSettings(enabled=True, role_arn=ROLE, accounts=(ACCOUNT,), checks=(CHECK,))
    canary = CanarySettings(history_days=DAYS)
    settings = Settings(live=live, scan=ScanSettings(follow_s=0.5), canary=canary)
    made = World(tmp_path, settings)
    monkeypatch.setattr(World, "policy_set", policies)
    monkeypatch.setattr(World, "cloud", lambda *_, **__: local.cloud)
    reset(local.endpoint)
    old_function_with_alias(local.aws)
    yield made
    made.store.close()


def planned(world: World) -> FixPlan:
    scanning.scan(world.scanner())
    [card] = world.store.cards()
    return world.live_planner.plan(card.finding)


@pytest.fixture
def shop(world: World, local: Local) -> Shop:
    clock = Ahead()
    world.__dict__["store"] = SqliteStore(world.home / "plumbline.db", clock=clock)
    plan, chat = planned(world), Heard()
    world.store.save_plan(plan)
    worker = Worker(world, chat, picture=lambda _: None, clock=clock)
    made = Shop(local.aws, world, worker, chat, clock, plan)
    made.act(DecisionKind.APPROVE_FIX)
    assert made.alias == ("1", {"2": 0.1})
    return made


def test_the_review_shows_the_tenth_and_what_follows_it(world: World) -> None:
    plan = planned(world)

    assert plan.live
    assert [each.apply.operation for each in plan.live.every] == [
        "lambda:UpdateFunctionConfiguration", "lambda:PublishVersion", "lambda:UpdateAlias",
        "lambda:UpdateAlias",
    ]  # fmt: skip
    before, after = plan.diff.split("Once this has stood its trial as a canary:")
    assert '"2": 0.1' in before
    assert '"FunctionVersion": "2"' in after


def test_a_version_that_fares_as_before_takes_all_calls(shop: Shop) -> None:
    shop.hour_passes(Traffic(requests=20))

    assert shop.alias == ("2", {})
    assert shop.runtime == "python3.12"
    assert shop.trial is TrialState.WATCHING
    assert [t for _, t in shop.chat.said if t == "All calls of alias live go to version 2 now."]

    shop.act(DecisionKind.REVERT_FIX)
    assert (shop.alias, shop.runtime) == (("1", {}), "python3.9")


def test_a_version_that_fails_gives_its_calls_back_and_the_finding_is_open_again(
    shop: Shop,
) -> None:
    shop.hour_passes(Traffic(requests=20, errors=0.5))

    assert (shop.alias, shop.runtime) == (("1", {}), "python3.9")
    [told] = [text for _, text in shop.chat.said if text.startswith("Canary failed")]
    assert "version 2 of alias live: simulated metrics: errors" in told
    assert shop.trial is TrialState.FAILED
    assert shop.world.store.card(shop.plan.finding_uid).finding.status is Status.OPEN


def test_without_calls_it_asks_and_the_rest_follows_when_somebody_says_so(shop: Shop) -> None:
    shop.hour_passes(None)

    assert shop.alias == ("1", {"2": 0.1})
    [(_, asked)] = shop.chat.asked
    assert asked.endswith("Version 2 keeps 10% of alias live's calls.")

    shop.act(DecisionKind.GO_ON)
    assert shop.alias == ("2", {})


def test_an_alias_that_a_deployment_moved_meanwhile_is_left_to_it(shop: Shop) -> None:
    shop.aws("lambda").update_alias(
        FunctionName="shop", Name="live", FunctionVersion="2", RoutingConfig={}
    )
    shop.aws("lambda").update_function_configuration(FunctionName="shop", Timeout=9)
    version = shop.aws("lambda").publish_version(FunctionName="shop")["Version"]
    shop.aws("lambda").update_alias(FunctionName="shop", Name="live", FunctionVersion=version)
    shop.hour_passes(Traffic(requests=20))

    assert shop.alias[0] == version
    assert shop.runtime == "python3.12"
    assert any(text.startswith("Alias live is left as it is") for _, text in shop.chat.said)


@pytest.mark.parametrize("stops_after", [1, 2])
def test_what_follows_a_trial_is_made_once_after_a_crash(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, stops_after: int
) -> None:
    """The journal's states of the last step: intended and the call lost, or made and not noted."""
    api = Calls(shop)
    executor = Executor(api, shop.world.store, pause=lambda _seconds: None)
    write = SqliteStore.write_step
    writes: list[object] = []

    def dying(store: SqliteStore, *given: Any, **named: Any) -> None:
        if stops_after == 1:
            write(store, *given, **named)
        writes.append(given)
        if len(writes) == stops_after:
            raise KeyboardInterrupt
        if stops_after == 2:
            write(store, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(SqliteStore, "write_step", dying)
        with pytest.raises(KeyboardInterrupt):
            executor.complete(shop.plan)

    executor.complete(shop.plan)
    executor.complete(shop.plan)
    assert shop.alias == ("2", {})
    assert api.changes == ["lambda:UpdateAlias"]


class Calls:
    """Calls AWS and notes what changes something."""

    def __init__(self, shop: Shop) -> None:
        from app import live

        self._api = live.open_api(shop.world.settings.live, ACCOUNT, REGION)
        self.changes: list[str] = []

    def call(self, call: Any, *, absent: Sequence[str] = ()) -> Any:
        if not call.operation.startswith("lambda:Get"):
            self.changes.append(call.operation)
        return self._api.call(call, absent=absent)


def test_what_is_not_the_same_code_or_has_no_one_alias_is_left_to_its_pipeline(
    world: World, local: Local
) -> None:
    function = local.aws("lambda")
    function.update_function_configuration(FunctionName="shop", Timeout=9)
    with pytest.raises(Declined, match="would bring more than this change"):
        planned(world)

    version = function.publish_version(FunctionName="shop")["Version"]
    function.update_alias(
        FunctionName="shop", Name="live", FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}},
    )  # fmt: skip
    with pytest.raises(Declined, match="is being shifted already"):
        planned(world)

    function.create_alias(FunctionName="shop", Name="blue", FunctionVersion="1")
    with pytest.raises(Declined, match="2 aliases route"):
        planned(world)
    for name in ("live", "blue"):
        function.delete_alias(FunctionName="shop", Name=name)
    with pytest.raises(Declined, match="no alias routes"):
        planned(world)
