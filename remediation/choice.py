"""Which of several good ways to fix a finding goes first, and what a person may choose instead."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.errors import Declined, ProofFailed
from core.types import Alternative, FixPlan
from remediation import words
from remediation.blueprint import Blueprint


def in_order(offered: Sequence[Blueprint], order: Sequence[str]) -> tuple[Blueprint, ...]:
    """Return the ways that an order names, in that order; all of them where it names none.

    Raises: Declined for a name that the check does not have.
    """
    if not order:
        return tuple(offered)
    known = {way.alternative: way for way in offered}
    for name in order:
        if name not in known:
            raise Declined(f"There is no fix named {words.one_line(name, limit=40)} for this check")
    return tuple(known[name] for name in order)


def offering(
    plan: FixPlan,
    chosen: Blueprint,
    offered: Sequence[Blueprint],
    failed: Mapping[str, ProofFailed],
) -> FixPlan:
    """Say in a plan which way it is, and what the others are; nothing where there is only one."""
    if len(offered) == 1:
        return plan
    return replace(
        plan,
        alternative=chosen.alternative,
        alternatives=tuple(
            Alternative(
                way.alternative,
                way.summary,
                way.cost,
                way.may_break,
                str(failed.get(way.alternative, "")),
            )
            for way in offered
        ),
    )
