"""What would cut an attack path, with the button that leads there."""

from collections.abc import Iterator

from bot.block import Block, button, section
from bot.ids import Action
from bot.text import code
from bot.words import count
from core.noun import noun
from core.types import Card, Cut

_SHOWN = 2


def blocks(card: Card) -> list[Block]:
    """Return what ends the path that a finding is, else the paths that its own fix would end."""
    uid = card.finding.uid
    own = [each for each in card.cuts if each.path_uid == uid]
    if own:
        return [section(_cutting(each), accessory=_button(each)) for each in own[:_SHOWN]]
    ends = [each for each in card.cuts if each.finding_uid == uid]
    return [section(line, accessory=shown) for line, shown in _ended(ends)]


def _cutting(cut: Cut) -> str:
    where = f"on {noun(cut.resource_type)} {code(cut.resource_name)}"
    change = "fixing" if cut.by_fix else "taking away what was found by"
    return f"*Cut:* {change} {code(cut.check_id)} {where} {cut.does} (tried, by searching again)"


def _button(cut: Cut) -> Block:
    if cut.fix_available:
        return button(f"Fix {cut.check_id}", Action.REVIEW, cut.finding_uid, style="primary")
    return button(f"Show {cut.check_id}", Action.SHOW, cut.finding_uid)


def _ended(ends: list[Cut]) -> Iterator[tuple[str, Block]]:
    """Say which paths a fix would end; the worst one can be shown."""
    whole = [each for each in ends if each.is_whole]
    if not whole:
        return
    others = len(whole) - 1
    more = f" and {count(others, 'other attack path')}" if others else ""
    said = f"*Cuts:* fixing this ends the attack path to {code(whole[0].path_target)}{more}."
    yield said, button("Show path", Action.PATH, whole[0].path_uid)
