"""How good a ranking or a probability is: the figures that promotion looks at.

Definitions: average precision as in scikit-learn (sum over ranks of precision times the step in
recall, ties taken as one step); log loss in nats; expected calibration error with ten bins of equal
width (Naeini et al., AAAI 2015).
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

_FLOOR = 1e-6  # a probability of 0 would make one wrong label cost infinitely much
_BINS = 10


def average_precision(truth: ArrayLike, score: ArrayLike) -> float:
    """Return the area under the precision-recall steps, 0 to 1; NaN without a positive."""
    y, s = np.asarray(truth, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if not y.sum():
        return math.nan
    order = np.argsort(-s, kind="stable")
    y, s = y[order], s[order]
    last_of_tie = np.append(s[1:] != s[:-1], True)
    true_positives = np.cumsum(y)[last_of_tie]
    predicted = np.flatnonzero(last_of_tie) + 1
    recall = true_positives / y.sum()
    steps = np.diff(np.concatenate(([0.0], recall)))
    return float(np.sum(steps * true_positives / predicted))


def log_loss(truth: ArrayLike, probability: ArrayLike) -> float:
    """Return the mean negative log likelihood in nats; lower is better."""
    y, p = np.asarray(truth, dtype=np.float64), _clipped(probability)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))


def expected_calibration_error(truth: ArrayLike, probability: ArrayLike) -> float:
    """Return how far predicted and observed shares lie apart on average, 0 to 1."""
    y, p = np.asarray(truth, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    bins = np.minimum((p * _BINS).astype(int), _BINS - 1)
    weight = np.bincount(bins, minlength=_BINS)
    gap = np.abs(np.bincount(bins, p, _BINS) - np.bincount(bins, y, _BINS))
    return float(gap[weight > 0].sum() / len(y))


def metrics(truth: ArrayLike, probability: ArrayLike) -> dict[str, float]:
    """Return every figure under its name, with the count of each class."""
    y = np.asarray(truth, dtype=np.float64)
    return {
        "average_precision": average_precision(y, probability),
        "log_loss": log_loss(y, probability),
        "expected_calibration_error": expected_calibration_error(y, probability),
        "real": float(y.sum()),
        "not_real": float(len(y) - y.sum()),
    }


def _clipped(probability: ArrayLike) -> NDArray[np.float64]:
    return np.clip(np.asarray(probability, dtype=np.float64), _FLOOR, 1 - _FLOOR)
