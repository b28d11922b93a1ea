"""The change to make by hand, for a finding that no pull request can fix."""

from bot.block import Block, Message, context, fitting, section
from bot.text import parts, prose
from core.types import Card

PART_MAX = 2900
_LATER = "Once a template declares it, the next scan offers the fix for review."


def message(card: Card, change: str) -> Message:
    """Say why there is nothing to review, and what to change instead.

    `change` is a sentence and, on the lines after it, the exact change as code.
    """
    said, _, lines = change.partition("\n")
    blocks = [section(prose(card.no_fix_reason)), *by_hand("*By hand:*", change)]
    if lines:
        blocks.append(context(_LATER))
    return Message(prose(f"{card.no_fix_reason} {said}", 300), fitting(blocks))


def by_hand(label: str, change: str) -> list[Block]:
    """Return a change's sentence, and its lines as code."""
    said, _, lines = change.partition("\n")
    return [section(f"{label} {prose(said)}".strip()), *map(section, parts(lines, PART_MAX))]
