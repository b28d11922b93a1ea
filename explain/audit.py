"""What a model would miss by holding findings back, with what was held back counted in.

People judge what they are shown. Once a model holds findings back, their labels come from spot
checks, each of which speaks for all that were not asked about: it counts with the inverse of its
chance to be asked (Horvitz and Thompson, JASA 47, 1952).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.interval import clopper_pearson
from core.types import Criterion, Standing
from core.withhold import AUDITED, LEAST_ANSWERED, SURE
from explain.gate import HeldOut

Array = NDArray[np.float64]

_FOLDS = 2
_SLACK = 0.1  # our judgement, 2026-11-25


def threshold(truth: Array, score: Array, weight: Array, *, recall: float) -> float:
    """Return the highest score that this share of the real weight scores as high; 0 without any."""
    real = np.flatnonzero(truth > 0)
    if not len(real):
        return 0.0
    order = real[np.argsort(-score[real], kind="stable")]
    reached = np.cumsum(weight[order]) / weight[order].sum()
    return float(score[order[np.searchsorted(reached, recall - 1e-9)]])


def figures(held_out: HeldOut, weights: Mapping[str, float], *, recall: float) -> dict[str, float]:
    """Return what a version may hold findings back by, under the names of its card's figures."""
    y, score, weight = _columns(held_out, weights)
    return {
        "suppression_threshold": 100 * threshold(y, score, weight, recall=recall),
        "suppression_recall": recall,
        "suppression_real": float(y.sum()),
    }


def criterion(held_out: HeldOut, weights: Mapping[str, float], *, recall: float) -> Criterion:
    """Say what recall a version keeps on decisions whose threshold they did not set.

    Each half of the held-out resources is judged by the threshold of the other. The interval is the
    exact one for the effective number of real decisions (Korn and Graubard, Survey Methodology 24,
    1998). It blocks where all of the interval lies below what is to be kept, and holds where all of
    it lies no more than ten points below.
    """
    y, score, weight = _columns(held_out, weights)
    answered = sum(uid in weights for uid in held_out.findings)
    if answered < LEAST_ANSWERED:
        said = (
            f"Too few to tell: {answered} of the held-out decisions answer a spot check of what was held "
            f"back, and {LEAST_ANSWERED} are needed."
        )
        return Criterion(AUDITED, Standing.UNKNOWN, said)
    kept = score >= _threshold_of_the_others(held_out, y, score, weight, recall)
    real = y > 0
    total = weight[real].sum()
    if not total:
        return Criterion(AUDITED, Standing.UNKNOWN, "No held-out decision called a finding real.")
    share = float(weight[real & kept].sum() / total)
    n = float(total**2 / (weight[real] ** 2).sum())
    low, high = clopper_pearson(share * n, n, tail=(1 - SURE) / 2)
    few = "" if low >= recall - _SLACK or high < recall else " Too few to tell."
    standing = Standing.UNKNOWN if few else Standing.HOLDS
    return Criterion(
        AUDITED,
        Standing.BLOCKS if high < recall else standing,
        f"With {answered} spot checks weighted by what they speak for, it keeps {share:.1%} of what is "
        f"real ({low:.1%} to {high:.1%}, 95 %); {recall:.0%} is to be kept.{few}",
    )


def _columns(held_out: HeldOut, weights: Mapping[str, float]) -> tuple[Array, Array, Array]:
    weight = [max(weights.get(uid, 1.0), 1.0) for uid in held_out.findings]
    return np.array(held_out.truth), np.array(held_out.candidate), np.array(weight)


def _threshold_of_the_others(
    held_out: HeldOut, y: Array, score: Array, weight: Array, recall: float
) -> Array:
    """Return, for each row, the threshold of the fold that its resource is not in."""
    _, group = np.unique(np.array(held_out.resources), return_inverse=True)
    fold = np.random.default_rng(0).permutation(group.max() + 1)[group] % _FOLDS
    out = np.zeros(len(y))
    for k in range(_FOLDS):
        others = fold != k
        out[fold == k] = threshold(y[others], score[others], weight[others], recall=recall)
    return out
