"""What a new model would have shown and hidden over the last month, in words for those who decide."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.world import World
from core.types import ModelCard, Standing

if TYPE_CHECKING:
    from explain.replay import Move

DAYS = 30
_NAMED = 3


def lines(world: World, card: ModelCard, text: str, *, now: datetime) -> tuple[str, ...]:
    """Return a version's criteria that do not simply hold, and its replay, a thought a line."""
    failed = [each for each in card.criteria if each.standing in (Standing.ASKS, Standing.BLOCKS)]
    held = sum(each.standing is Standing.HOLDS for each in card.criteria)
    unknown = sum(each.standing is Standing.UNKNOWN for each in card.criteria)
    return (
        f"{held} of {len(card.criteria)} criteria hold, {unknown} could not be measured.",
        *(f"{each.standing.value.capitalize()}: {each.name}. {each.sentence}" for each in failed),
        *_replayed(world, card, text, now=now),
    )


def _replayed(world: World, card: ModelCard, text: str, *, now: datetime) -> Iterator[str]:
    import explain.model
    from explain.replay import Seen, replay

    seen = world.store.features_seen(since=now - timedelta(days=DAYS))
    if not seen:
        yield f"No finding was seen in the last {DAYS} days, so there is nothing to replay."
        return
    told = replay(
        [Seen(uid, features) for uid, features in seen],
        old=world.models.active(),
        new=explain.model.load(text),
        thresholds=(
            card.metrics.get("reference_working_threshold", 0.0),
            card.metrics.get("working_threshold", 0.0),
        ),
    )
    noun = "finding" if told.findings == 1 else "findings"
    yield f"Replayed on {told.findings} {noun} as the scans of the last {DAYS} days saw them:"
    yield _sentence(world, "would rise above the working threshold", told.risen)
    yield _sentence(world, "would fall below it", told.fallen)
    yield _sentence(world, "else would move by 10 points or more", told.changed)


def _sentence(world: World, what: str, moves: Sequence["Move"]) -> str:
    named = "; ".join(
        f"{finding.resource_name} ({finding.title}) {move.before:.0f} → {move.after:.0f}"
        for move in moves[:_NAMED]
        for finding in [world.store.card(move.finding_uid).finding]
    )
    more = f"; and {len(moves) - _NAMED} more" if len(moves) > _NAMED else ""
    return f"{len(moves)} {what}{f': {named}{more}' if named else ''}."
