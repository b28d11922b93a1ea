"""Fixes of one check that no merge by people holds apart go ahead one first, then in waves."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.world import World
from core.ports import Chat
from core.trial import STOOD, Member, Rollout, RolloutState, admitted, rank_of
from core.types import Decision, DecisionKind, FixPlan, FixState

LIVE, AUTOMATIC = "live", "automatic"
_CAME_TO_NOTHING = (FixState.CLOSED, FixState.FAILED, FixState.NONE)


def turn(world: World, plan: FixPlan, *, now: datetime) -> str:
    """Return why a plan has to wait for others of its check; empty when its turn has come.

    The first to ask begins a rollout, or joins the one that is under way. Asked again, the answer
    is the same until the wave before has stood its trial.
    """
    store, kind = world.store, kind_of(world, plan)
    if not kind:
        return ""
    latest = store.latest_rollout(plan.check_id, kind)
    if latest is None or (not latest.has(plan.digest) and _is_over(world, latest)):
        running = RolloutState.RUNNING
        latest = Rollout(uuid.uuid4().hex, plan.check_id, kind, running, now)
    approved = _approved(world, plan, kind)

    def asked(rollout: Rollout) -> Rollout:
        kept = _present(world, rollout, besides=plan.digest)
        new = tuple(each for each in approved if not kept.has(each.plan_digest))
        return admitted(
            replace(kept, members=(*kept.members, *new)),
            plan.digest,
            stood=lambda digest: has_stood(world, digest),
            waves=world.settings.canary.waves,
        )

    rollout = store.change_rollout(latest, asked)
    if any(each.plan_digest == plan.digest and each.wave for each in rollout.members):
        return ""
    first = store.card(rollout.canary.finding_uid).finding.resource_name
    return (
        f"waiting its turn: {first} goes first, the others follow in waves once the wave before "
        "has stood its trial"
    )


def kind_of(world: World, plan: FixPlan) -> str:
    """Return how a plan goes ahead without a merge by people; empty where one merges it."""
    if plan.live:
        return LIVE
    return AUTOMATIC if is_automatic(plan, world.store.decisions(plan.finding_uid)) else ""


def is_automatic(plan: FixPlan, decisions: Sequence[Decision]) -> bool:
    """Whether a plan went ahead without being asked, and nobody rejected it since."""
    kinds = [
        each.kind
        for each in decisions
        if each.plan_digest == plan.digest
        and each.kind in (DecisionKind.AUTO_FIX, DecisionKind.REJECT_FIX)
    ]
    return kinds[-1:] == [DecisionKind.AUTO_FIX]


def _approved(world: World, plan: FixPlan, kind: str) -> tuple[Member, ...]:
    """Return this plan and those approved like it: the least risky of all is to go first."""
    store = world.store
    waiting = [store.plan(f.plan_digest) for f in store.fixes(states=[FixState.APPROVED.value])]
    alike = [
        each
        for each in waiting
        if each.digest != plan.digest
        and each.check_id == plan.check_id
        and kind_of(world, each) == kind
    ]
    return tuple(
        Member(each.digest, each.finding_uid, rank_of(store.card(each.finding_uid)))
        for each in (plan, *alike)
    )


def has_stood(world: World, digest: str) -> bool:
    """Whether a fix passed its trial, or a person let it count."""
    trial = world.store.trial(digest)
    return trial is not None and trial.state in STOOD


def of(world: World, plan: FixPlan) -> Rollout | None:
    """Return the rollout that a plan went ahead in."""
    rollout = world.store.latest_rollout(plan.check_id, LIVE if plan.live else AUTOMATIC)
    return rollout if rollout and rollout.has(plan.digest) else None


def go_on(world: World, rollout: Rollout) -> None:
    """Have those that wait ask again whether it is their turn."""
    for each in rollout.waiting:
        store, payload = world.store, {"plan_digest": each.plan_digest}
        store.enqueue("execute", each.plan_digest, payload)


def stop(world: World, chat: Chat, rollout: Rollout, *, reason: str, now: datetime) -> None:
    """End a rollout: nothing more is changed, and the threads of those that waited say why."""
    store = world.store
    waiting = rollout.waiting
    for each in waiting:
        fix = store.fix(each.plan_digest)
        if fix and fix.state is FixState.APPROVED:
            store.save_fix(replace(fix, state=FixState.NONE, detail=reason, updated_at=now))
            chat.post_card(store.card(each.finding_uid))
        chat.say(
            each.finding_uid,
            f"Nothing is changed: {reason} Open Review fix to try it nevertheless.",
            once=f"stopped {rollout.uid} {each.plan_digest}",
        )

    def stopped(current: Rollout) -> Rollout:
        members = tuple(each for each in current.members if each.wave)
        return replace(current, state=RolloutState.STOPPED, members=members)

    store.change_rollout(rollout, stopped)


def _present(world: World, rollout: Rollout, *, besides: str) -> Rollout:
    """Return a rollout without the fixes that came to nothing."""
    for each in rollout.members:
        fix = world.store.fix(each.plan_digest)
        is_gone = fix is None or fix.state in _CAME_TO_NOTHING
        if is_gone and each.plan_digest != besides:
            rollout = rollout.without(each.plan_digest)
    return rollout


def _is_over(world: World, rollout: Rollout) -> bool:
    present = _present(world, rollout, besides="")
    return rollout.state is RolloutState.STOPPED or all(
        has_stood(world, each.plan_digest) for each in present.members
    )
