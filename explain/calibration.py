"""Platt calibration: from the model's log-odds to a probability."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# How strongly a and b are held at 1 and 0: as strongly as this many labels would. With few labels
# the calibration stays at the identity instead of following them to infinity.
_PULL = 10.0
_STEPS = 50
_SMALLEST_SLOPE = 0.05  # a > 0 always: calibration may flatten the ranking, never turn it over


@dataclass(frozen=True, slots=True)
class Calibration:
    """`probability = sigmoid(a x raw + b)`, a > 0."""

    a: float = 1.0
    b: float = 0.0

    def probability(self, raw: Array) -> Array:
        """Return a probability for each raw score."""
        return sigmoid(self.a * raw + self.b)


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)) without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def fit(raw: Array, truth: Array) -> Calibration:
    """Fit a and b by Newton's method on smoothed targets (Platt 1999).

    `truth` is 0 or 1, or a share between them where it is not sure. `raw` must come from a model that
    has not seen these rows.
    """
    if not len(raw):
        return Calibration()
    positive, negative = truth.sum(), len(truth) - truth.sum()
    target = truth * (positive + 1) / (positive + 2) + (1 - truth) / (negative + 2)
    a, b = 1.0, 0.0
    for _ in range(_STEPS):
        p = sigmoid(a * raw + b)
        gradient = np.array(
            [np.sum((p - target) * raw) + _PULL * (a - 1), np.sum(p - target) + _PULL * b * 0.1]
        )
        w = p * (1 - p)
        cross = np.sum(w * raw)
        hessian = np.array(
            [[np.sum(w * raw * raw) + _PULL, cross], [cross, np.sum(w) + _PULL * 0.1]]
        )
        step = np.linalg.solve(hessian, gradient)
        a, b = max(a - float(step[0]), _SMALLEST_SLOPE), b - float(step[1])
        if math.hypot(*step) < 1e-10:
            break
    return Calibration(a, b)
