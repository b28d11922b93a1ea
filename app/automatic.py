"""Automatic fixes: warn, wait, then act. Only where a gate says so, and never more than its cap."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app import gates, hold, rollout
from app.planning import Planning
from app.world import World
from core.decide import fix_automatically, withdraw_automatic
from core.errors import AlreadyDecided, StalePlan
from core.gate import Auto, Gate, Mode, strictest_auto
from core.ports import Chat
from core.types import Card, Fix, FixPlan, FixState, Link, Status

KIND = "automatic_fix"
_ALL = 1_000_000
_GRACE = timedelta(days=1)
"""How long after the announced time the plan still holds, for a worker that was down."""
_UNDER_WAY = (FixState.PLANNED, FixState.APPROVED, FixState.PULL_REQUEST, FixState.MERGED)


@dataclass(frozen=True, slots=True)
class _Candidate:
    card: Card
    link: Link
    gate: Gate


class Automatic:
    """Announces the fixes that gates allow, and makes those that nobody stopped."""

    def __init__(
        self, world: World, chat: Chat, planning: Planning, *, clock: Callable[[], datetime]
    ) -> None:
        self._world = world
        self._chat = chat
        self._planning = planning
        self._clock = clock

    def after_scan(self) -> None:
        """Have a job look for what may be fixed, if any gate says so. Raises: PolicyError."""
        rows = gates.in_force(self._world).rows
        if any(row.rule.mode is Mode.AUTO for row in rows):
            self._world.store.enqueue("automatic", "automatic", {})

    def look(self) -> None:
        """Announce what may be fixed, type by type; none of a type that is over its cap."""
        by_type: dict[str, list[_Candidate]] = {}
        for each in self._candidates():
            by_type.setdefault(each.card.finding.resource_type, []).append(each)
        for resource_type, candidates in by_type.items():
            excess = self._excess(resource_type, candidates)
            self._say_excess(resource_type, excess)
            for each in () if excess else candidates:
                self._announce(each)

    def act(self, payload: Mapping[str, Any]) -> None:
        """Let an announced fix go ahead once its time has come, or say why it does not."""
        store, now = self._world.store, self._clock()
        digest = str(payload["plan_digest"])
        fix, plan = store.fix(digest), store.plan(digest)
        if fix is None or fix.state is not FixState.PLANNED:
            return  # somebody approved or rejected it
        card = store.card(plan.finding_uid)
        gate = gates.in_force(self._world).of(card.finding)
        if reason := self._objection(card, plan, gate):
            self.withdraw(digest, reason)
            return
        due = fix.updated_at + timedelta(hours=gate.auto.wait_h)
        if now < due:  # after a restart, or because a gate waits longer now
            store.enqueue(KIND, digest, {"plan_digest": digest}, run_at=due)
            return
        try:
            fix_automatically(store, plan, gates=gate.named, now=now)
        except (AlreadyDecided, StalePlan) as error:
            self.withdraw(digest, str(error))

    def withdraw(self, digest: str, reason: str) -> None:
        """Take an announcement back that still stands, and say why; people decide from here on."""
        store, now = self._world.store, self._clock()
        fix, plan = store.fix(digest), store.plan(digest)
        if fix is None or fix.state is not FixState.PLANNED:
            return
        withdraw_automatic(store, plan, reason=reason, now=now)
        self._chat.say(plan.finding_uid, f"Not fixed automatically: {reason}")

    # ── what may be done ──────────────────────────────────────────────────────

    def _candidates(self) -> Iterator[_Candidate]:
        """Yield findings that nobody has dealt with yet and that a gate lets be fixed."""
        held = gates.in_force(self._world)
        for card in self._world.store.cards(statuses=[Status.OPEN.value], limit=_ALL):
            gate = held.of(card.finding)
            if gate.mode is not Mode.AUTO or card.link is None or card.fix or card.decisions:
                continue
            if self._world.may_fix_automatically(card.finding.check_id, gate.auto):
                refusal = self._world.fix_refusal(card.finding, card.link)
                if not refusal:
                    yield _Candidate(card, card.link, gate)

    def _excess(self, resource_type: str, candidates: Sequence[_Candidate]) -> str:
        """Say by how much a type is over its cap; empty while it is not."""
        auto = strictest_auto([each.gate.auto for each in candidates])
        resources = {each.card.finding.resource_uid for each in candidates}
        changing = resources | self._changing(resource_type)
        total = self._count(resource_type)
        percent = 100 * len(changing) / total if total else 100.0
        if len(changing) <= auto.count and percent <= auto.percent:
            return ""
        return (
            f"Automatic fixing stopped before its first change: {len(changing)} of {total} resources "
            f"of type {resource_type} would be changing at a time ({percent:.0f}%), and "
            f"the cap is {auto.count} and {auto.percent:g}%. People decide about these findings."
        )

    def _changing(self, resource_type: str) -> set[str]:
        """Return the resources of a type that are announced or being changed automatically."""
        store = self._world.store
        found = set()
        for fix in store.fixes(states=[state.value for state in _UNDER_WAY]):
            card = store.card(fix.finding_uid)
            is_ours = fix.state is FixState.PLANNED or rollout.is_automatic(
                store.plan(fix.plan_digest), card.decisions
            )
            if is_ours and card.finding.resource_type == resource_type:
                found.add(card.finding.resource_uid)
        return found

    def _count(self, resource_type: str) -> int:
        snapshot = self._world.store.latest_snapshot()
        return sum(each.type == resource_type for each in snapshot.resources) if snapshot else 0

    def _say_excess(self, resource_type: str, excess: str) -> None:
        """Announce an excess once, and again only after there was none or another."""
        fact = f"automatic.excess.{resource_type}"
        if self._world.store.get(fact) != excess:
            self._world.store.put(fact, excess)
            if excess:
                self._chat.announce(excess)

    # ── warning ───────────────────────────────────────────────────────────────

    def _announce(self, candidate: _Candidate) -> None:
        store, uid = self._world.store, candidate.card.finding.uid
        if self._planning.planned(candidate.card, candidate.link, gate=candidate.gate):
            return  # no plan, or a pull request that makes this change already
        plan = store.current_plan(uid)
        if plan is None or _unfit(plan, candidate.gate.auto):
            return
        now = self._clock()
        at = now + timedelta(hours=candidate.gate.auto.wait_h)
        store.save_plan(replace(plan, valid_until=at + _GRACE))
        when = hold.moment(self._world, at)
        store.save_fix(Fix(plan.digest, uid, FixState.PLANNED, now, detail=f"on {when}"))
        store.enqueue(KIND, plan.digest, {"plan_digest": plan.digest}, run_at=at)
        self._chat.post_card(store.card(uid))
        self._chat.say(
            uid,
            f"{candidate.gate.named} lets this be fixed automatically: {plan.summary}. On {when} the "
            f"pull request is opened in {plan.repository}. To stop it, open Review fix and reject it.",
        )

    def _objection(self, card: Card, plan: FixPlan, gate: Gate) -> str:
        """Say why an announced fix may not go ahead; empty while it may."""
        if card.finding.status is not Status.OPEN:
            return f"the finding is {card.finding.status.value} now."
        if gate.mode is not Mode.AUTO or plan.tier not in gate.auto.tiers:
            return "the gates no longer let it be."
        current = self._world.store.current_plan(plan.finding_uid)
        if current is None or current.digest != plan.digest:
            return "the plan that was announced is no longer the one in force."
        return ""


def _unfit(plan: FixPlan, auto: Auto) -> bool:
    """Whether a plan needs a person.

    It has no tested inverse, may cut callers off, touches more, or stands in for the usual fix, which
    was rolled back or does not hold here.
    """
    is_safe = plan.has_tested_inverse and plan.is_usual and not plan.asks_who_calls
    return not is_safe or plan.tier not in auto.tiers
