"""Retrain the risk model from labels; promote it only when it is no worse."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from app import doubt, model_card, promotion, replaying
from app.training import train_apart
from app.world import World
from core.types import Card, Finding, Label, LabelOrigin, ModelCard, Standing, Status

if TYPE_CHECKING:
    from explain.train import Candidate

_SHOWN = 3
_MOVED_POINTS = 1.0


Tell = Callable[[ModelCard, Sequence[str]], None]
"""Receives a new version that no criterion blocks, and the replay, before it is promoted."""

_TOLD = "model.told"


def retrain(world: World, *, now: datetime, tell: Tell | None = None) -> str:
    """Train a candidate, promote or keep it in shadow, rescore, and say what came of it.

    Raises: ModelError when training had to be stopped or failed; then nothing is changed.
    """
    labels = world.models.labels()
    doubt.remember(world, labels)

    def trained(seed: int) -> "Candidate":
        return train_apart(
            labels,
            base=world.models.active(),
            now=now,
            include_simulated=world.models.simulation,
            limits=world.settings.model.limits(),
            seed=seed,
            say=world.settings.labels.limits(),
        )

    card, text = promotion.judged(world, trained)
    world.store.save_model(card, text)
    if tell:
        _tell(world, card, text, tell, now=now)
    counted = _counted(labels)
    if reason := promotion.objection(card, world.settings.model.promotion):
        return f"{counted}. The retrained model stays in shadow: {reason}"
    return f"{counted}; {promote(world, card, now=now)}"


def _tell(world: World, card: ModelCard, text: str, tell: Tell, *, now: datetime) -> None:
    """Tell of a version once: another training on the same labels has nothing new to say."""
    about = f"{card.inputs.get('base')} {card.inputs.get('labels')}"
    if any(each.standing is Standing.BLOCKS for each in card.criteria):
        return
    if world.store.get(_TOLD) != about:
        tell(card, replaying.lines(world, card, text, now=now))
        world.store.put(_TOLD, about)


def promote(world: World, card: ModelCard, *, now: datetime) -> str:
    """Let a stored version score from now on, rescore what is open, and say what moved."""
    why = card.criteria[0].sentence
    text = world.store.model_text(card.version)
    world.store.save_model(replace(card, status="active"), text)
    world.store.activate_model(card.version, reason=why)
    model_card.write(world, replace(card, status="active"))
    moved = rescore(world, now=now)
    _refresh_posted(world, moved)
    return f"{_moved_sentence(moved)} {why}"


def _counted(labels: Sequence[Label]) -> str:
    simulated = sum(label.origin is LabelOrigin.SIMULATED for label in labels)
    told = f"{len(labels)} decisions"
    return f"{told} ({simulated} of them simulated)" if simulated else told


def _refresh_posted(world: World, moved: Sequence[tuple[Card, float, float]]) -> None:
    """Bring the messages of findings that moved up to date."""
    for card, _, _ in moved:
        uid = card.finding.uid
        if world.store.message_ref(uid):
            world.store.enqueue("refresh", uid, {"finding_uid": uid})


def rescore(world: World, *, now: datetime) -> tuple[tuple[Card, float, float], ...]:
    """Assess what is open with the active model; return cards with risk before and after."""
    snapshot = world.store.latest_snapshot()
    if snapshot is None:
        return ()
    known = {resource.uid for resource in snapshot.resources}
    statuses = [status.value for status in Status if status is not Status.FIXED]
    cards = world.store.cards(statuses=statuses, limit=100_000)
    scored = [card for card in cards if card.finding.resource_uid in known]
    findings: list[Finding] = [card.finding for card in scored]
    estate = world.settings.estate.estate()
    assessed = world.models.assess(findings, snapshot, estate=estate, now=now)
    moved = []
    for card, fresh in zip(scored, assessed, strict=True):
        before = card.assessment.risk if card.assessment else 0.0
        if abs(fresh.risk - before) >= _MOVED_POINTS:
            moved.append((replace(card, assessment=fresh), before, fresh.risk))
    world.store.save_assessments(assessed)
    return tuple(sorted(moved, key=lambda each: -abs(each[2] - each[1])))


def _moved_sentence(moved: tuple[tuple[Card, float, float], ...]) -> str:
    if not moved:
        return "no finding moved by a point or more."
    told = "; ".join(
        f"{card.finding.resource_name} ({card.finding.title}): {before:.0f} → {after:.0f}"
        for card, before, after in moved[:_SHOWN]
    )
    noun = "finding" if len(moved) == 1 else "findings"
    return f"{len(moved)} {noun} moved: {told}."
