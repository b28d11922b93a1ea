"""What the tests of canaries share: four functions, a cloud, metrics and a planner of few words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from app.settings import CanarySettings, ScanSettings, Settings, WatchSettings
from app.store import SqliteStore
from app.world import World
from core.decide import decide
from core.errors import CloudError
from core.health import Window
from core.ports import Check
from core.scan import Scanner
from core.types import (
    Assessment,
    Card,
    DecisionKind,
    Finding,
    Fix,
    FixPlan,
    FixState,
    LiveChange,
    Resource,
    Shift,
    Snapshot,
)
from tests.store_world import allow, card, plan, snapshot
from tests.worker_world import DANA, Clock, Planned

NAMES = ("prod", "dev", "staging", "other")
ENVIRONMENTS = {"prod": "production", "dev": "dev", "staging": "staging", "other": ""}
GOOD = Window([100.0] * 12, {"errors": [1.0] * 12})
BAD = replace(GOOD, failures={"errors": [30.0] * 12})
QUIET = Window([1.0] * 12, {"errors": [0.0] * 12})


@dataclass
class Estate:
    """A cloud whose resources have a finding while they are named in `wrong`."""

    wrong: set[str] = field(default_factory=lambda: set(NAMES))
    new: set[str] = field(default_factory=set)

    def collect(self, *, types: Sequence[str] = ()) -> Snapshot:
        return snapshot(*map(function, NAMES))

    def read(self, resource: Resource) -> Snapshot:
        return snapshot(resource)

    def check(self, seen: Snapshot) -> Iterator[Finding]:
        for each in seen.resources:
            if each.name in self.wrong:
                yield finding(each.name)
            if each.name in self.new:
                yield replace(finding(each.name), uid="new" + each.name, title="Timeouts are short")


@dataclass
class Counted:
    """Metrics that are as they are set; an error stands for ones that cannot be read."""

    after: Window | CloudError = GOOD
    asked: list[tuple[datetime, datetime, int]] = field(default_factory=list)

    def has(self, resource_type: str) -> bool:
        return resource_type == "AWS::Lambda::Function"

    def windows(  # the port's
        self,
        resource: Resource,
        *,
        since: datetime,
        until: datetime,
        skip: int,
        days: int,
        shift: Shift | None = None,
    ) -> tuple[Sequence[Window], Window]:
        self.asked.append((since, until, skip))
        if isinstance(self.after, CloudError):
            raise self.after
        return [GOOD] * days, self.after


@dataclass
class Changing(Planned):
    """A live planner that puts the estate right, and back."""

    estate: Estate
    clock: Clock

    def __post_init__(self) -> None:
        super().__init__()
        self.made: list[str] = []

    def execute(self, applied: FixPlan, *, approvers: object, audit_head: str) -> Fix:
        name = applied.summary
        self.made.append(f"undo {name}" if applied.reverts else name)
        (self.estate.wrong.add if applied.reverts else self.estate.wrong.discard)(name)
        return Fix(applied.digest, applied.finding_uid, FixState.APPLIED, self.clock())

    def revert(self, applied: FixPlan) -> FixPlan:
        return replace(applied, digest="e" + applied.digest[1:], reverts=applied.digest)


def function(name: str) -> Resource:
    arn = f"arn:aws:lambda:eu-west-1:111122223333:function:{name}"
    return Resource(arn, "AWS::Lambda::Function", name, {"FunctionName": name})


def finding(name: str) -> Finding:
    made = function(name)
    usual = replace(card(name).finding, resource_uid=made.uid, resource_type=made.type)
    return replace(usual, check_id="PL-LAMBDA-011", resource_name=name)


def live_plan(name: str) -> FixPlan:
    digest = f"{NAMES.index(name)}" * 64
    change = LiveChange(
        function(name).uid, "AWS::Lambda::Function", "111122223333", "eu-west-1", ()
    )
    made = plan(finding(name).uid, digest=digest)
    return replace(
        made, check_id="PL-LAMBDA-011", repository="", changes=(), live=change, summary=name
    )


def open_world(folder: Path, estate: Estate, clock: Clock) -> World:
    """Open a home in which a scan found every function wrong."""
    settings = Settings(
        scan=ScanSettings(follow_s=1.0),
        canary=CanarySettings(waves=(2,)),
        watch=WatchSettings(days=1, every_h=6),
    )
    made = World(folder, settings)
    made.__dict__["store"] = SqliteStore(folder / "plumbline.db", clock=clock)
    made.__dict__["live_planner"] = Changing(estate, clock)
    return made


def found(world: World) -> None:
    """Have a scan find every function wrong."""
    cards = [Card(finding(n), card(n).assessment, environment=ENVIRONMENTS[n]) for n in NAMES]
    world.store.record_scan(snapshot(*map(function, NAMES)), cards)


def scanner(world: World, estate: Estate, clock: Clock) -> Scanner:
    def assess(found: Sequence[Finding], _: Snapshot) -> Sequence[Assessment]:
        usual = card("prod").assessment
        assert usual
        return [replace(usual, finding_uid=each.uid) for each in found]

    checks: dict[str, Check] = {"one": estate.check}
    return Scanner(
        cloud=estate, checks=checks, assess=assess, link=lambda _: (), store=world.store,
        fix_refusal=lambda *_: "", clock=clock, estate=world.settings.estate.estate(),
        report=lambda *_: None, related_types=lambda _: (),
    )  # fmt: skip


def approve(world: World, *names: str) -> None:
    for name in names:
        world.store.save_plan(live_plan(name))
        act(world, DecisionKind.APPROVE_FIX, name)


def act(world: World, kind: DecisionKind, name: str) -> None:
    decide(
        world.store, kind=kind, finding_uid=finding(name).uid, person=DANA, permit=allow,
        now=world.store._clock(), plan_digest=live_plan(name).digest,
    )  # fmt: skip
