"""What holds an approved fix back: gates that changed, a freeze, a full repository, a canary."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app import gates, grouping, rollout
from app.world import World
from core import quorum
from core.gate import Gate, Mode, frozen_until
from core.types import Fix, FixPlan, FixState

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
LOOK_AGAIN = timedelta(minutes=10)
"""How often a fix that waits for room in its repository looks whether there is some."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a fix does not go ahead now. Without `until` it has to be approved again."""

    reason: str
    until: datetime | None = None


def of(world: World, plan: FixPlan, fix: Fix, *, now: datetime) -> Hold | None:
    """Return what holds an approved fix back at this moment. Raises: PolicyError.

    Whether it is a fix's turn is asked last: what is
    held back by anything else must not keep the others waiting.
    """
    gate = gates.in_force(world).of(world.store.card(plan.finding_uid).finding)
    return (
        changed(world, plan, fix, gate)
        or _frozen(world, gate, now)
        or _full(world, plan, gate, now)
        or _gathering(world, plan, gate, now)
        or _behind(world, plan, now)
    )


def of_revert(world: World, plan: FixPlan, *, asked_at: datetime, now: datetime) -> Hold | None:
    """Return what holds the undoing of a fix back, where its gate says that it does."""
    gate = gates.in_force(world).of(world.store.card(plan.finding_uid).finding)
    stricter = replace(plan, terms=gate.terms(plan.tier))
    decisions = world.store.decisions(plan.finding_uid)
    asked = quorum.undoing(stricter, decisions, since=_LONG_AGO, at=asked_at)
    if quorum.is_undone_at_once(stricter, decisions, asked):
        return None
    missing = gate.approvals[plan.tier] - len(asked)
    if missing > 0:
        who = "one more person asks" if missing == 1 else f"{missing} more people ask"
        return Hold(f"{gate.named} lets it be undone once {who} for it.")
    return _frozen(world, gate, now) or _full(world, plan, gate, now)


def moment(world: World, at: datetime) -> str:
    """Say when, by the clock of the team."""
    zone = world.settings.slack.zone
    return f"{at.astimezone(ZoneInfo(zone)):%a %d %b %Y %H:%M} ({zone})"


def changed(world: World, plan: FixPlan, fix: Fix, gate: Gate) -> Hold | None:
    """Hold what the gates in force now would not have let through when it was approved."""
    decisions = world.store.decisions(plan.finding_uid)
    held = quorum.approvals(plan, decisions, at=fix.updated_at)
    needed = gate.approvals[plan.tier]
    if gate.mode in (Mode.DETECT, Mode.SUGGEST):
        return Hold(f"{gate.named} lets nothing be changed here any more.")
    if not held and rollout.is_automatic(plan, decisions):
        said = f"{gate.named} no longer" if gate.gates else "No gate any longer"
        return None if gate.mode is Mode.AUTO else Hold(f"{said} lets this be done automatically.")
    owner = world.store.card(plan.finding_uid).finding.owner
    counted = [d for d in held if gate.owner_approves or not quorum.is_owner(d.person, owner)]
    if len(counted) < needed:
        named = f"{gate.named}: " if gate.gates else ""
        return Hold(
            f"{named}{needed} approvals are needed now, and {len(counted)} of those given count. "
            "Open Review fix again."
        )
    return None


def _frozen(world: World, gate: Gate, now: datetime) -> Hold | None:
    frozen = frozen_until(gate.freezes, now)
    if frozen is None:
        return None
    name, until = frozen
    return Hold(f"waiting for the end of freeze {name}, {moment(world, until)}", until)


def _gathering(world: World, plan: FixPlan, gate: Gate, now: datetime) -> Hold | None:
    if gate.group is None or plan.live or grouping.begun(world, plan):
        return None
    until = grouping.opens_at(world, plan, gate.group)
    if until is None or until <= now:
        return None
    return Hold(f"like fixes are proposed together, at {moment(world, until)}", until)


def _full(world: World, plan: FixPlan, gate: Gate, now: datetime) -> Hold | None:
    most, store = gate.open_pull_requests_max, world.store
    if most is None:
        return None
    fixes = store.fixes(states=[FixState.PULL_REQUEST.value])
    here = {
        fix.pull_request.number
        for fix in fixes
        if fix.pull_request and store.plan(fix.plan_digest).repository == plan.repository
    }
    if len(here) < most:
        return None
    every = int(LOOK_AGAIN.total_seconds() // 60)
    return Hold(
        f"waiting for room: {plan.repository} may have {most} open pull requests of ours, and has "
        f"them; looked at again every {every} minutes",
        until=now + LOOK_AGAIN,
    )


def _behind(world: World, plan: FixPlan, now: datetime) -> Hold | None:
    """Hold a fix that nobody merges while another of its check goes first."""
    reason = rollout.turn(world, plan, now=now)
    return Hold(reason, until=now + LOOK_AGAIN) if reason else None
