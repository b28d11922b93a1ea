"""Labels as rows to learn from: which count, and which are held out to judge by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core import alike
from core.types import Label, LabelOrigin, Verdict
from explain.feature import names
from explain.features.history import History
from explain.memory import REMEMBERED
from explain.weight import USUAL, Limits, weigh

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

HELD_OUT_EACH = 30  # of each class, before a comparison means anything
_LEAST, _MOST = 0.3, 0.6  # share of the newest labels


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows with what was said, when, by whom, of which finding and resource, oldest first.

    `weights` go from 0 to 1; `keys` says by what look-alikes of each row are found.
    """

    x: Array
    y: Array
    groups: NDArray[np.str_]
    times: Array
    weights: Array
    people: NDArray[np.str_]
    findings: NDArray[np.str_]
    keys: tuple[tuple[tuple[str, str], ...], ...]

    def __len__(self) -> int:
        return len(self.y)

    def take(self, rows: Rows) -> "Examples":
        """Return these rows only."""
        return Examples(
            self.x[rows],
            self.y[rows],
            self.groups[rows],
            self.times[rows],
            self.weights[rows],
            self.people[rows],
            self.findings[rows],
            tuple(self.keys[row] for row in rows.tolist()),
        )


def examples_of(
    labels: Sequence[Label], *, include_simulated: bool, limits: Limits = USUAL
) -> tuple[Examples, int]:
    """Return labels as rows, oldest first, and how many could not be used.

    The newest word of each person on each finding counts. Labels without the features as they were
    cannot be used. What was decided before on the same check is counted anew for each label: past
    triage that is imported was not there when its findings were scanned.
    """
    counted = [e for e in labels if include_simulated or e.origin is not LabelOrigin.SIMULATED]
    usable = [label for label in newest_words(counted) if label.features]
    columns = names()
    x = np.array(
        [[label.features.get(name, np.nan) for name in columns] for label in usable],
        dtype=np.float64,
    ).reshape(len(usable), len(columns))
    x[:, columns.index("judged_real")] = _judged_before(usable)
    x[:, [columns.index(name) for name in REMEMBERED]] = np.nan
    y = np.array([label.verdict is Verdict.APPROVE for label in usable], dtype=np.float64)
    groups = np.array([label.resource_uid for label in usable], dtype=np.str_)
    times = np.array([label.labelled_at.timestamp() for label in usable], dtype=np.float64)
    people = np.array([label.person for label in usable], dtype=np.str_)
    findings = np.array([label.finding_uid for label in usable], dtype=np.str_)
    keys = tuple(
        alike.keys(each.about, check_id=each.check_id, resource_uid=each.resource_uid)
        for each in usable
    )
    weights = np.array([each.value for each in weigh(usable, limits)], dtype=np.float64)
    rows = Examples(x, y, groups, times, weights, people, findings, keys)
    return rows, len(labels) - len(usable)


def _judged_before(labels: Sequence[Label]) -> list[float]:
    """Return, for each label, how its check was judged before, other findings only."""
    history = History()
    out, n = [], len(labels)
    start = 0
    while start < n:  # what was said at the same moment was not known before
        end = start
        while end < n and labels[end].labelled_at == labels[start].labelled_at:
            end += 1
        out += [history.judged_real(e.check_id, e.finding_uid) for e in labels[start:end]]
        for each in labels[start:end]:
            history.add(each)
        start = end
    return out


def newest_words(labels: Sequence[Label]) -> tuple[Label, ...]:
    """Return the newest word of each person on each finding, oldest first."""
    newest: dict[tuple[str, str], Label] = {}
    for label in sorted(labels, key=lambda item: (item.labelled_at, item.uid)):
        newest.pop((label.finding_uid, label.person), None)
        newest[label.finding_uid, label.person] = label
    return tuple(newest.values())


def split(examples: Examples) -> tuple[Rows, Rows]:
    """Return rows to train on and newer rows to judge by; no resource stands in both.

    Held out are the newest 30 %, and up to 60 % where that is needed for 30 of each class. Older rows
    about the same resources are left out; where that is more than half of what is older, since people
    keep judging the same resources, those judged last are held out whole instead.
    """
    n = len(examples)
    cut = n - int(np.ceil(n * _LEAST))
    while cut > n - int(n * _MOST) and not enough(examples.y[cut:]):
        cut -= 1
    seen_later = np.isin(examples.groups[:cut], examples.groups[cut:])
    if 2 * seen_later.sum() > cut:
        return _by_resource(examples)
    return np.flatnonzero(~seen_later), np.arange(cut, n)


def _by_resource(examples: Examples) -> tuple[Rows, Rows]:
    """Hold out whole resources, those judged last first, as many as `split` holds out of rows."""
    n, held = len(examples), np.zeros(len(examples), dtype=np.bool_)
    for group in dict.fromkeys(examples.groups[::-1].tolist()):
        rows = examples.groups == group
        is_due = held.sum() < n * _LEAST or not enough(examples.y[held])
        if not is_due or (held | rows).sum() > n * _MOST:
            break
        held |= rows
    return np.flatnonzero(~held), np.flatnonzero(held)


def enough(y: Array) -> bool:
    """Whether both classes are there often enough to compare two models."""
    return bool(min(y.sum(), len(y) - y.sum()) >= HELD_OUT_EACH)
