"""Quorum: whose approvals of one exact plan count, and how many are still needed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.types import Card, Decision, DecisionKind, FixPlan, Person


def approvals(
    plan: FixPlan, decisions: Sequence[Decision], *, at: datetime
) -> tuple[Decision, ...]:
    """Return the approvals of exactly this plan that hold at a time: the latest of each person.

    `decisions` come oldest first. A rejection of the plan takes away those before it.
    """
    held: dict[str, Decision] = {}
    for each in decisions:
        if each.plan_digest != plan.digest:
            continue
        if each.kind is DecisionKind.REJECT_FIX:
            held.clear()
        elif each.kind is DecisionKind.APPROVE_FIX and at < valid_until(plan, each):
            held[each.person.key] = each
    return tuple(held.values())


def valid_until(plan: FixPlan, approval: Decision) -> datetime:
    """Return when an approval ends."""
    return approval.decided_at + timedelta(hours=plan.terms.valid_h)


def of_card(card: Card, *, at: datetime) -> tuple[Decision, ...]:
    """Return the approvals of a card's current plan that hold."""
    return approvals(card.plan, card.decisions, at=at) if card.plan else ()


def is_owner(person: Person, owner: str | None) -> bool:
    """Whether an owner tag names this person: by user id, by name, or by an address of that name."""
    named = (owner or "").strip().casefold()
    said = {person.user.casefold(), person.name.strip().casefold()} - {""}
    return bool(said & {named, named.partition("@")[0]})
