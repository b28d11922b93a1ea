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
from functools import cached_property
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
_STEPS, _ROUNDS = 30, 8
_PARTS = tuple(0.5**n for n in range(12))
_CLOSE = 1e-9  # a smaller gain, beside the cost itself, ends Newton's method
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
        self._dense, self._there = self._numbers(matrix, base), self._shared(keys)
        n = len(self._features)
        self.groups = np.array(
            ["intercept", "slope", *["feature"] * 2 * n, *(group for group, _ in self._keys)]
        )
        direction = {f.name: f.direction for f in declared()}
        self.signs = np.zeros(len(self.groups))
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

    def _numbers(self, matrix: Array, base: Array) -> Array:
        x = _shrunk(matrix[:, self._features])
        missing = np.isnan(x)
        z = np.where(missing, 0.0, (x - self._centre) / self._deviation)
        return np.hstack([np.ones((len(base), 1)), base[:, None], z, missing.astype(float)])

    def _shared(self, keys: Keys) -> Any:
        """Return which of the keys each row has, sparse: a row has about fifteen of hundreds."""
        from scipy.sparse import csr_array

        place = {key: i for i, key in enumerate(self._keys)}
        found = [[place[key] for key in row if key in place] for row in keys]
        ends = np.cumsum([0, *map(len, found)])
        columns = np.array([i for row in found for i in row], dtype=np.intp)
        return csr_array((np.ones(len(columns)), columns, ends), shape=(len(keys), len(place)))

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return each pair of keys of each row: the row, and the place in a matrix keys x keys."""
        there, keys = self._there, len(self._keys)
        counts = np.diff(there.indptr).astype(np.intp)
        entry = np.repeat(np.arange(len(counts)), counts)  # the row of each key
        rows = np.repeat(entry, counts[entry])
        first = np.repeat(there.indices.astype(np.intp), counts[entry])
        ends = np.cumsum(counts[entry])
        within = np.arange(len(rows)) - np.repeat(ends - counts[entry], counts[entry])
        second = there.indices[there.indptr[rows] + within]
        return rows, first * keys + second

    @property
    def columns(self) -> Array:
        """Every column, rows x coefficients."""
        return np.hstack([self._dense, self._there.toarray()])

    def raw(self, solved: Array) -> Array:
        """Return each row's log-odds."""
        n = self._dense.shape[1]
        return np.asarray(self._dense @ solved[:n] + self._there @ solved[n:])

    def gathered(self, values: Array) -> Array:
        """Return the sum over the rows of each column times these values."""
        return np.concatenate([self._dense.T @ values, self._there.T @ values])

    def curvature(self, weight: Array) -> Array:
        """Return the sum over the rows of each pair of columns times a weight."""
        n, dense = self._dense.shape[1], self._dense * weight[:, None]
        keys = len(self._keys)
        out = np.empty((n + keys, n + keys))
        out[:n, :n] = dense.T @ self._dense
        out[n:, :n] = self._there.T @ dense
        out[:n, n:] = out[n:, :n].T
        rows, pairs = self._pairs
        out[n:, n:] = np.bincount(pairs, weight[rows], keys * keys).reshape(keys, keys)
        return out

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
        self.design = design
        self._spread = dict(_SPREAD)
        self._centre = np.zeros(len(design.groups))
        self._centre[1] = 1.0
        self.solved = self._centre.copy()

    def fit(self, target: Array, weight: Array, *, rounds: int = _ROUNDS) -> None:
        """Fit to shares (0 to 1), learning the spreads; starts from where it stands."""
        for _ in range(rounds):
            self._learn_spreads(_variance(self._solve(target, weight)))
        self._solve(target, weight)

    def again(self) -> "Regression":
        """Return one that starts from here, with the same spreads."""
        other = Regression(self.design)
        other._spread, other.solved = dict(self._spread), self.solved.copy()
        return other

    def left_out(self, target: Array, weight: Array) -> Array:
        """Return each row's log-odds as they would be without it, nearly (one Newton step)."""
        from scipy.linalg import solve_triangular

        raw = self.design.raw(self.solved)
        p = sigmoid(raw)
        root = self._root(p * (1 - p) * weight, self._penalty())
        half = solve_triangular(root, self.design.columns.T, lower=True, check_finite=False)
        leverage = weight * np.einsum("ij,ij->j", half, half)
        return np.asarray(
            raw - (target - p) * leverage / np.maximum(1 - p * (1 - p) * leverage, 0.2)
        )

    def _solve(self, target: Array, weight: Array) -> Array:
        """Fit by projected Newton (Bertsekas 1982); return a root of the curvature there.

        A coefficient that would go against its direction is held at 0. Full steps overshoot where
        some rows are all but certain, so that each is halved until it helps.
        """
        from scipy.linalg import cho_solve

        penalty, signs = self._penalty(), self.design.signs
        cost = self._cost(self.solved, target, weight, penalty)
        for _ in range(_STEPS):
            p = sigmoid(self.design.raw(self.solved))
            pull = penalty * (self.solved - self._centre)
            gradient = self.design.gathered(weight * (p - target)) + pull
            held = (signs != 0) & (signs * self.solved <= 0) & (signs * gradient >= 0)
            root = self._root(weight * p * (1 - p), np.where(held, _EXCLUDED, penalty))
            step = cho_solve((root, True), np.where(held, 0.0, gradient), check_finite=False)
            before, cost = (
                cost,
                self._move(np.where(held, 0.0, step), cost, target, weight, penalty),
            )
            if before - cost <= _CLOSE * (1 + abs(cost)):
                break
        return root

    def _move(
        self, step: Array, cost: float, target: Array, weight: Array, penalty: Array
    ) -> float:
        """Go as much of a step as lowers the cost, stopping at 0 where a direction ends."""
        signs = self.design.signs
        for part in _PARTS:
            there = self.solved - part * step
            there = np.where(signs * there < 0, 0.0, there)
            found = self._cost(there, target, weight, penalty)
            if found < cost:
                self.solved = there
                return found
        return cost

    def _cost(self, at: Array, target: Array, weight: Array, penalty: Array) -> float:
        raw = self.design.raw(at)
        loss = np.sum(weight * (np.logaddexp(0.0, raw) - target * raw))
        return float(loss + np.sum(penalty * (at - self._centre) ** 2) / 2)

    def _root(self, w: Array, penalty: Array) -> Array:
        """Return Cholesky's root of the curvature."""
        from scipy.linalg import cholesky

        curvature = self.design.curvature(w + 1e-9)
        np.fill_diagonal(curvature, np.diag(curvature) + penalty)
        return np.asarray(cholesky(curvature, lower=True, overwrite_a=True, check_finite=False))

    def _penalty(self) -> Array:
        return np.array([1 / self._spread[group] ** 2 for group in self.design.groups])

    def _learn_spreads(self, variance: Array) -> None:
        for group in _LEARNT:
            own = self.design.groups == group
            if own.any():
                seen = float(np.sum(self.solved[own] ** 2 + variance[own]))
                stated = _SPREAD_WEIGHT * _SPREAD[group] ** 2
                self._spread[group] = float(np.sqrt((seen + stated) / (own.sum() + _SPREAD_WEIGHT)))


def _variance(root: Array) -> Array:
    """Return the diagonal of the inverse of what this is the root of."""
    from scipy.linalg.lapack import dpotri

    inverse, _ = dpotri(root, lower=True)
    return np.asarray(np.diag(inverse))


def _shrunk(x: Array) -> Array:
    return np.asarray(np.sign(x) * np.log1p(np.abs(x)))
