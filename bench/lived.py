"""Which findings people fixed and which they lived with, over years of changes to real templates.

Run: `python -m bench.lived`. Reads the development data beside the repository (versions of real
templates, MIT-0); the score is a development score. At each change of a template every finding that
was open before it is a row: fixed where the change cleared it, lived with where it did not. A resource
that the change removed gives no row. Each half-year is scored by what was learned before it, from
templates of other patterns, since near-copies are common. Features and the running rate look at every
change before the one that is scored, as they do in a workspace where decisions come in each day.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import policies
from app.model import price
from bench import history
from bench.history import Version
from core.types import Estate, Finding, Label, LabelOrigin, Snapshot, Status, Verdict
from explain import model
from explain.evaluate import average_precision
from explain.feature import names
from explain.scene import Scene
from explain.train import retrain

Array = NDArray[np.float64]

_FOLD = timedelta(days=182)
_FIXED_MIN = 10  # fixed findings that something can be learned from
_RESAMPLES = 500
_RATE_STRENGTH = 20.0  # rows that an average check counts as


@dataclass(frozen=True, slots=True)
class Row:
    """A finding open before a change, what was known of it then, and whether the change cleared it."""

    pattern: str
    at: datetime
    finding: Finding
    features: dict[str, float]
    running: float
    fixed: bool


def rows(versions: Sequence[Version]) -> list[Row]:
    """Return a row for each finding at each change, in the order of time."""
    policy_set = policies.load()
    judged = [(each, _findings(policy_set, each)) for each in versions]
    steps = [step for step in pairwise(judged) if step[0][0].unit == step[1][0].unit]
    steps.sort(key=lambda step: (step[1][0].at, step[1][0].unit))
    found: list[Row] = []
    for (before, open_before), (after, open_after) in steps:
        still = {each.uid for each in open_after}
        there = {each.uid for each in after.resources}
        earlier = [row for row in found if row.at < after.at]
        features = _features(before, open_before, after.at, earlier)
        running = _rates(earlier)
        found += (
            Row(
                before.pattern, after.at, each, known, running(each.check_id), each.uid not in still
            )
            for each, known in zip(open_before, features, strict=True)
            if each.resource_uid in there
        )  # fmt: skip
    return found


def _findings(policy_set: policies.PolicySet, version: Version) -> list[Finding]:
    said = policies.evaluate(policy_set, version.resources, estate=Estate(), now=version.at)
    return [each for each in said if isinstance(each, Finding) and each.status is Status.OPEN]


def _features(
    version: Version, findings: Sequence[Finding], at: datetime, earlier: Sequence[Row]
) -> list[dict[str, float]]:
    """Return the product's own features, with what happened before `at` as the labels."""
    if not findings:
        return []
    snapshot = Snapshot(version.unit, version.at, version.resources)
    labels = [_label(row) for row in earlier]
    scene = Scene(findings, snapshot, price(findings, snapshot), labels, Estate(), at)
    columns = names()
    return [
        {n: float(v) for n, v in zip(columns, values, strict=True) if not np.isnan(v)}
        for values in scene.matrix
    ]


def _label(row: Row) -> Label:
    verdict = Verdict.APPROVE if row.fixed else Verdict.ACCEPTED_RISK
    return Label(
        f"{row.finding.uid}{row.at.timestamp()}", row.finding.uid, row.finding.check_id,
        row.finding.resource_uid, verdict, "history", row.at, LabelOrigin.OUTCOME,
        features=row.features,
    )  # fmt: skip


Score = Callable[[Sequence[Row], Sequence[Row]], Array]
"""From the rows known before and the rows to score: a score for each of the latter."""


def _matrix(found: Sequence[Row]) -> Array:
    columns = names()
    return np.array([[row.features.get(name, np.nan) for name in columns] for row in found])


def _prior(_: Sequence[Row], scored: Sequence[Row]) -> Array:
    shipped = model.shipped()
    return shipped.risk(np.ascontiguousarray(_matrix(scored)[:, shipped.order(names())]))


def _retrained(known: Sequence[Row], scored: Sequence[Row]) -> Array:
    """Score by what `model train` makes of these outcomes, whether or not it would be promoted."""
    labels = [replace(_label(row), person=f"change {n}") for n, row in enumerate(known)]
    made = retrain(labels, base=model.shipped(), now=scored[0].at)
    trained = model.load(made.model_text)
    return trained.risk(np.ascontiguousarray(_matrix(scored)[:, trained.order(names())]))


def _severity(_: Sequence[Row], scored: Sequence[Row]) -> Array:
    return np.array([float(row.finding.severity.rank) for row in scored])


def _rate(known: Sequence[Row], scored: Sequence[Row]) -> Array:
    rate = _rates(known)
    return np.array([rate(row.finding.check_id) for row in scored])


def _running(_: Sequence[Row], scored: Sequence[Row]) -> Array:
    return np.array([row.running for row in scored])


def _rates(known: Sequence[Row]) -> Callable[[str], float]:
    """Return how often findings of a check were fixed, drawn towards the average check."""
    seen = Counter(row.finding.check_id for row in known)
    fixed = Counter(row.finding.check_id for row in known if row.fixed)
    average = fixed.total() / max(seen.total(), 1)

    def rate(check_id: str) -> float:
        return (fixed[check_id] + _RATE_STRENGTH * average) / (seen[check_id] + _RATE_STRENGTH)

    return rate


def _logistic(known: Sequence[Row], scored: Sequence[Row]) -> Array:
    x, truth = np.nan_to_num(_matrix(known)), [row.fixed for row in known]
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    fitted = LogisticRegression(C=0.1, max_iter=1000).fit((x - mean) / spread, truth)
    chances: Array = fitted.predict_proba((np.nan_to_num(_matrix(scored)) - mean) / spread)[:, 1]
    return chances


def _forest(known: Sequence[Row], scored: Sequence[Row]) -> Array:
    forest = RandomForestClassifier(300, min_samples_leaf=5, random_state=7, n_jobs=1)
    forest.fit(np.nan_to_num(_matrix(known), nan=-1.0), [row.fixed for row in known])
    chances: Array = forest.predict_proba(np.nan_to_num(_matrix(scored), nan=-1.0))[:, 1]
    return chances


METHODS: dict[str, Score] = {
    "shipped prior": _prior,
    "retrained as `model train` does": _retrained,
    "severity": _severity,
    "how often the check was fixed, before the half-year": _rate,
    "how often the check was fixed, before the change": _running,
    "logistic regression": _logistic,
    "random forest": _forest,
}


def folds(found: Sequence[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    """Yield what was known before each half-year, and its own rows."""
    start, end = found[0].at + _FOLD, found[-1].at
    while start <= end:
        scored = [row for row in found if start <= row.at < start + _FOLD]
        own = {row.pattern for row in scored}
        known = [row for row in found if row.at < start and row.pattern not in own]
        if scored and sum(row.fixed for row in known) >= _FIXED_MIN:
            yield known, scored
        start += _FOLD


def interval(scored: Sequence[Row], truth: Array, score: Array) -> tuple[float, float]:
    """Return the 95 % interval of average precision, patterns drawn with replacement."""
    of_pattern: dict[str, list[int]] = defaultdict(list)
    for n, row in enumerate(scored):
        of_pattern[row.pattern].append(n)
    groups = [np.array(each) for each in of_pattern.values()]
    random = np.random.default_rng(7)
    drawn = (
        np.concatenate([groups[n] for n in random.integers(0, len(groups), len(groups))])
        for _ in range(_RESAMPLES)
    )
    values = [average_precision(truth[chosen], score[chosen]) for chosen in drawn]
    low, high = np.nanquantile(values, (0.025, 0.975))
    return float(low), float(high)


def report(title: str, scored: Sequence[Row], scores: dict[str, Array]) -> None:
    """Print a table of average precision."""
    truth = np.array([float(row.fixed) for row in scored])
    print(
        f"\n{title}: {len(scored):,} rows, {int(truth.sum())} fixed; random order {truth.mean():.4f}"
    )
    print("| by | average precision | 95 % |\n|---|---|---|")
    for name, score in scores.items():
        low, high = interval(scored, truth, score)
        print(f"| {name} | {average_precision(truth, score):.3f} | {low:.3f} to {high:.3f} |")


def main() -> None:
    """Print average precision, forward in time, beside the baselines."""
    if not history.DATA.is_file():
        print(history.ABSENT)
        return
    started = time.perf_counter()
    versions = list(history.versions())
    found = rows(versions)
    print(f"{len(versions)} versions read and judged in {time.perf_counter() - started:.0f} s")
    scored: list[Row] = []
    parts: dict[str, list[Array]] = {name: [] for name in METHODS}
    for known, fold in folds(found):
        scored += fold
        for name, method in METHODS.items():
            parts[name].append(method(known, fold))
    scores = {name: np.concatenate(each) for name, each in parts.items()}
    report("All checks", scored, scores)
    most = Counter(row.finding.check_id for row in scored if row.fixed).most_common(2)
    common = {check_id for check_id, _ in most}
    rest = np.array([row.finding.check_id not in common for row in scored])
    told = ", ".join(f"{check_id} {count}" for check_id, count in most)
    others = [row for row, chosen in zip(scored, rest, strict=True) if chosen]
    report(
        f"Without the two that were fixed most ({told})",
        others,
        {name: score[rest] for name, score in scores.items()},
    )


if __name__ == "__main__":
    main()
