"""The modals that ask for a reason, an end or a choice."""

from collections.abc import Sequence
from datetime import datetime

from bot import words
from bot.block import Block, choice_input, context, days_input, modal, reason_input, section
from bot.card import title
from bot.ids import Field, View
from bot.review import Reviewed
from bot.text import code, prose
from core.types import Card, Decision, DecisionKind

SNOOZE_DAYS = 7
ACCEPT_DAYS = 30


def _about(card: Card) -> Block:
    return section(prose(title(card), 600))


def _remembered(card: Card) -> str:
    return Reviewed(card.finding.uid).metadata()


def false_positive(card: Card) -> Block:
    """Ask in which way a finding is wrong."""
    which = {
        DecisionKind.FALSE_POSITIVE.value: "The detection is wrong",
        DecisionKind.NOT_APPLICABLE.value: "It is right, but does not apply here",
    }
    blocks = [
        _about(card),
        choice_input(Field.WHICH, "What is it?", which),
        reason_input(
            "Why?",
            optional=True,
            hint="Needed when it does not apply here. Kept with the decision; the risk model learns from it.",
        ),
    ]
    return modal(
        View.FALSE_POSITIVE, "False positive", blocks, metadata=_remembered(card), submit="Record"
    )


def confirm(card: Card) -> Block:
    """Ask why a finding is real."""
    blocks = [
        _about(card),
        reason_input(
            "Why is it real?",
            optional=True,
            hint="Others who see it otherwise read this. Kept with the decision; the risk model learns from it.",
        ),
    ]
    return modal(View.CONFIRM, "It is real", blocks, metadata=_remembered(card), submit="Record")


_INSTEAD = {
    DecisionKind.CONFIRM: "It is real",
    DecisionKind.FALSE_POSITIVE: "The detection is wrong",
    DecisionKind.NOT_APPLICABLE: "It is right, but does not apply here",
}


def change(card: Card, *, own: Decision | None, others: Sequence[Decision]) -> Block:
    """Ask what counts instead of one's own word, or whose word shall count no more."""
    options = {
        kind.value: said for kind, said in _INSTEAD.items() if own and words.is_other(own, kind)
    }
    if own:
        options[_back(own)] = "Take it back: I have no opinion"
    options |= {
        _back(
            each
        ): f"Take back what {each.person.name or each.person.user} said: {words.verdict(each)}"
        for each in others[:_OTHERS]
    }
    said = f"You said: {words.verdict(own)}." if own else "You have said nothing yourself."
    under_way = own is not None and own.kind is DecisionKind.APPROVE_FIX
    blocks = [
        _about(card),
        section(said),
        choice_input(Field.WHICH, "What shall count instead?", options),
        reason_input("Why?", optional=True, hint="Needed where it does not apply here."),
        *([context(_FIX_GOES_ON)] if under_way else []),
    ]
    return modal(
        View.CHANGE, "Change what counts", blocks, metadata=_remembered(card), submit="Record"
    )


_OTHERS = 6  # radio buttons hold ten
_FIX_GOES_ON = "A fix that is being made goes on; Reject fix or Revert fix stops it."


def _back(said: Decision) -> str:
    return f"{DecisionKind.TAKE_BACK.value}:{said.person.key}"


def snooze(card: Card, *, most: int) -> Block:
    """Ask how long a finding may wait."""
    blocks = [
        _about(card),
        days_input(
            "Days", initial=SNOOZE_DAYS, most=most, hint=f"1 to {most}. It comes back by itself."
        ),
        reason_input("Why?", optional=True),
    ]
    return modal(View.SNOOZE, "Snooze", blocks, metadata=_remembered(card), submit="Snooze")


def accept(card: Card, *, most: int) -> Block:
    """Ask for the reason and the end of an accepted risk."""
    blocks = [
        _about(card),
        reason_input("Why is this risk acceptable?", optional=False),
        days_input(
            "Days", initial=ACCEPT_DAYS, most=most, hint=f"1 to {most}. Then it is open again."
        ),
    ]
    return modal(
        View.ACCEPT, "Accept risk", blocks, metadata=_remembered(card), submit="Accept risk"
    )


def not_mine(card: Card) -> Block:
    """Ask whose it is."""
    owner = card.finding.owner
    known = f"Owner now: {code(owner)}" if owner else "No owner is known."
    blocks = [
        _about(card),
        section(known),
        reason_input(
            "Who owns it?", optional=True, hint="A team or a person, as in your owner tags."
        ),
    ]
    return modal(View.NOT_MINE, "Not mine", blocks, metadata=_remembered(card), submit="Record")


def reject(card: Card, shown: Reviewed) -> Block:
    """Ask why this change is not wanted."""
    blocks = [
        _about(card),
        reason_input(
            "Why is this fix not wanted?",
            optional=False,
            hint="The finding stays open; the reason chooses the next proposal.",
        ),
    ]
    return modal(
        View.REJECT, "Reject this fix", blocks, metadata=shown.metadata(), submit="Reject fix"
    )


def revert(card: Card, *, now: datetime) -> Block:
    """Ask whether and why a fix shall be taken back."""
    digest = card.fix.plan_digest if card.fix else ""
    is_live = card.plan is not None and card.plan.live is not None
    way = "put back as the before-image has it" if is_live else "proposed as a pull request"
    told = "The live resource is" if is_live else "The inverse change is"
    terms = words.undo_terms(card, now=now)
    blocks = [
        _about(card),
        section(f"{told} {way}. The finding will be open again."),
        *([context(terms)] if terms else []),
        reason_input("Why?", optional=True),
    ]
    remembered = Reviewed(card.finding.uid, digest).metadata()
    return modal(View.REVERT, "Revert fix", blocks, metadata=remembered, submit="Revert fix")
