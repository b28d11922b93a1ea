"""Asking for another opinion, where people disagree or one voice is not enough to hide something."""

from collections.abc import Sequence

from bot import words
from bot.block import Block, Message, actions, button, context, fitting, section
from bot.ids import Action
from bot.text import prose
from core.opinion import SECOND, Opinion
from core.types import Card, Decision

_WORDS = 6


def message(card: Card, found: Opinion, asked: Sequence[str]) -> Message:
    """Quote what was said, with its reasons, and ask; `asked` are user ids, who are mentioned."""
    uid, told = card.finding.uid, sorted((*found.real, *found.dismissing), key=_when)
    blocks: list[Block] = [section(f"*{_question(found)}*"), *map(_quote, told[-_WORDS:])]
    if found.doubted:
        blocks.append(section(prose(found.doubted.answers[SECOND], 500)))
    whom = " ".join(f"<@{user}>" for user in asked)
    blocks += [
        section(f"{whom} Is it real? Until that is settled it stays open.".strip()),
        actions(
            button("It is real", Action.CONFIRM, uid),
            button("False positive", Action.FALSE_POSITIVE, uid),
            button("Why?", Action.WHY, uid),
        ),
        context("More voices on one side settle it, or the admin's."),
    ]
    return Message(_question(found), fitting(blocks))


def _question(found: Opinion) -> str:
    if found.doubted:
        return "A second opinion is needed before this is hidden"
    return "People disagree on this finding: one more opinion is needed"


def _when(decision: Decision) -> float:
    return decision.decided_at.timestamp()


def _quote(decision: Decision) -> Block:
    reason = f": {prose(decision.reason, 500)}" if decision.reason else ", without a reason"
    return section(f"> {words.person(decision)} says {words.verdict(decision)}{reason}")


def settled(found: Opinion) -> str:
    """Say in plain words how a question was settled."""
    by = found.settled_by
    side = "not to be shown" if found.is_dismissed else "real"
    if by is not None:
        name = by.person.name or by.person.user
        return f"Settled by {name}, as admin: this finding is {side}."
    most, least = sorted((len(found.real), len(found.dismissing)), reverse=True)
    return f"Settled {most} to {least}: this finding is {side}."
