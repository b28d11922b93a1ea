"""What is learned from few decisions: weights of features, and leanings of look-alikes.

Trees need many labels before they see that one team never minds one check. This layer lies on top of
them and is a penalised logistic regression: the trees' log-odds times a slope, one weight for each
feature, and an effect for each check, owner, type, tag, word of a name and pair of these. Each group of
effects is drawn to 0 as strongly as its own spread asks for (empirical Bayes), so that a group that
says nothing here is left out by itself. Everything adds up in log-odds, so that contributions
stay exact.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.calibration import sigmoid
from explain.feature import Direction, declared
from explain.memory import REMEMBERED

Array = NDArray[np.float64]
Keys = Sequence[tuple[tuple[str, str], ...]]

# How far effects of a group may spread before anything is known of them here, in log-odds.
_SPREAD: Mapping[str, float] = {
    "slope": 0.35, "intercept": 3.0, "feature": 0.12, "check": 0.8, "type": 0.4, "owner": 0.4,
    "owner and check": 0.6, "owner and type": 0.4, "resource": 0.4, "name": 0.7, "word": 0.3, "tag": 0.6,
}  # fmt: skip
_LEARNT = tuple(each for each in _SPREAD if each not in ("slope", "intercept"))
_SPREAD_WEIGHT = 3.0  # the stated spread counts as much as this many effects
_MOST_KEYS = 400  # the most frequent ones; each label has about fifteen
_STEPS, _ROUNDS = 15, 8
_EXCLUDED = 1e9  # a penalty that holds a weight at 0


@dataclass(frozen=True, slots=True)
class Weight:
    """What one feature adds: `known x (f(value) - centre) / scale`, or `missing` where not known.

    `f` is the signed logarithm of 1 + |value|, since counts and days have heavy tails.
    """

    centre: float
    scale: float
    known: float
    missing: float

    def adds(self, column: Array) -> Array:
        """Return log-odds for a column."""
        return np.where(
            np.isnan(column),
            self.missing,
            self.known * (_shrunk(np.nan_to_num(column)) - self.centre) / self.scale,
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """What lies on the trees: `intercept + slope x trees + weights + effects of look-alikes`."""

    slope: float = 1.0
    intercept: float = 0.0
    weights: Mapping[str, Weight] = field(default_factory=dict)
    effects: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def adds(self, names: Sequence[str], matrix: Array) -> Array:
        """Return what each feature of each row adds beside the trees, rows x features."""
        out = np.zeros(matrix.shape)
        for i, name in enumerate(names):
            if name in self.weights:
                out[:, i] = self.weights[name].adds(matrix[:, i])
            elif self.effects and name in REMEMBERED:
                out[:, i] = np.nan_to_num(matrix[:, i])
        return out

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "slope": self.slope,
            "intercept": self.intercept,
            "weights": {
                n: [w.centre, w.scale, w.known, w.missing] for n, w in self.weights.items()
            },
            "effects": {group: dict(effects) for group, effects in self.effects.items()},
        }


def read(document: Mapping[str, Any]) -> Layer:
    """Read a layer from plain values."""
    return Layer(
        float(document["slope"]),
        float(document["intercept"]),
        {str(n): Weight(*map(float, w)) for n, w in document["weights"].items()},
        {
            str(group): {str(k): float(v) for k, v in effects.items()}
            for group, effects in document["effects"].items()
        },
    )


class Design:
    """The columns of the regression for some rows, and what each stands for."""

    def __init__(self, names: Sequence[str], matrix: Array, base: Array, keys: Keys) -> None:
        self._features = [i for i, n in enumerate(names) if n not in REMEMBERED]
        self._names = [names[i] for i in self._features]
        self._scale(matrix)
        counts = Counter(key for row in keys for key in row)
        self._keys = sorted(key for key, n in counts.most_common(_MOST_KEYS) if n > 1)
        self.columns = self._columns(matrix, base, keys)
        n = len(self._features)
        self.groups = np.array(
            ["intercept", "slope", *["feature"] * 2 * n, *(group for group, _ in self._keys)]
        )
        direction = {f.name: f.direction for f in declared()}
        self.signs = np.zeros(self.columns.shape[1])
        self.signs[1] = Direction.RISES
        self.signs[2 : 2 + n] = [direction[name] for name in self._names]

    def _scale(self, matrix: Array) -> None:
        x = _shrunk(matrix[:, self._features])
        known = ~np.isnan(x)
        counts = np.maximum(known.sum(axis=0), 1)
        filled = np.where(known, x, 0.0)
        self._centre = filled.sum(axis=0) / counts
        spread = np.sqrt(np.where(known, (filled - self._centre) ** 2, 0.0).sum(axis=0) / counts)
        self._deviation = np.where(spread > 1e-3, spread, 1.0)

    def _columns(self, matrix: Array, base: Array, keys: Keys) -> Array:
        x = _shrunk(matrix[:, self._features])
        missing = np.isnan(x)
        z = np.where(missing, 0.0, (x - self._centre) / self._deviation)
        place = {key: i for i, key in enumerate(self._keys)}
        there = np.zeros((len(base), len(place)))
        for row, found in enumerate(keys):
            for key in found:
                if key in place:
                    there[row, place[key]] = 1.0
        return np.hstack([np.ones((len(base), 1)), base[:, None], z, missing.astype(float), there])

    def layer(self, solved: Array) -> Layer:
        """Return the solved regression as a layer."""
        n = len(self._features)
        known, missing = solved[2 : 2 + n], solved[2 + n : 2 + 2 * n]
        effects: dict[str, dict[str, float]] = {}
        for (group, key), value in zip(self._keys, solved[2 + 2 * n :], strict=True):
            if round(float(value), 4):
                effects.setdefault(group, {})[key] = round(float(value), 4)
        weights = {
            name: Weight(*(round(float(v), 6) for v in each))
            for name, *each in zip(
                self._names, self._centre, self._deviation, known, missing, strict=True
            )
            if abs(each[2]) + abs(each[3]) > 1e-6
        }
        return Layer(round(float(solved[1]), 6), round(float(solved[0]), 6), weights, effects)


class Regression:
    """Penalised logistic regression on a design, with the spread of each group learnt."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._spread = dict(_SPREAD)
        self._centre = np.zeros(design.columns.shape[1])
        self._centre[1] = 1.0
        self.solved = self._centre.copy()

    def fit(self, target: Array, weight: Array, *, rounds: int = _ROUNDS) -> None:
        """Fit to shares (0 to 1), learning the spreads; starts from where it stands."""
        for _ in range(rounds):
            variance = self._solve(target, weight)
            self._learn_spreads(variance)
        self._solve(target, weight)

    def again(self) -> "Regression":
        """Return one that starts from here, with the same spreads."""
        other = Regression(self._design)
        other._spread, other.solved = dict(self._spread), self.solved.copy()
        return other

    def left_out(self, target: Array, weight: Array) -> Array:
        """Return each row's log-odds as they would be without it, nearly (one Newton step)."""
        a = self._design.columns
        raw = a @ self.solved
        p = sigmoid(raw)
        inverse = np.linalg.inv(self._curvature(p * (1 - p) * weight, self._penalty()))
        leverage = weight * np.einsum("ij,ij->i", a @ inverse, a)
        return np.asarray(
            raw - (target - p) * leverage / np.maximum(1 - p * (1 - p) * leverage, 0.2)
        )

    def _solve(self, target: Array, weight: Array) -> Array:
        """Fit with directions held; return the variance of each coefficient."""
        penalty = self._penalty()
        inverse = self._newton(target, weight, penalty)
        against = self._design.signs * self.solved < 0
        if against.any():
            penalty = np.where(against, _EXCLUDED, penalty)
            self._centre_excluded(against)
            inverse = self._newton(target, weight, penalty)
        return np.diag(inverse).astype(np.float64)

    def _centre_excluded(self, against: NDArray[np.bool_]) -> None:
        self.solved = np.where(against, 0.0, self.solved)

    def _newton(self, target: Array, weight: Array, penalty: Array) -> Array:
        a = self._design.columns
        centre = np.where(penalty >= _EXCLUDED, 0.0, self._centre)
        for _ in range(_STEPS):
            p = sigmoid(a @ self.solved)
            gradient = a.T @ (weight * (p - target)) + penalty * (self.solved - centre)
            inverse = np.linalg.inv(self._curvature(weight * p * (1 - p), penalty))
            step = inverse @ gradient
            self.solved = self.solved - np.clip(step, -4.0, 4.0)
            if np.abs(step).max() < 1e-6:
                break
        return np.asarray(inverse, dtype=np.float64)

    def _curvature(self, w: Array, penalty: Array) -> Array:
        a = self._design.columns
        return np.asarray((a * (w + 1e-9)[:, None]).T @ a + np.diag(penalty))

    def _penalty(self) -> Array:
        return np.array([1 / self._spread[group] ** 2 for group in self._design.groups])

    def _learn_spreads(self, variance: Array) -> None:
        for group in _LEARNT:
            own = self._design.groups == group
            if own.any():
                seen = float(np.sum(self.solved[own] ** 2 + variance[own]))
                stated = _SPREAD_WEIGHT * _SPREAD[group] ** 2
                self._spread[group] = float(np.sqrt((seen + stated) / (own.sum() + _SPREAD_WEIGHT)))


def _shrunk(x: Array) -> Array:
    return np.asarray(np.sign(x) * np.log1p(np.abs(x)))
