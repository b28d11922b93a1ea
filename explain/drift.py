"""Whether findings, scores or decisions are no longer what the model in force was trained on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# 0.25 is the usual mark of a large shift of the population stability index, 0.1 to 0.25 of a moderate
# one (Siddiqi, Credit Risk Scorecards, 2006). With n and m rows alike it is about chi-square times
# (1/n + 1/m), so that few rows exceed the mark by chance; the bound adds what chance gives.
PSI_BOUND = 0.25
LEAST_ROWS = 100
LABEL_RATE_SIGMAS = 3.0
_BINS = 10
_CHANCE_SIGMAS = 2.33  # 99 %, one-sided


@dataclass(frozen=True, slots=True)
class Shift:
    """What has moved, and by how much beside what is allowed."""

    name: str
    found: float
    bound: float


def psi(before: Array, now: Array) -> tuple[float, float]:
    """Return the population stability index of two samples and its bound on so many rows.

    Bins are tenths of `before`; what is not known is a bin of its own.
    """
    known = before[~np.isnan(before)]
    tenths = np.arange(1, _BINS) / _BINS
    edges = np.unique(np.quantile(known, tenths)) if len(known) else np.empty(0)
    counts = [_counted(values, edges) for values in (before, now)]
    used = (counts[0] + counts[1]) > 0
    # half a row in each bin keeps an empty one from being infinitely far
    p, q = ((c[used] + 0.5) / (c.sum() + 0.5 * used.sum()) for c in counts)
    found = float(np.sum((q - p) * np.log(q / p)))
    freedom = max(int(used.sum()) - 1, 1)
    scale = 1 / len(before) + 1 / len(now)
    chance = scale * (freedom + _CHANCE_SIGMAS * math.sqrt(2 * freedom))
    return found, PSI_BOUND + chance


def _counted(values: Array, edges: Array) -> Array:
    known = values[~np.isnan(values)]
    bins = np.bincount(np.searchsorted(edges, known, side="right"), minlength=len(edges) + 1)
    return np.append(bins, len(values) - len(known)).astype(np.float64)


def shifts(
    before: Array, now: Array, *, names: Sequence[str], real: tuple[Array, Array]
) -> tuple[Shift, ...]:
    """Return what moved beyond its bound, most first; nothing where there are too few rows.

    Rows x features of decisions that were trained on and of those since, in the order of `names`;
    `real` says of each whether it was called real.
    """
    if min(len(before), len(now)) < LEAST_ROWS:
        return ()
    found = [Shift(name, *psi(before[:, i], now[:, i])) for i, name in enumerate(names)]
    rate, bound = _rate(*real)
    found.append(Shift("share called real", rate, bound))
    moved = [each for each in found if each.found > each.bound]
    return tuple(sorted(moved, key=lambda each: each.bound / each.found))


def _rate(before: Array, now: Array) -> tuple[float, float]:
    """Return how far the share called real moved, and three standard errors of that."""
    pooled = (before.sum() + now.sum()) / (len(before) + len(now))
    error = math.sqrt(pooled * (1 - pooled) * (1 / len(before) + 1 / len(now)))
    return abs(float(before.mean() - now.mean())), max(LABEL_RATE_SIGMAS * error, 1e-9)
