"""How far a model's numbers hold on decisions that it had not seen: what its pictures are drawn from."""

import numpy as np
from numpy.typing import NDArray

from core.types import Curves, ReliabilityBin
from explain.gate import HeldOut, wilson

Array = NDArray[np.float64]

BINS_MAX, BIN_LEAST = 10, 20
"""A bin with fewer decisions says nothing: its 95 % interval spans half the picture."""
STEPS = 50


def curves(held_out: HeldOut) -> Curves | None:
    """Return what the pictures of a version show; None where too few decisions were held out."""
    if not held_out.truth:
        return None
    truth = np.array(held_out.truth, dtype=np.float64)
    said = np.array(held_out.candidate_said, dtype=np.float64)
    return Curves(
        decisions=len(truth),
        real=int(truth.sum()),
        reliability=_reliability(truth, said),
        effort=tuple(i / STEPS for i in range(STEPS + 1)),
        found=_found(truth, np.array(held_out.candidate)),
        found_in_force=_found(truth, np.array(held_out.reference)),
        found_by_severity=_found(truth, np.array(held_out.severity)),
    )


def _reliability(truth: Array, said: Array) -> tuple[ReliabilityBin, ...]:
    """Split decisions into equally many by the probability given, and count what came true."""
    count = max(min(len(truth) // BIN_LEAST, BINS_MAX), 1)
    order = np.argsort(said, kind="stable")
    made = []
    for rows in np.array_split(order, count):
        share = float(truth[rows].mean())
        low, high = wilson(share, len(rows))
        made.append(
            ReliabilityBin(
                predicted=round(float(said[rows].mean()), 6),
                decisions=len(rows),
                real=int(truth[rows].sum()),
                low=round(low, 6),
                high=round(high, 6),
            )
        )
    return tuple(made)


def _found(truth: Array, score: Array) -> tuple[float, ...]:
    """Return the share of what is real among the highest scored, for each share looked at.

    Equal scores stand in no order, so that within them what is found grows evenly.
    """
    order = np.argsort(-score, kind="stable")
    ranked, real = score[order], np.cumsum(truth[order])
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    looked = np.concatenate(([0.0], (last + 1) / len(truth)))
    found = np.concatenate(([0.0], real[last] / max(truth.sum(), 1.0)))
    steps = np.arange(STEPS + 1) / STEPS
    return tuple(round(float(x), 6) for x in np.interp(steps, looked, found))
