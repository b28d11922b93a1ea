"""Labels as rows to learn from: which count, and which are held out to judge by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types import Label, LabelOrigin, Verdict
from explain.feature import names

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

HELD_OUT_EACH = 30  # of each class, before a comparison means anything
_HELD_OUT_LEAST, _HELD_OUT_MOST = 0.3, 0.6  # share of the newest labels


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows with truth, time, resource and weight, oldest first."""

    x: Array
    y: Array
    groups: NDArray[np.str_]
    times: Array

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Rows) -> "Examples":
        """Return these rows only."""
        return Examples(self.x[rows], self.y[rows], self.groups[rows], self.times[rows])


def examples_of(labels: Sequence[Label], *, include_simulated: bool) -> tuple[Examples, int]:
    """Return labels as rows, oldest first, and how many could not be used.

    The newest word of each person on each finding counts. Labels without the features as they were
    cannot be used.
    """
    newest: dict[tuple[str, str], Label] = {}
    for label in sorted(labels, key=lambda item: (item.labelled_at, item.uid)):
        if include_simulated or label.origin is not LabelOrigin.SIMULATED:
            newest.pop((label.finding_uid, label.person), None)
            newest[label.finding_uid, label.person] = label
    usable = [label for label in newest.values() if label.features]
    columns = names()
    x = np.array(
        [[label.features.get(name, np.nan) for name in columns] for label in usable],
        dtype=np.float64,
    ).reshape(len(usable), len(columns))
    y = np.array([label.verdict is Verdict.APPROVE for label in usable], dtype=np.float64)
    groups = np.array([label.resource_uid for label in usable], dtype=np.str_)
    times = np.array([label.labelled_at.timestamp() for label in usable], dtype=np.float64)
    return Examples(x, y, groups, times), len(labels) - len(usable)


def split(examples: Examples) -> tuple[Rows, Rows]:
    """Return rows to train on and newer rows to judge by; no resource stands in both.

    Held out are the newest 30 %, and up to 60 % where that is needed for 30 of each class.
    """
    n = len(examples)
    cut = n - int(np.ceil(n * _HELD_OUT_LEAST))
    while cut > n - int(n * _HELD_OUT_MOST) and not enough(examples.y[cut:]):
        cut -= 1
    held_out = np.arange(cut, n)
    seen_later = np.isin(examples.groups[:cut], examples.groups[cut:])
    return np.flatnonzero(~seen_later), held_out


def enough(y: Array) -> bool:
    """Whether both classes are there often enough to compare two models."""
    return bool(min(y.sum(), len(y) - y.sum()) >= HELD_OUT_EACH)
