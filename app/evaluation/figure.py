"""The figures: how much is suppressed, how much of what matters is kept, how true probabilities are."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from explain.evaluate import calibration_error_by_chance, expected_calibration_error

Array = NDArray[np.float64]

RECALL = 0.97


@dataclass(frozen=True, slots=True)
class Figures:
    """What one ranker reached in one company.

    `ranked` is the share of what is not worth fixing below the place where 97 % of what is worth
    fixing stands above: only who knows the truth can put a threshold there. `suppressed` and `recall`
    are what came of the threshold that the ranker would have chosen itself, from what it learnt on.
    `error_by_chance` is the calibration error that a perfectly calibrated ranker with these
    probabilities would show on as many findings, on average.
    """

    ranked: float
    suppressed: float
    recall: float
    calibration_error: float
    error_by_chance: float


def figures(truth: Array, score: Array, *, open_scores: Array) -> Figures:
    """Measure probabilities against the truth; `open_scores` are of findings nobody is judged on."""
    kept = score >= threshold(open_scores)
    real = truth > 0
    return Figures(
        ranked=suppressed_at_recall(truth, score),
        suppressed=float(1 - kept[~real].mean()),
        recall=float(kept[real].mean()),
        calibration_error=expected_calibration_error(truth, score),
        error_by_chance=float(calibration_error_by_chance(score).mean()),
    )


def threshold(probabilities: Array, *, recall: float = RECALL) -> float:
    """Return the probability from which on to show, so that by them 97 % of what is real is shown.

    It believes the probabilities: what a ranker that is badly calibrated makes of it is its own fault.
    """
    best_first = np.sort(probabilities)[::-1]
    covered = np.cumsum(best_first)
    place = int(np.searchsorted(covered, recall * covered[-1]))
    return float(best_first[min(place, len(best_first) - 1)])


def suppressed_at_recall(truth: Array, score: Array, *, recall: float = RECALL) -> float:
    """Return the share of what is not real that stands below 97 % of what is; ties all stand above."""
    real = np.sort(score[truth > 0])
    last_kept = real[len(real) - int(np.ceil(recall * len(real) - 1e-9))]
    return float((score[truth == 0] < last_kept).mean())


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over seeds with its 95 % confidence interval (Student's t)."""

    mean: float
    low: float
    high: float


def interval(values: Sequence[float]) -> Interval:
    """Return the mean of one value a seed with its interval; as wide as can be for a single one."""
    from scipy.stats import t

    mean, n = float(np.mean(values)), len(values)
    if n < 2:
        return Interval(mean, float("-inf"), float("inf"))
    half = float(t.ppf(0.975, n - 1)) * float(np.std(values, ddof=1)) / sqrt(n)
    return Interval(mean, mean - half, mean + half)
