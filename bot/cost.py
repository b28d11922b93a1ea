"""What a finding's resource costs, with the arithmetic of each charge."""

from collections.abc import Iterator, Sequence

from bot import words
from bot.block import Block, Message, context, fitting, section
from bot.text import code, prose
from core import claim
from core.types import Card, Charge


def message(card: Card) -> Message:
    """Render what a finding's resource costs, with the arithmetic of each charge."""
    name = code(card.finding.resource_name)
    if card.assessment is None:
        return Message(
            "Cost", (section(f"The cost of {name} is not known: it was not assessed yet."),)
        )
    impact = card.assessment.cost
    blocks: list[Block] = [section(f"*{name}* {prose(words.cost(impact), 500)}")]
    blocks += [section(line) for line in _charges(impact.charges)]
    if impact.fix_charges:
        blocks.append(section("*What the fix changes*"))
        blocks += [section(line) for line in _charges(impact.fix_charges)]
    if impact.note:
        blocks.append(context(prose(impact.note, 500)))
    return Message(prose(f"Cost of {card.finding.resource_name}", 200), fitting(blocks))


def _charges(charges: Sequence[Charge]) -> Iterator[str]:
    for charge in charges:
        sum_ = (
            f"{charge.quantity.normalize():f} {charge.unit} x {charge.unit_price.normalize():f} = "
        )
        total = claim.money(charge.monthly_cost, charge.currency)
        yield (
            f"{prose(charge.component, 100)}: {prose(sum_, 200)} {total} a month "
            f"({charge.basis.value}; {prose(charge.source, 200)})"
        )
