"""Which unit is likely to come to violate a control, learned from how units changed before.

A unit is a template of a repository, or a live resource. The chance that one of its next changes
adds a violation comes from a logistic regression on four facts of its past (Platt's form, so that
its output is a probability); which control it will be comes from how often changes added each one.
Both are fitted on the past only, and measured forward in time: `skill` trains on what was known
before each half-year and scores what came in it. Twenty changes that added a violation are the
least that is learned from; below that there is a sentence instead of a number.
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

EVENTS_MIN = 20
"""Ten a feature is the customary least for a logistic regression (Peduzzi 1996); we have four
features and shrink them (L2), so half of that."""
ROWS_MAX = 100_000
_STEP = timedelta(days=14)
_FOLD = timedelta(days=182)
_STRENGTH = 0.1  # inverse of L2; standardized features
_SHARE_WEIGHT = 5.0  # an average control counts as so many changes seen
_DAY_S = 86_400
_FOLD_EVENTS_MIN = 10
_RESAMPLES = 500

FEATURES = ("days since it appeared", "days since its last change", "changes", "violations added")


@dataclass(frozen=True, slots=True)
class Observation:
    """A unit as it was from `at` on: controls that concern it, and (control, resource) violated."""

    unit: str
    at: datetime
    applicable: frozenset[str]
    violations: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The chance (0 to 1) that a unit violates a control that it does not violate now.

    `log_odds` are the shares of the regression's facts in the log-odds of any new violation.
    """

    unit: str
    control: str
    probability: float
    reasons: tuple[str, ...]
    log_odds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skill:
    """How good the forecasts were, forward in time. Intervals are 95 %, resampled by unit.

    `base_rate` is what a random order reaches as average precision; `by_age` what "the youngest
    first" reaches. `expected` over `seen` is calibration in the large.
    """

    rows: int
    seen: int
    expected: float
    base_rate: float
    average_precision: float
    interval: tuple[float, float]
    by_age: float
    brier: float
    brier_of_base_rate: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """Predictions, likeliest first, or in `thin` the sentence that says why there are none."""

    predictions: tuple[Prediction, ...]
    units: int
    changes: int
    events: int
    skill: Skill | None = None
    thin: str = ""


@dataclass(frozen=True, slots=True)
class _Change:
    unit: str
    at: datetime
    applicable: frozenset[str]
    added: frozenset[str]


def forecast(history: Sequence[Observation], *, horizon: timedelta, now: datetime) -> Forecast:
    """Say which units are likely to violate which control before `now + horizon`."""
    history = [each for each in history if each.at <= now]
    past = _History.of(history)
    events = sum(bool(change.added) for change in past.changes)
    counted = Forecast((), len(past.units), len(past.changes), events)
    if events < EVENTS_MIN:
        return replace(counted, thin=_thin(counted))
    rows = past.rows(horizon, until=now - horizon)
    if sum(row.label for row in rows) < _FOLD_EVENTS_MIN:
        return replace(counted, thin=_SHORT)
    regression = _Regression.fit(rows)
    shares = _Shares.of(past.changes)
    found = [
        prediction
        for unit in past.units
        for prediction in _of_unit(past, unit, regression, shares, now=now)
    ]
    found.sort(key=lambda each: (-each.probability, each.unit, each.control))
    measured = skill(history, horizon=horizon, now=now)
    return replace(counted, predictions=tuple(found), skill=measured)


_SHORT = "The history is too short for this horizon: what followed most changes is not known yet."


def _thin(counted: Forecast) -> str:
    return (
        f"The history is too thin: of {counted.changes} changes to {counted.units} units, "
        f"{counted.events} added a violation, and {EVENTS_MIN} are the least to learn from."
    )


def _of_unit(
    past: "_History", unit: str, regression: "_Regression", shares: "_Shares", *, now: datetime
) -> Iterator[Prediction]:
    row = past.row(unit, now, label=False)
    if row is None:
        return
    state = past.state(unit, now)
    any_new, log_odds = regression.explain(row)
    violated = {control for control, _ in state.violations}
    for control in sorted(state.applicable - violated):
        share, seen, of = shares.of_control(control)
        reasons = (*_in_words(row), f"{seen} of {of} changes that added a violation added this one")
        yield Prediction(unit, control, any_new * share, reasons, log_odds)


def _in_words(row: "_Row") -> tuple[str, ...]:
    age, last, changes, added = (round(math.expm1(value)) for value in row.features)
    return (
        f"it appeared {age} days ago and last changed {last} days ago",
        f"it changed {changes} times, {added} of which added a violation",
    )


@dataclass(frozen=True, slots=True)
class _Row:
    unit: str
    at: datetime
    features: tuple[float, ...]
    label: bool


@dataclass(frozen=True, slots=True)
class _History:
    """Observations by unit in the order of time, and the changes between them."""

    units: Mapping[str, tuple[Observation, ...]]
    changes: tuple[_Change, ...]
    changes_of: Mapping[str, tuple[_Change, ...]]

    @classmethod
    def of(cls, history: Sequence[Observation]) -> "_History":
        units: dict[str, list[Observation]] = defaultdict(list)
        for each in sorted(history, key=lambda each: each.at):
            units[each.unit].append(each)
        changes = {unit: tuple(_changes(seen)) for unit, seen in units.items()}
        every = sorted((c for each in changes.values() for c in each), key=lambda c: c.at)
        return cls({unit: tuple(seen) for unit, seen in units.items()}, tuple(every), changes)

    def state(self, unit: str, at: datetime) -> Observation:
        seen = self.units[unit]
        return seen[max(0, bisect_right([each.at for each in seen], at) - 1)]

    def row(self, unit: str, at: datetime, *, label: bool) -> _Row | None:
        """Return what was known of a unit at a time; None before it appeared."""
        appeared = self.units[unit][0].at
        if appeared > at:
            return None
        before = [change for change in self.changes_of[unit] if change.at <= at]
        last = before[-1].at if before else appeared
        features = (
            (at - appeared).total_seconds() / _DAY_S,
            (at - last).total_seconds() / _DAY_S,
            len(before),
            sum(bool(change.added) for change in before),
        )
        return _Row(unit, at, tuple(math.log1p(value) for value in features), label)

    def rows(self, horizon: timedelta, *, until: datetime) -> list[_Row]:
        """Return a row for each unit at each step of time whose outcome is known."""
        start = min(seen[0].at for seen in self.units.values())
        step = _STEP
        while ((until - start) / step) * len(self.units) > ROWS_MAX:
            step *= 2
        found: list[_Row] = []
        at = start
        while at <= until:
            for unit in self.units:
                added = any(
                    change.added and at < change.at <= at + horizon
                    for change in self.changes_of[unit]
                )
                row = self.row(unit, at, label=added)
                if row:
                    found.append(row)
            at += step
        return found


def _changes(seen: Sequence[Observation]) -> Iterator[_Change]:
    for before, after in pairwise(seen):
        added = frozenset(control for control, _ in after.violations - before.violations)
        yield _Change(after.unit, after.at, before.applicable | after.applicable, added)


@dataclass(frozen=True, slots=True)
class _Shares:
    """How often a change that added a violation added each control's."""

    added: Mapping[str, int]
    possible: Mapping[str, int]
    average: float

    @classmethod
    def of(cls, changes: Sequence[_Change]) -> "_Shares":
        events = [change for change in changes if change.added]
        added = Counter(control for change in events for control in change.added)
        possible = Counter(control for change in events for control in change.applicable)
        average = sum(added.values()) / max(1, sum(possible.values()))
        return cls(added, possible, average)

    def of_control(self, control: str) -> tuple[float, int, int]:
        """Return the share, shrunk towards the average control, and the counts behind it."""
        seen, of = self.added.get(control, 0), self.possible.get(control, 0)
        share = (seen + self.average * _SHARE_WEIGHT) / (of + _SHARE_WEIGHT)
        return min(1.0, share), seen, of


@dataclass(frozen=True, slots=True)
class _Regression:
    mean: "np.ndarray[Any, Any]"
    deviation: "np.ndarray[Any, Any]"
    weights: "np.ndarray[Any, Any]"
    intercept: float

    @classmethod
    def fit(cls, rows: Sequence[_Row]) -> "_Regression":
        import numpy as np
        from sklearn.linear_model import LogisticRegression

        features = np.array([row.features for row in rows])
        mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-9
        model = LogisticRegression(C=_STRENGTH, max_iter=500)
        model.fit((features - mean) / deviation, [row.label for row in rows])
        return cls(mean, deviation, model.coef_[0], float(model.intercept_[0]))

    def probabilities(self, rows: Sequence[_Row]) -> "np.ndarray[Any, Any]":
        import numpy as np

        features = np.array([row.features for row in rows])
        scores = ((features - self.mean) / self.deviation) @ self.weights + self.intercept
        chances: np.ndarray[Any, Any] = 1 / (1 + np.exp(-scores))
        return chances

    def explain(self, row: _Row) -> tuple[float, Mapping[str, float]]:
        """Return the chance of any new violation and each fact's share in its log-odds."""
        shares = (row.features - self.mean) / self.deviation * self.weights
        score = float(shares.sum()) + self.intercept
        named = dict(zip(FEATURES, map(float, shares), strict=True))
        return 1 / (1 + math.exp(-score)), {"usual unit": self.intercept, **named}


def skill(history: Sequence[Observation], *, horizon: timedelta, now: datetime) -> Skill | None:
    """Measure forward in time, half a year after the other; None where no fold can be tried."""
    import numpy as np

    past = _History.of(history)
    rows = past.rows(horizon, until=now - horizon)
    tried: list[_Row] = []
    chances: list[Any] = []
    base: list[float] = []
    for start in _folds(rows):
        known = [row for row in rows if row.at <= start - horizon]
        fold = [row for row in rows if start < row.at <= start + _FOLD]
        if sum(row.label for row in known) < _FOLD_EVENTS_MIN or not fold:
            continue
        tried += fold
        chances.append(_Regression.fit(known).probabilities(fold))
        base += [sum(row.label for row in known) / len(known)] * len(fold)
    labels = np.array([row.label for row in tried], dtype=float)
    if not labels.sum():
        return None
    scores = np.concatenate(chances)
    return Skill(
        rows=len(tried),
        seen=int(labels.sum()),
        expected=float(scores.sum()),
        base_rate=float(labels.mean()),
        average_precision=_average_precision(scores, labels),
        interval=_interval(tried, scores, labels),
        by_age=_average_precision(np.array([-row.features[0] for row in tried]), labels),
        brier=float(((scores - labels) ** 2).mean()),
        brier_of_base_rate=float(((np.array(base) - labels) ** 2).mean()),
    )


def _folds(rows: Sequence[_Row]) -> Iterator[datetime]:
    at, end = min(row.at for row in rows), max(row.at for row in rows)
    while at < end:
        yield at
        at += _FOLD


def _average_precision(scores: Any, labels: Any) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(labels, scores))


def _interval(rows: Sequence[_Row], scores: Any, labels: Any) -> tuple[float, float]:
    import numpy as np

    by_unit: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        by_unit[row.unit].append(index)
    groups = [np.array(each) for each in by_unit.values()]
    random = np.random.default_rng(7)
    found = []
    for _ in range(_RESAMPLES):
        chosen = np.concatenate([groups[n] for n in random.integers(0, len(groups), len(groups))])
        if labels[chosen].any():
            found.append(_average_precision(scores[chosen], labels[chosen]))
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)
