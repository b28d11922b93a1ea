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
_SEED = 20261125


class Ranking:
    """Answers in the order of a score, so that many weightings of them cost one sort."""

    def __init__(self, truth: ArrayLike, score: ArrayLike) -> None:
        y, s = np.asarray(truth, dtype=np.float64), np.asarray(score, dtype=np.float64)
        self._order = np.argsort(-s, kind="stable")
        self._y, ranked = y[self._order], s[self._order]
        self._last_of_tie = np.append(ranked[1:] != ranked[:-1], True)

    def precision(self, weight: ArrayLike) -> float:
        """Return the average precision, 0 to 1, where each row counts this often; NaN without a positive."""
        w = np.asarray(weight, dtype=np.float64)[self._order]
        real = np.cumsum(w * self._y)
        if not real[-1]:
            return math.nan
        there, shown = real[self._last_of_tie], np.cumsum(w)[self._last_of_tie]
        steps = np.diff(np.append(0.0, there / real[-1]))
        return float(np.sum(steps * there / np.maximum(shown, 1.0)))


def average_precision(truth: ArrayLike, score: ArrayLike) -> float:
    """Return the area under the precision-recall steps, 0 to 1; NaN without a positive."""
    return Ranking(truth, score).precision(np.ones(np.shape(truth)))


def log_losses(truth: ArrayLike, probability: ArrayLike) -> NDArray[np.float64]:
    """Return each row's negative log likelihood in nats."""
    y, p = np.asarray(truth, dtype=np.float64), _clipped(probability)
    return np.asarray(-(y * np.log(p) + (1 - y) * np.log1p(-p)))


def log_loss(truth: ArrayLike, probability: ArrayLike) -> float:
    """Return the mean negative log likelihood in nats; lower is better."""
    return float(np.mean(log_losses(truth, probability)))


def expected_calibration_error(
    truth: ArrayLike, probability: ArrayLike, *, weight: ArrayLike | None = None
) -> float:
    """Return how far predicted and observed shares lie apart on average, 0 to 1.

    `weight` says how often each row counts, once where it is not given.
    """
    y, p = np.asarray(truth, dtype=np.float64), np.asarray(probability, dtype=np.float64)
    w = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    bins = np.minimum((p * _BINS).astype(int), _BINS - 1)
    gap = np.abs(np.bincount(bins, w * p, _BINS) - np.bincount(bins, w * y, _BINS))
    return float(gap.sum() / w.sum())


def calibration_error_by_chance(probability: ArrayLike, *, draws: int = 200) -> NDArray[np.float64]:
    """Return the calibration errors that a perfectly calibrated model shows on so many rows, rising.

    Drawing the answers from the probabilities themselves says what they are (consistency resampling:
    Bröcker and Smith, Weather and Forecasting 22, 2007).
    """
    p, random = np.asarray(probability, dtype=np.float64), np.random.default_rng(_SEED)
    errors = [
        expected_calibration_error((random.random(len(p)) < p).astype(np.float64), p)
        for _ in range(draws)
    ]
    return np.sort(errors)


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
