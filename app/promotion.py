"""Whether a new model may take over: its criteria, measured with what the store knows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app import withholding
from app.world import World
from core.errors import ModelError, NotFound
from core.types import Criterion, Finding, Label, ModelCard, Standing, Status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explain.gate import HeldOut
    from explain.train import Candidate

Train = Callable[[int], "Candidate"]
"""Trains with a seed; all else is the same."""

_ROWS = 500
"""Explanations are compared on the findings of the newest labels, so many of them."""
_ALL = 1_000_000
_KINDS: Mapping[str, Callable[[Finding], str]] = {
    "team": lambda finding: finding.owner or "",
    "account": lambda finding: finding.account,
    "region": lambda finding: finding.region,
    "resource type": lambda finding: finding.resource_type,
}


def judged(world: World, train: Train) -> tuple[ModelCard, str]:
    """Train a candidate and return its card with every criterion, and its text.

    A second training under another seed, with which explanations are compared, is only made where
    enough decisions were held out for anything to be compared.
    """
    from explain import audit, curves, gate
    from explain.prior import SEED

    candidate = train(SEED)
    recall = world.settings.model.suppress_recall
    spoken_for = withholding.weights(world, now=candidate.card.trained_at)
    first = Standing.HOLDS if candidate.promoted else Standing.BLOCKS
    criteria = [Criterion("no worse than the model in force", first, candidate.why)]
    metrics = dict(candidate.card.metrics)
    if candidate.held_out.truth:
        metrics |= gate.working_thresholds(candidate.held_out)
        metrics |= audit.figures(candidate.held_out, spoken_for, recall=recall)
        audited = audit.criterion(candidate.held_out, spoken_for, recall=recall)
        criteria += _measured(world, candidate.held_out, audited)
        criteria += _stable(world, candidate, train(SEED + 1))
    drawn = curves.curves(candidate.held_out)
    card = replace(candidate.card, criteria=tuple(criteria), metrics=metrics, curves=drawn)
    status = "shadow" if objection(card, world.settings.model.promotion) else "active"
    return replace(card, status=status), candidate.model_text


def objection(card: ModelCard, promotion: str) -> str:
    """Say why a version does not take over by itself; empty where it does."""
    for standing in (Standing.BLOCKS, Standing.ASKS):
        failed = [each for each in card.criteria if each.standing is standing]
        if failed:
            rest = f" And {len(failed) - 1} more." if len(failed) > 1 else ""
            return f"{failed[0].sentence}{rest}"
    return "" if promotion == "automatic" else "It meets every criterion and waits for a person."


def require_promotable(world: World, version: str) -> ModelCard:
    """Return the card of a stored version that a person may promote.

    Raises: NotFound, and ModelError where a criterion blocks it or another model came into force
    since it was compared.
    """
    card = next((each for each in world.models.known() if each.version == version), None)
    if card is None:
        raise NotFound(f"There is no model version {version}.")
    active = world.models.active().version
    if version == active:
        raise ModelError(f"{version} is in force already.")
    blocked = [each for each in card.criteria if each.standing is Standing.BLOCKS]
    if blocked or not card.criteria:
        why = blocked[0].sentence if blocked else "It was never compared with the model in force."
        raise ModelError(f"{version} stays in shadow: {why}")
    if card.inputs.get("base") != active:
        raise ModelError(
            f"{version} was compared with another model than the one in force; retrain first."
        )
    return card


def _measured(world: World, held_out: "HeldOut", audited: Criterion) -> tuple[Criterion, ...]:
    from explain import gate

    findings = [
        card.finding
        for card in world.store.cards(statuses=[each.value for each in Status], limit=_ALL)
    ]
    groups = {
        kind: {finding.resource_uid: of(finding) for finding in findings}
        for kind, of in _KINDS.items()
    }
    return (
        gate.precision_recall(held_out),
        gate.calibration(held_out),
        audited,
        gate.critical(held_out),
        *gate.fairness(held_out, groups),
    )


def _stable(world: World, candidate: "Candidate", reseeded: "Candidate") -> tuple[Criterion, ...]:
    """Compare explanations on the findings of the newest labels."""
    import explain.model
    from explain import gate

    new, again = (explain.model.load(each.model_text) for each in (candidate, reseeded))
    rows = _rows(world.models.labels(), new.features)
    base = world.models.active()
    old = base.scores(rows[:, base.order(new.features)]).contributions
    ours = new.scores(rows).contributions
    return gate.stability(
        {
            "in force": (old, ours[:, base.order(new.features)]),
            "reseeded": (again.scores(rows).contributions, ours),
        }
    )


def _rows(labels: Sequence[Label], features: Sequence[str]) -> "NDArray[np.float64]":
    import numpy as np

    newest = [label for label in labels if label.features][-_ROWS:]
    return np.array([[each.features.get(name, np.nan) for name in features] for each in newest])


def told(criteria: Sequence[Criterion]) -> tuple[str, ...]:
    """Return the report: each criterion with its standing, in one line."""
    return tuple(f"{each.standing.value}: {each.name}. {each.sentence}" for each in criteria)
