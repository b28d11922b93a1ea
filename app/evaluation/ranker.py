"""Our pipeline and the baselines: each learns from labels and gives every finding a probability."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.evaluation.ground import Ground, categories, keys_of, without
from core.types import Label, Verdict
from explain.feature import declared, names
from explain.model import Model, load, shipped
from explain.train import Candidate, retrain

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
Ranker = Callable[[Ground, Sequence[Label], Sequence[Rows]], list[Array]]
"""From a company, labels and several sets of rows to a probability for each row of each set."""

_DRAWN_TO_MEAN = 4.0  # labels of a check or a severity that count as much as the mean of all
_TREES, _LEAST_LEAF = 300, 3


def candidate_of(ground: Ground, labels: Sequence[Label]) -> Candidate:
    """Return what `model train` makes of simulated labels."""
    now = ground.simulation.moments[-1].snapshot.taken_at
    return retrain(labels, base=shipped(), now=now, include_simulated=True)


def ours(model: Model, *, gone: frozenset[str] = frozenset()) -> Ranker:
    """Return our model as a ranker; it does not know the features that are gone."""

    def rank(ground: Ground, labels: Sequence[Label], rows: Sequence[Rows]) -> list[Array]:
        out = []
        for chosen in rows:
            matrix = ground.features(model, () if "judged_real" in gone else labels, chosen)
            matrix[:, [i for i, name in enumerate(model.features) if name in gone]] = np.nan
            out.append(model.risk(matrix) / 100)
        return out

    return rank


def ablations() -> Mapping[str, Ranker]:
    """Return our pipeline without each group of features; a group is a module of `explain.features`."""
    groups: dict[str, set[str]] = defaultdict(set)
    for feature in declared():
        group = feature.compute.__module__.rpartition(".")[2]
        groups["history" if feature.name.startswith("judged_") else group].add(feature.name)

    def without_group(gone: frozenset[str]) -> Ranker:
        def rank(ground: Ground, labels: Sequence[Label], rows: Sequence[Rows]) -> list[Array]:
            known = without(labels, gone, alone="judged_real" in gone)
            model = load(candidate_of(ground, known).model_text)
            return ours(model, gone=gone)(ground, known, rows)

        return rank

    return {
        f"without {group}": without_group(frozenset(gone)) for group, gone in sorted(groups.items())
    }


def severity_only(ground: Ground, labels: Sequence[Label], rows: Sequence[Rows]) -> list[Array]:
    """Return how often labels of the same severity were called real."""
    column = names().index("severity")
    said = [(each.features.get("severity", np.nan), _real(each)) for each in labels]
    return [
        _rates(said, ground.scans[-1].matrix[chosen, column].tolist(), rising=True)
        for chosen in rows
    ]


def rule_frequency(ground: Ground, labels: Sequence[Label], rows: Sequence[Rows]) -> list[Array]:
    """Return how often labels of the same check were called real, drawn to the mean."""
    said = [(_check(keys_of(each)), _real(each)) for each in labels]
    return [_rates(said, [_check(k) for k in ground.keys(chosen)]) for chosen in rows]


def _check(keys: Sequence[tuple[str, str]]) -> str:
    return next(value for group, value in keys if group == "check")


def _rates(
    said: Sequence[tuple[Any, float]], asked: Sequence[Any], *, rising: bool = False
) -> Array:
    mean = float(np.mean([real for _, real in said]))
    counts: dict[Any, list[float]] = defaultdict(list)
    for key, real in said:
        counts[key].append(real)

    def rate(key: Any) -> float:
        found = counts.get(key, [])
        return (sum(found) + _DRAWN_TO_MEAN * mean) / (len(found) + _DRAWN_TO_MEAN)

    tie = 1e-6 if rising else 0.0  # equal rates keep the order of severity
    return np.array([rate(key) + (tie * key if rising else 0.0) for key in asked])


def logistic_regression(
    ground: Ground, labels: Sequence[Label], rows: Sequence[Rows]
) -> list[Array]:
    """Return scikit-learn's logistic regression on features, check, owner and type."""
    from sklearn.linear_model import LogisticRegression

    return _learnt(LogisticRegression(C=0.3, max_iter=2000), ground, labels, rows)


def random_forest(ground: Ground, labels: Sequence[Label], rows: Sequence[Rows]) -> list[Array]:
    """Return scikit-learn's random forest on features, check, owner and type."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(
        _TREES, min_samples_leaf=_LEAST_LEAF, random_state=ground.simulation.seed
    )
    return _learnt(forest, ground, labels, rows)


def _learnt(
    learner: Any, ground: Ground, labels: Sequence[Label], rows: Sequence[Rows]
) -> list[Array]:
    """Fit a learner of scikit-learn: numbers scaled, what is not known said, categories one-hot."""
    x = np.array([[each.features.get(name, np.nan) for name in names()] for each in labels])
    known = categories([keys_of(each) for each in labels])
    place = {key: i for i, key in enumerate(sorted(set().union(*known)))}
    usual = np.array([np.median(c[~np.isnan(c)]) if (~np.isnan(c)).any() else 0.0 for c in x.T])
    spread = np.array([max(float(c.std()), 1e-3) for c in _log(np.where(np.isnan(x), usual, x)).T])

    def design(matrix: Array, rows_known: Sequence[frozenset[tuple[str, str]]]) -> Array:
        missing = np.isnan(matrix)
        numbers = (_log(np.where(missing, usual, matrix)) - _log(usual)) / spread
        hot = np.zeros((len(matrix), len(place)))
        for row, found in enumerate(rows_known):
            hot[row, [place[key] for key in found if key in place]] = 1.0
        return np.hstack([numbers, missing.astype(np.float64), hot])

    learner.fit(design(x, known), [_real(each) for each in labels])
    return [
        learner.predict_proba(
            design(ground.scans[-1].matrix[chosen], categories(ground.keys(chosen)))
        )[:, 1]
        for chosen in rows
    ]


def _log(x: Array) -> Array:
    return np.asarray(np.sign(x) * np.log1p(np.abs(x)))


def _real(label: Label) -> float:
    return float(label.verdict is Verdict.APPROVE)


BASELINES: Mapping[str, Ranker] = {
    "severity only": severity_only,
    "rule-frequency prior": rule_frequency,
    "logistic regression": logistic_regression,
    "random forest": random_forest,
}
