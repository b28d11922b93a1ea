"""Quorum: whose approvals of one exact plan count, and how many are still needed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.gate import Revert
from core.opinion import standing
from core.types import Card, Decision, DecisionKind, FixPlan, Person

PLUMBLINE = "plumbline"
"""The user that stands in the record for what no person did."""


def approvals(
    plan: FixPlan, decisions: Sequence[Decision], *, at: datetime
) -> tuple[Decision, ...]:
    """Return the approvals of exactly this edit that hold at a time: the latest of each person.

    `decisions` come oldest first. A rejection of the plan takes away those before it, and who takes
    their word back approves no more.
    """
    held: dict[str, Decision] = {}
    for each in standing(decisions):
        if each.plan_digest not in plan.approved_as:
            continue
        if each.kind is DecisionKind.REJECT_FIX:
            held.clear()
        elif each.kind is DecisionKind.APPROVE_FIX and at < valid_until(plan, each):
            held[each.person.key] = each
    return tuple(held.values())


def valid_until(plan: FixPlan, approval: Decision) -> datetime:
    """Return when an approval ends."""
    return approval.decided_at + timedelta(hours=plan.terms.valid_h)


def undoing(
    plan: FixPlan, decisions: Sequence[Decision], *, since: datetime, at: datetime
) -> tuple[Decision, ...]:
    """Return who asks that a fix be undone, since it stands as it does: the latest of each person."""
    held = {
        each.person.key: each
        for each in decisions
        if each.kind is DecisionKind.REVERT_FIX
        and each.plan_digest == plan.digest
        and since <= each.decided_at
        and at < valid_until(plan, each)
    }
    return tuple(held.values())


def missing_to_undo(
    plan: FixPlan, decisions: Sequence[Decision], *, since: datetime, at: datetime
) -> int:
    """Return how many more people have to ask before a fix is undone; 0 once it may be.

    What Plumbline itself rolls back, because a resource is worse off than before, waits for nobody.
    """
    asked = undoing(plan, decisions, since=since, at=at)
    if not asked:
        return 1
    if is_undone_at_once(plan, decisions, asked):
        return 0
    return max(0, plan.terms.approvals - len(asked))


def is_undone_at_once(
    plan: FixPlan, decisions: Sequence[Decision], asked: Sequence[Decision]
) -> bool:
    """Whether those who ask for a fix to be undone need nobody else, and wait for no freeze."""
    approved = {
        each.person.key
        for each in decisions
        if each.kind is DecisionKind.APPROVE_FIX and each.plan_digest in plan.approved_as
    }
    return {
        Revert.ANYONE: True,
        Revert.APPROVER: any(each.person.key in approved for each in asked),
        Revert.GATE: False,
    }[plan.terms.revert] or any(each.person.user == PLUMBLINE for each in asked)


def of_card(card: Card, *, at: datetime) -> tuple[Decision, ...]:
    """Return the approvals of a card's current plan that hold."""
    return approvals(card.plan, card.decisions, at=at) if card.plan else ()


def is_owner(person: Person, owner: str | None) -> bool:
    """Whether an owner tag names this person: by user id, by name, or by an address of that name."""
    named = (owner or "").strip().casefold()
    said = {person.user.casefold(), person.name.strip().casefold()} - {""}
    return bool(said & {named, named.partition("@")[0]})
