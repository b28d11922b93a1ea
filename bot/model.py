"""Which risk model scores, what it knows, and how good it was on decisions it had not seen."""

from collections.abc import Sequence

from bot.block import Block, Message, actions, button, context, fitting, section
from bot.ids import Action
from bot.text import code, prose
from bot.words import count
from core.types import Criterion, Curves, ModelCard

_CARD_LINES = 11  # Slack takes 3,000 characters in a section
_EFFORT = 0.2
"""The share of findings whose yield is told: about what a team looks at in a week."""


def message(card: ModelCard | None, withholding: Sequence[str] = ()) -> Message:
    """Render the model in force, None for the shipped one, and what is said of what it withholds."""
    if card is None:
        said = (
            "The shipped model scores. It is a prior: it knows documented facts and no decision of "
            "this workspace yet, so that its score is no probability."
        )
        return Message("Model", (section(said), _buttons()))
    blocks = [
        section(f"*Model* {code(card.version)}: {prose(card.status, 100)}"),
        section("\n".join(prose(line, 250) for line in card.text.splitlines()[:_CARD_LINES])),
        section(_yield(card.curves)),
        *(section(prose(line, 500)) for line in withholding),
        *_criteria(card.criteria),
        context(f"{count(card.own_labels, 'decision')} of your own"),
        _buttons(),
    ]
    return Message("Model", fitting(blocks))


def _buttons() -> Block:
    return actions(
        button("Pictures", Action.MODEL_PICTURES, "model"),
        button("Whole card", Action.MODEL_CARD, "model"),
    )


def _yield(curves: Curves | None) -> str:
    """Say what looking at the riskiest findings first is worth, beside severity alone."""
    if curves is None:
        return "*What it saves:* not measured yet; too few decisions were held out."
    at = round(_EFFORT * (len(curves.found) - 1))
    return (
        f"*What it saves:* looking at the riskiest {_EFFORT:.0%} finds {curves.found[at]:.0%} of what is "
        f"real; by severity alone {curves.found_by_severity[at]:.0%}, at random {_EFFORT:.0%} "
        f"({curves.decisions:,} held-out decisions, {curves.real:,} real)."
    )


def _criteria(criteria: Sequence[Criterion]) -> list[Block]:
    """Return what was asked of the model before it took over, each with its answer."""
    if not criteria:
        return []
    lines = [
        f"• *{prose(each.name, 80)}* {each.standing.value}: {prose(each.sentence, 500)}"
        for each in criteria
    ]
    half = (len(lines) + 1) // 2  # a section holds 3,000 characters
    parts = ["\n".join(lines[:half]), "\n".join(lines[half:])]
    return [section("*Asked before it took over*"), *(section(part) for part in parts if part)]
