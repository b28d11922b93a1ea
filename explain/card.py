"""The card of a model: what it was made from, what it can say and what not, in plain words."""

from collections.abc import Mapping

from core.types import ModelCard
from explain import prior
from explain.model import OWN_LABELS_FOR_PROBABILITY, Model

PRIOR_WORDS = (
    "This model is a prior. It was trained on generated rows: each row was drawn by a program and "
    f"labelled by {len(prior.FACTS)} documented facts whose weights are our judgement. It has seen no "
    "real finding and no real decision, and its figures on generated rows say only that the trees "
    "learned the facts. It claims nothing else."
)


def of_prior(model: Model) -> ModelCard:
    """Return the card of a model that has no labels of its own."""
    return ModelCard(
        model.version,
        model.trained_at,
        model.own_labels,
        model.prior_rows,
        "active",
        model.metrics,
        f"{PRIOR_WORDS}\n\n{_size(model)}",
        model.inputs,
    )


def own(
    model: Model,
    candidate: Mapping[str, float],
    reference: Mapping[str, float],
    *,
    why: str,
    left_out: int,
    status: str,
) -> str:
    """Return the text of a card for a model trained on a workspace's own decisions."""
    share = 100 * 200 / (200 + model.own_labels)
    lines = [
        f"Trained on {model.own_labels:,} decisions of this workspace beside {model.prior_rows:,} generated "
        f"rows of documented knowledge, which carry {share:.0f} % of the weight.",
        f"{left_out:,} labels were left out: simulated, repeated, or without the features as they were."
        if left_out
        else "",
        f"Status: {status}. {why}",
        "The figures are of the same settings trained without the newest decisions and the resources "
        "they concern, on those decisions; the version itself was then trained on all of them."
        if candidate
        else "",
        *(f"- {name.replace('_', ' ')}: {value:.3f}" + (f" (in force: {reference[name]:.3f})" if name in reference else "") for name, value in candidate.items()),
        "Its score is called a prior: fewer than "
        f"{OWN_LABELS_FOR_PROBABILITY} own decisions." if model.is_prior else "",
        _size(model),
    ]
    return "\n".join(line for line in lines if line)


def _size(model: Model) -> str:
    trees, leaves = model.size()
    return (
        f"{trees} trees, {leaves:,} leaves, {len(model.features)} features; probability = "
        f"sigmoid({model.calibration.a:.3f} x raw score {model.calibration.b:+.3f})."
    )
