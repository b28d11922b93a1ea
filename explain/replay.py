"""What a new model would have said of findings as the last scans saw them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explain.model import Model

CHANGED_POINTS = 10.0
"""Risk that moves by less is not told: it seldom moves a finding past another."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding's features as one scan saw them."""

    finding_uid: str
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Move:
    """A finding's risk by the model in force and by the new one, 0 to 100, where they differ most."""

    finding_uid: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Replay:
    """Findings that rise above the working threshold, fall below it, or move by 10 points otherwise."""

    findings: int
    risen: tuple[Move, ...]
    fallen: tuple[Move, ...]
    changed: tuple[Move, ...]


def replay(
    seen: Sequence[Seen], *, old: Model, new: Model, thresholds: tuple[float, float]
) -> Replay:
    """Score what scans saw with both models; `thresholds` are the old and the new one, 0 to 100.

    A finding stands above a threshold if it did in any scan.
    """
    before, after = (_risk(seen, model) for model in (old, new))
    rows: dict[str, list[int]] = {}
    for row, each in enumerate(seen):
        rows.setdefault(each.finding_uid, []).append(row)
    kinds: dict[str, list[Move]] = {"risen": [], "fallen": [], "changed": []}
    for uid, states in rows.items():
        most = max(states, key=lambda row: abs(after[row] - before[row]))
        move = Move(uid, float(before[most]), float(after[most]))
        was, will = before[states].max() >= thresholds[0], after[states].max() >= thresholds[1]
        if was != will:
            kinds["risen" if will else "fallen"].append(move)
        elif abs(move.after - move.before) >= CHANGED_POINTS:
            kinds["changed"].append(move)
    ordered = {name: tuple(sorted(moves, key=_most)) for name, moves in kinds.items()}
    return Replay(len(rows), **ordered)


def _most(move: Move) -> tuple[float, str]:
    return -abs(move.after - move.before), move.finding_uid


def _risk(seen: Sequence[Seen], model: Model) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    rows = [[each.features.get(name, np.nan) for name in model.features] for each in seen]
    return model.risk(np.array(rows, dtype=np.float64).reshape(len(rows), len(model.features)))
