"""What the worker's tests share: a chat that listens, a planner and a forge of few words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from app.world import World
from core.decide import decide
from core.errors import BranchMoved
from core.ports import Job
from core.types import (
    Card,
    Checks,
    DecisionKind,
    Fix,
    FixPlan,
    FixState,
    Link,
    ModelCard,
    Person,
    PullRequest,
    PullRequestState,
    Status,
)
from tests.store_world import card, plan

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DANA = Person(team="T1", user="UDANA", name="Dana")


class Heard:
    """A chat that remembers what it was told."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.asked: list[tuple[str, str]] = []
        self._once: set[str] = set()
        self.cards: list[Card] = []
        self.plans: list[tuple[FixPlan | None, str]] = []
        self.models: list[tuple[ModelCard, tuple[str, ...]]] = []

    def post_card(self, card: Card, *, channel: str | None = None) -> None:
        self.cards.append(card)

    def post_summary(self, summary: object, cards: object, *, channel: str | None = None) -> None:
        self.said.append(("summary", str(summary)))

    def say(self, finding_uid: str, text: str, *, once: str = "") -> None:
        if not once or once not in self._once:
            self.said.append((finding_uid, text))
        self._once.add(once)

    def ask(self, finding_uid: str, text: str, *, once: str) -> None:
        if once not in self._once:
            self.asked.append((finding_uid, text))
        self._once.add(once)

    def announce(self, text: str, *, channel: str | None = None) -> None:
        self.said.append((channel or "", text))

    def show_model(self, card: ModelCard, lines: Sequence[str]) -> None:
        self.models.append((card, tuple(lines)))

    def show_plan(self, view_id: str, card: Card, plan: FixPlan | None, refusal: str) -> None:
        self.plans.append((plan, refusal))


class Planned:
    """A planner that counts its commits and fails as it is told to."""

    def __init__(self) -> None:
        self.commits = 0
        self.outdated = False
        self.same = False
        self.planned = "d" * 64
        self.fails: Exception | None = None

    def can_fix(self, check_id: str) -> bool:
        return True

    def plan(self, finding: Any, link: Link, *, order: Sequence[str] = ()) -> FixPlan:
        if self.fails and not isinstance(self.fails, BranchMoved):
            raise self.fails
        return replace(plan(finding.uid), digest=self.planned)

    def revert(self, applied: FixPlan) -> FixPlan:
        return replace(applied, digest="e" * 64, reverts=applied.digest)

    def is_outdated(self, applied: FixPlan) -> bool:
        return self.outdated

    def is_same_edit(self, approved: FixPlan, again: FixPlan) -> bool:
        return self.same

    def adopt(self, applied: FixPlan, finding_uid: str, check_id: str) -> FixPlan:
        return replace(applied, finding_uid=finding_uid, check_id=check_id, digest="a" * 64)

    def execute(self, applied: FixPlan, *, approvers: Any, audit_head: str) -> Fix:
        if self.fails:
            raise self.fails
        self.commits += 1
        pull = PullRequest("infra", 7, "http://forge/7", "b", PullRequestState.OPEN, "c" * 40)
        state = FixState.PULL_REQUEST
        return Fix(applied.digest, applied.finding_uid, state, NOW, "c" * 40, pull)


class Pulls:
    """A forge that only knows how its one pull request stands."""

    repository = "infra"

    def __init__(self) -> None:
        self.state = PullRequestState.OPEN
        self.checks = Checks()
        self.approved_by: tuple[str, ...] = ()
        self.has_conflict = False
        self.comments: dict[int, list[str]] = {}
        self.base = "b" * 40
        self.looks = 0
        self.fails: Exception | None = None

    def find_branch(self, branch: str) -> str:
        return self.base

    def comment(self, number: int, text: str) -> None:
        self.comments.setdefault(number, []).append(text)

    def close_pull_request(self, number: int) -> PullRequest:
        if self.state is PullRequestState.OPEN:
            self.state = PullRequestState.CLOSED
        return self.pull_request(number)

    def pull_request(self, number: int) -> PullRequest:
        if self.fails:
            raise self.fails
        self.looks += 1
        return PullRequest(
            "infra",
            number,
            "http://forge/7",
            "b",
            self.state,
            "c" * 40,
            merged_by="dana" if self.state is PullRequestState.MERGED else "",
            checks=self.checks,
            approved_by=self.approved_by,
            has_conflict=self.has_conflict,
        )


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


UID = card("logs").finding.uid


def approve(world: World) -> None:
    world.store.save_plan(plan(UID))
    decide(
        world.store,
        kind=DecisionKind.APPROVE_FIX,
        finding_uid=UID,
        person=DANA,
        now=NOW,
        permit=lambda *_: "",
        plan_digest="d" * 64,
    )


def states(world: World) -> Mapping[str, str]:
    return {fix.plan_digest[0]: fix.state.value for fix in world.store.fixes(states=list(FixState))}


def planner(world: World) -> Planned:
    made: Planned = world.__dict__["planner"]
    return made


def claim(world: World, kind: str) -> Job:
    while job := world.store.claim_job(lease_s=60):
        if job.kind == kind:
            return job
        world.store.finish_job(job.uid)
    raise AssertionError(kind)


def queued(world: World) -> list[str]:
    rows = world.store._db.query("SELECT kind FROM jobs WHERE state = 'queued' ORDER BY kind")
    return [row["kind"] for row in rows]


def pull(state: str) -> PullRequest:
    return PullRequest("infra", 7, "http://forge/7", "b", PullRequestState(state), "c" * 40)


def fixed(world: World) -> None:
    world.store.save_plan(plan(UID))
    found = world.store.card(UID)
    world.store.save_card(replace(found, finding=replace(found.finding, status=Status.FIXED)))
    world.store.save_fix(Fix("d" * 64, UID, FixState.VERIFIED, NOW, "c" * 40, pull("merged")))


def revert(world: World) -> None:
    decide(
        world.store,
        kind=DecisionKind.REVERT_FIX,
        finding_uid=UID,
        person=DANA,
        now=NOW,
        permit=lambda *_: "",
        plan_digest="d" * 64,
    )


def reject(world: World) -> None:
    decide(
        world.store,
        kind=DecisionKind.FALSE_POSITIVE,
        finding_uid=UID,
        person=DANA,
        now=NOW,
        permit=lambda *_: "",
    )
