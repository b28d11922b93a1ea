"""The whole card of a model version: written when it is promoted, and as it was then."""

from typing import TYPE_CHECKING

from app.world import World
from core.errors import NotFound
from core.types import ModelCard, Status

if TYPE_CHECKING:
    from explain.model import Model
    from explain.model_plot import Picture

_KEPT = "model.card"
_ALL = 100_000


def write(world: World, card: ModelCard) -> str:
    """Write a version's card from the labels there are, and keep it; return it."""
    text = _document(world, card)
    world.store.put(f"{_KEPT}.{card.version}", text)
    return text


def read(world: World, version: str = "") -> str:
    """Return a version's card, that of the model in force unless told.

    One that was never promoted is written as it is now. Raises: NotFound.
    """
    card = find(world, version)
    return world.store.get(f"{_KEPT}.{card.version}") or _document(world, card)


def find(world: World, version: str = "") -> ModelCard:
    """Return what is stored of a version, of the model in force unless told. Raises: NotFound."""
    active = world.models.active_card()
    if version in ("", active.version):
        return active
    card = next((each for each in world.models.known() if each.version == version), None)
    if card is None:
        raise NotFound(f"There is no model version {version}.")
    return card


def _document(world: World, card: ModelCard) -> str:
    from explain import model_card

    known = [each for each in world.models.labels() if each.labelled_at <= card.trained_at]
    return model_card.document(card, _model(world, card), known)


def _model(world: World, card: ModelCard) -> "Model":
    import explain.model

    shipped = explain.model.shipped()
    if card.version == shipped.version:
        return shipped
    return explain.model.load(world.store.model_text(card.version))


def pictures(world: World, version: str = "") -> tuple["Picture", ...]:
    """Draw a version's pictures; the beeswarm is of the estate as the model in force scores it."""
    from explain import model_plot

    card = find(world, version)
    in_force = world.models.active_card().version
    cards = world.store.cards(statuses=[Status.OPEN.value, Status.UNKNOWN.value], limit=_ALL)
    scored = [
        each.assessment
        for each in cards
        if each.assessment and each.assessment.model_version == in_force
    ]
    return (
        model_plot.calibration(card.curves, version=card.version),
        model_plot.effort(card.curves, version=card.version),
        model_plot.beeswarm(scored, version=in_force),
    )
