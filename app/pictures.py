"""Pictures: of one finding for its thread in Slack, and as files for the command line."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import model_card
from app.world import World
from core.types import Card, Cut

if TYPE_CHECKING:
    from bot.chat import SlackChat


def waterfall(chat: "SlackChat") -> Callable[[Card], None]:
    """Return what puts the waterfall of a finding's risk into its thread."""

    def picture(card: Card) -> None:
        import explain.plot

        if card.assessment:
            png = explain.plot.waterfall(card.assessment, title=card.finding.title)
            alt = explain.plot.waterfall_alt(card.assessment)
            chat.send_waterfall(card.finding.uid, png, alt)

    return picture


def drawings(world: World, chat: "SlackChat") -> Mapping[str, Callable[[Mapping[str, Any]], None]]:
    """Return what draws an attack path, a model's pictures and its card, by kind of job."""

    def path(payload: Mapping[str, Any]) -> None:
        from explain import path_plot

        card = world.store.card(str(payload["finding_uid"]))
        ways = card.finding.evidence.ways
        if ways:
            alt = path_plot.alt(ways, cuts=cuts_of(card))
            chat.send_path(card.finding.uid, path_png(card), alt)

    def model_pictures(payload: Mapping[str, Any]) -> None:
        for each in model_card.pictures(world):
            chat.send_to(str(payload["user"]), each.png, name=f"{each.name}.png", alt=each.alt)

    def whole_card(payload: Mapping[str, Any]) -> None:
        text, version = model_card.read(world), world.models.active_card().version
        alt = f"The whole card of risk model {version}"
        name = f"model-card-{version}.md"
        chat.send_to(str(payload["user"]), text.encode(), name=name, alt=alt)

    return {"path": path, "model_pictures": model_pictures, "model_card": whole_card}


def path_png(card: Card) -> bytes:
    """Draw the attack path that a finding is."""
    from explain import path_plot

    title = f"{card.finding.title}: {card.finding.resource_name}"
    return path_plot.draw(card.finding.evidence.ways, title=title, cuts=cuts_of(card))


def cuts_of(card: Card) -> tuple[Cut, ...]:
    """Return what would cut the path that a finding is."""
    return tuple(each for each in card.cuts if each.path_uid == card.finding.uid)


def write(card: Card, file: Path) -> tuple[Path, ...]:
    """Write a finding's picture to a file; return what was written.

    Of an attack path that is the path, and the waterfall of its risk stands beside it.
    """
    import explain.plot

    written = [file]
    risk = file
    if card.finding.evidence.ways:
        file.write_bytes(path_png(card))
        risk = file.with_stem(f"{file.stem}-risk")
        written.append(risk)
    if card.assessment:
        risk.write_bytes(explain.plot.waterfall(card.assessment, title=card.finding.title))
    return tuple(written)
