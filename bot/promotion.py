"""A new risk model's replay, with a button for each answer where a person is asked."""

from collections.abc import Sequence

from bot.block import Block, Message, actions, button, context, fitting, header, section
from bot.ids import Action
from bot.text import code, prose
from core.types import ModelCard


def message(card: ModelCard, lines: Sequence[str]) -> Message:
    """Render what a new version would change; buttons unless it is promoted by itself."""
    waits = card.status != "active"
    title = "A new risk model waits for you" if waits else "A new risk model takes over"
    blocks: list[Block] = [header(title)]
    blocks += [section(prose(line, 1500)) for line in lines]
    blocks.append(
        context(f"{code(card.version)}, trained on {card.own_labels:,} decisions of your own")
    )
    if waits:
        blocks.append(
            actions(
                button("Promote", Action.PROMOTE, card.version, style="primary"),
                button("Keep in shadow", Action.KEEP_IN_SHADOW, card.version),
            )
        )
    return Message(title, fitting(blocks))
