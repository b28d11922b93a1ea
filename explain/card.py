"""The card of a model: what it was made from, what it can say and what not, in plain words."""

from collections.abc import Mapping, Sequence

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


def own(  # noqa: PLR0913 - what a reader must know, all by keyword
    model: Model,
    *,
    comparison: Sequence[str],
    why: str,
    left_out: int,
    simulated: int,
    prior_share: float,
) -> str:
    """Return the text of a card for a model trained on a workspace's own decisions."""
    of_them = f" ({simulated:,} of them simulated)" if simulated else ""
    share = f"{100 * prior_share:.0f} %"
    lines = [
        f"Trained on {model.own_labels:,} decisions of this workspace{of_them}.",
        f"Documented knowledge alone explains {share} of how its scores of them differ (R squared).",
    ]
    if left_out:
        lines.append(
            f"{left_out:,} labels were left out: simulated, repeated, or without the features as they were."
        )
    lines.append(why)
    if comparison:
        lines.append(
            "The figures are those of the same settings, trained without the newest decisions and the "
            "resources they concern, on those decisions; the version itself was then trained on all."
        )
        lines += [f"- {line}" for line in comparison]
    if model.is_prior:
        lines.append(
            f"Its score is called a prior: fewer than {OWN_LABELS_FOR_PROBABILITY} own decisions."
        )
    return "\n".join([*lines, _size(model)])


def compared(candidate: Mapping[str, float], reference: Mapping[str, float]) -> tuple[str, ...]:
    """Return each figure of a candidate beside that of the model in force."""
    return tuple(
        f"{name.replace('_', ' ')}: {value:.3f} (in force: {reference[name]:.3f})"
        for name, value in candidate.items()
        if name in reference and name not in ("real", "not_real")
    )


def _size(model: Model) -> str:
    trees, leaves = model.size()
    return (
        f"{trees} trees, {leaves:,} leaves, {len(model.features)} features; probability = "
        f"sigmoid({model.calibration.a:.3f} x raw score {model.calibration.b:+.3f})."
    )
