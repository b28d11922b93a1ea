"""What is said of a plan beside its change and its proofs, wherever it is reviewed.

The review in Slack and the pull request take it from here, so that neither says less than the other.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from core.decide import WHO_CALLS
from core.types import Decision, FixPlan, Proof

_CALLERS = {"signed_clients": "our signed clients", "browsers_or_webhooks": "browsers or webhooks"}
_LEAST = Decimal("0.01")


class Claim(StrEnum):
    """What every plan speaks of; the value is how it is headed."""

    MAY_BREAK = "May break"
    CALLERS = "Who calls"
    COST = "Cost"
    RISK = "Risk"
    UNDO = "Undo"


def proofs(plan: FixPlan, *, held: bool) -> tuple[Proof, ...]:
    """Return what was checked and holds, or what could not be proved.

    Of Terraform nothing lints, and what is not said would be taken for done.
    """
    found = [each for each in plan.proofs if each.held is held]
    if not held and _is_unlinted(plan):
        found.append(Proof("lint", False, "no linter is run on Terraform"))
    return tuple(found)


def _is_unlinted(plan: FixPlan) -> bool:
    return bool(plan.changes) and all(
        each.path.endswith((".tf", ".tfvars")) for each in plan.changes
    )


def claims(plan: FixPlan) -> tuple[tuple[Claim, tuple[str, ...]], ...]:
    """Return everything that is said of a plan, each in one sentence or several, in reading order.

    Of callers nothing is said where nobody asks and nothing is known, of an undo neither price nor risk.
    """
    said = [(Claim.MAY_BREAK, plan.may_break or ("nothing known",))]
    if who := callers(plan):
        said.append((Claim.CALLERS, (who,)))
    if not plan.reverts:
        said += [(Claim.COST, (cost(plan),)), (Claim.RISK, (risk(plan),))]
    return (*said, (Claim.UNDO, (undo(plan),)))


def callers(plan: FixPlan) -> str:
    """Say who uses what is changed, as far as that is known."""
    unknown = "not known: nothing that was read counts its calls" if plan.asks_who_calls else ""
    return plan.callers or unknown


def with_answers(plan: FixPlan, approvals: Sequence[Decision]) -> FixPlan:
    """Return a plan that also says who calls as those said who approved it."""
    answers = [
        (each.answers[WHO_CALLS], each.person) for each in approvals if each.answers.get(WHO_CALLS)
    ]
    said = [
        f"{_CALLERS.get(who, who)}, says {person.name or person.user}" for who, person in answers
    ]
    return replace(plan, callers="; ".join([*said, *filter(None, [plan.callers])]))


def cost(plan: FixPlan) -> str:
    """Say what the fix adds to the bill: estimated for this resource, else the list price."""
    if plan.cost_delta is None and plan.chosen:
        return plan.chosen.cost
    return added(plan.cost_delta, plan.currency)


def added(delta: Decimal | None, currency: str) -> str:
    """Say what a fix adds to the bill."""
    if delta is None:
        return "what the fix changes is not known"
    if delta == 0:
        return "the fix adds nothing"
    verb = "adds" if delta > 0 else "saves"
    return f"the fix {verb} {money(abs(delta), currency)} a month (estimated)"


def money(amount: Decimal, currency: str) -> str:
    """Say an amount; one that rounds to nothing is not nothing."""
    if Decimal(0) < amount < _LEAST:
        return f"under {_LEAST} {currency}"
    return f"{amount.quantize(_LEAST)} {currency}"


def risk(plan: FixPlan) -> str:
    """Say how risky the resource is now, and once this finding is gone."""
    if plan.risk_before is None or plan.risk_after is None:
        return "not known"
    if plan.risk_after >= plan.risk_before:
        return f"the resource stays at {plan.risk_after:.0f} of 100: another finding on it decides"
    return f"{plan.risk_before:.0f} of 100 now, {plan.risk_after:.0f} after"


def undo(plan: FixPlan) -> str:
    """Say how the change is taken back."""
    if plan.reverts:
        return "make the fix again, with Review fix"
    if plan.live:
        return "Revert fix in the finding's thread puts back what was there before"
    return (
        "Revert fix in the finding's thread, or git revert of the commit; later edits elsewhere in "
        "the file stay"
    )
