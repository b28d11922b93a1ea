"""The review modal: the exact change, what is proved, what may break, and who calls."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import words
from bot.block import Block, actions, button, choice_input, context, divider, modal, section
from bot.ids import Action, Caller, Field, View
from bot.text import code, parts, prose
from core import claim, quorum
from core.decide import UNDER_WAY
from core.gate import Mode
from core.types import Alternative, Card, FixPlan, Proof

DIFF_PARTS = 12
PART_MAX = 2900
"""Twelve parts of 2,900 characters keep a view far below Slack's 250 KB."""
ALTERNATIVES_MAX = 10
_FACT, _LISTED, _LINE_LEAST, _LINES = 600, 2400, 120, 20
"""Characters of a fact and of a list, the fewest of one of its lines, and how many those are at most:
together they stay below the 3,000 of a section."""
_CALLERS = {
    Caller.SIGNED.value: "Our signed clients",
    Caller.PUBLIC.value: "Browsers or webhooks",
    Caller.UNKNOWN.value: "I don't know",
}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a modal remembers: the finding, and the plan that was shown."""

    finding_uid: str
    plan_digest: str = ""

    def metadata(self) -> str:
        """Return it as a view's private metadata."""
        return json.dumps({"finding_uid": self.finding_uid, "plan_digest": self.plan_digest})

    @staticmethod
    def of(metadata: str) -> "Reviewed":
        """Read it back."""
        return Reviewed(**json.loads(metadata))


def preparing(card: Card) -> Block:
    """Return the modal that is shown while the plan is made."""
    text = (
        f"Preparing the fix for {code(card.finding.resource_name)}. Nothing is changed by looking."
    )
    return modal(
        View.PREPARING,
        "Review fix",
        [section(text)],
        metadata=Reviewed(card.finding.uid).metadata(),
    )


def view(card: Card, plan: FixPlan | None, refusal: str, *, zone: ZoneInfo, now: datetime) -> Block:
    """Return the modal of a plan, or of the reason there is none."""
    if plan is None:
        return _refused(card, refusal)
    remembered = Reviewed(card.finding.uid, plan.digest)
    return modal(
        View.REVIEW,
        "Review fix",
        _blocks(card, plan, zone=zone, now=now),
        metadata=remembered.metadata(),
        submit=_submit(card, plan, now),
    )


def _submit(card: Card, plan: FixPlan, now: datetime) -> str:
    """Return what the button says; empty where there is nothing to press it for."""
    if not _is_open(card, plan):
        return ""
    if plan.reverts:
        return "Revert"
    missing = plan.terms.approvals - len(quorum.approvals(plan, card.decisions, at=now))
    forward = "Change it live" if plan.live else "Open pull request"
    return forward if missing <= 1 else "Approve"


def _is_open(card: Card, plan: FixPlan) -> bool:
    """Whether this plan can be approved: a gate does not only suggest it, and it is not already."""
    if card.fix and card.fix.plan_digest == plan.digest and card.fix.state in UNDER_WAY:
        return False
    return plan.terms.mode is not Mode.SUGGEST


def is_cut(plan: FixPlan) -> bool:
    """Whether a plan's diff is too long to be shown whole."""
    return len(tuple(parts(plan.diff, PART_MAX))) > DIFF_PARTS


def diff_blocks(diff: str) -> list[Block]:
    """Return a diff in parts, and the truth about what is not shown."""
    whole = tuple(parts(diff, PART_MAX))
    shown = [section(part) for part in whole[:DIFF_PARTS]]
    if len(whole) <= DIFF_PARTS:
        return shown
    cut = (
        f"*Cut here:* {DIFF_PARTS} of {len(whole)} parts are shown. "
        "The whole diff is a file in the finding's thread."
    )
    return [*shown, section(cut)]


def _refused(card: Card, refusal: str) -> Block:
    if card.fix and card.fix.state in UNDER_WAY:
        return modal(View.NOTICE, "Review fix", [section(prose(refusal, 2000))])
    lines = [section(f"*No fix can be proposed:* {prose(refusal, 2000)}")]
    if card.finding.remediation:
        lines.append(section(f"*By hand:* {prose(card.finding.remediation, 2000)}"))
    return modal(View.NOTICE, "Review fix", lines)


def _blocks(card: Card, plan: FixPlan, *, zone: ZoneInfo, now: datetime) -> list[Block]:
    blocks = [section(f"*{prose(plan.summary, 500)}*\n{_place(plan)}")]
    if plan.because:
        blocks.append(context(f"Why this one first: {prose(plan.because, 300)}"))
    blocks += diff_blocks(plan.diff)
    answered = claim.with_answers(plan, quorum.approvals(plan, card.decisions, at=now))
    blocks += _claims(answered)
    if plan.asks_who_calls and _is_open(card, plan):
        hint = 'With "I don\'t know" nothing is changed: the finding is watched for a week first.'
        blocks.append(choice_input(Field.WHO_CALLS, "Who calls it?", _CALLERS, hint=hint))
    blocks.append(context(_validity(card, plan, zone, now)))
    if _is_open(card, plan) and not plan.reverts:
        blocks += _alternatives(plan)
    blocks.append(_other_ways(card))
    return blocks


def _alternatives(plan: FixPlan) -> list[Block]:
    """Return the other ways to fix this, each with its price, what it may break and a button."""
    others = [each for each in plan.alternatives if each.name != plan.alternative]
    if not others:
        return []
    shown = [_alternative(each) for each in others[:ALTERNATIVES_MAX]]
    return [divider(), section("*Other good ways to fix this*"), *shown, divider()]


def _alternative(each: Alternative) -> Block:
    lines = [f"*{prose(each.summary, 300)}*", f"Cost: {prose(each.cost, 300)}"]
    if each.may_break:
        lines.append(f"May break: {prose('; '.join(each.may_break), 1000)}")
    if each.refused:
        return section("\n".join((*lines, f"Not possible here: {prose(each.refused, 500)}")))
    choose = button("Use this instead", Action.CHOOSE, each.name)
    return section("\n".join(lines), accessory=choose)


def _place(plan: FixPlan) -> str:
    if plan.live is None:
        return f"{code(plan.repository)}, branch {code(plan.base_branch)}"
    place = f"account {code(plan.live.account)}, {code(plan.live.region)}"
    return (
        f":warning: *No template declares this; this changes the live resource directly* ({place})"
    )


def _claims(plan: FixPlan) -> list[Block]:
    """Return what is proved, what may break, and the rest in one block."""
    held = [_proof(each) for each in claim.proofs(plan, held=True)]
    not_held = [_proof(each) for each in claim.proofs(plan, held=False)]
    told = claim.claims(plan)
    breaks = [said for each, said in told if each is claim.Claim.MAY_BREAK]
    facts = [(each, said) for each, said in told if each is not claim.Claim.MAY_BREAK]
    listed = (("Proved", held), ("Not proved", not_held), *(("May break", said) for said in breaks))
    lines = (f"*{each.value}:* {prose('; '.join(said), _FACT)}" for each, said in facts)
    return [
        *(section(_listed(label, said)) for label, said in listed if said),
        section("\n".join(lines)),
    ]


def _listed(label: str, said: Sequence[str]) -> str:
    """Return one sentence behind its label, or several below it."""
    shown = [prose(each, max(_LINE_LEAST, _LISTED // len(said))) for each in said[:_LINES]]
    return f"*{label}:* {shown[0]}" if len(shown) == 1 else "\n• ".join((f"*{label}:*", *shown))


def _proof(each: Proof) -> str:
    return f"{each.name} ({each.detail})" if each.detail else each.name


def _validity(card: Card, plan: FixPlan, zone: ZoneInfo, now: datetime) -> str:
    until = words.moment(plan.valid_until, zone, now=now)
    valid = f"Plan {code(words.digest(plan.digest))}, valid until {until}."
    named = f"{valid} Touches {plan.tier.value}."
    if plan.terms.mode is Mode.SUGGEST:
        return f"{named} {words.gates(plan)} only suggests here: make this change by hand."
    if plan.reverts:
        return named
    not_owner = (
        "" if plan.terms.owner_approves else f" {words.gates(plan)}: the owner may not approve."
    )
    return f"{named} {words.approvals(card, plan, zone, now=now)}.{not_owner}"


def _other_ways(card: Card) -> Block:
    uid = card.finding.uid
    return actions(
        button("Reject this fix", Action.REJECT, uid, style="danger"),
        button("Accept the risk instead", Action.ACCEPT_INSTEAD, uid),
    )
