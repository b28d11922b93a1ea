"""Score and explain findings: columns in, assessments out."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from core.types import (
    Assessment,
    Basis,
    Contribution,
    CostImpact,
    Counterfactual,
    Estate,
    Explanation,
    Finding,
    Label,
    Snapshot,
)
from explain.change import CHANGES, cheapest_first
from explain.comparison import comparisons
from explain.feature import Feature, Scope, declared, names
from explain.knowledge import NOTHING, Knowledge
from explain.model import Model, Scores
from explain.scene import Scene

Array = NDArray[np.float64]

_WORTH_SAYING = 2.0  # points of risk; nobody should work for less
_MOST_CHANGES = 5
_MATTERS_POINTS = 25.0  # of risk, between nobody and everybody being able to reach it
# Between these risks a thin score is in doubt; outside them it would have to err by more than 1.3 in
# log-odds to change sides, and directions hold beyond what was seen.
_IN_DOUBT = (20.0, 80.0)
_NO_COST = CostImpact(None, None, Basis.ESTIMATED, note="no price is known for this resource")


def assess(  # noqa: PLR0913  # everything a score may depend on is handed in
    findings: Sequence[Finding],
    snapshot: Snapshot,
    *,
    model: Model,
    costs: Mapping[str, CostImpact],
    labels: Sequence[Label],
    estate: Estate,
    now: datetime,
    knowledge: Knowledge = NOTHING,
) -> tuple[Assessment, ...]:
    """Return each finding's risk, its exact explanation and its cost, in the order given.

    Pass all findings of the scan, since some features count a resource's other findings. `costs` is
    keyed by finding uid, or by resource uid where findings share one. Labels made after `now` are
    not looked at.
    """
    if not findings:
        return ()
    scene = Scene(findings, snapshot, costs, labels, estate, now, model.layer.effects, knowledge)
    return explained(scene, model)


def explained(scene: Scene, model: Model) -> tuple[Assessment, ...]:
    """Score a scene's findings and put the scores into words."""
    order = model.order(names())
    matrix = np.ascontiguousarray(scene.matrix[:, order])
    scores = model.scores(matrix)
    probability = model.calibration.probability(scores.raw)
    contributions = _contributions(scene, model, matrix, scores)
    changes = _counterfactuals(scene, model, matrix, 100 * probability)
    compared = comparisons(scene, [c[0].feature if c else "" for c in contributions])
    abstained = _abstained(model, matrix, scores, 100 * probability)
    known = _known(model, matrix)
    return tuple(
        Assessment(
            finding_uid=finding.uid,
            risk=float(100 * probability[row]),
            probability=None if model.is_prior else float(probability[row]),
            explanation=Explanation(
                float(scores.raw[row]),
                scores.base_value,
                contributions[row],
                changes[row],
                compared[row],
            ),
            cost=scene.costs.get(finding.uid) or scene.costs.get(finding.resource_uid) or _NO_COST,
            model_version=model.version,
            abstained=bool(abstained[row]),
            features=known[row],
        )
        for row, finding in enumerate(scene.findings)
    )


def _known(model: Model, matrix: Array) -> list[dict[str, float]]:
    """Return each row's known features by name; what is not known is left out."""
    present = ~np.isnan(matrix)
    values, there = matrix.tolist(), present.tolist()
    return [
        {n: v for n, v, p in zip(model.features, row, known, strict=True) if p}
        for row, known in zip(values, there, strict=True)
    ]


def _contributions(
    scene: Scene, model: Model, matrix: Array, scores: Scores
) -> list[tuple[Contribution, ...]]:
    """Return the contributions of every row, strongest first; those of exactly nothing are left out."""
    features = {f.name: f for f in declared()}
    columns = [features[name] for name in model.features]
    words = [_sentences(f, matrix[:, i]) for i, f in enumerate(columns)]
    quoted = [_quoted(scene, f) for f in columns]
    ranks = np.argsort(-np.abs(scores.contributions), axis=1, kind="stable").tolist()
    values, shares = matrix.tolist(), scores.contributions.tolist()
    out = []
    for row, order in enumerate(ranks):
        made = []
        for i in order:
            if not shares[row][i]:
                break
            sentence = words[i][row]
            if quoted[i] and sentence and quoted[i][row]:
                sentence = f"{sentence}: {quoted[i][row]}"
            value = values[row][i]
            made.append(
                Contribution(
                    columns[i].name,
                    math.nan if math.isnan(value) else value,
                    shares[row][i],
                    sentence,
                )
            )
        out.append(tuple(made))
    return out


def _quoted(scene: Scene, feature: Feature) -> Sequence[str]:
    """Return what to quote after a feature's sentence, one text a finding; nothing where it quotes none."""
    texts = scene.evidence.get(feature.evidence, ())
    if not texts or feature.scope is Scope.FINDING:
        return texts
    return [texts[row] if row >= 0 else "" for row in scene.rows.tolist()]


def _sentences(feature: Feature, column: Array) -> list[str]:
    """Put a column into words, each distinct value once; empty where a value is no reason."""
    said: dict[float, str] = {}
    out = []
    for value in column.tolist():
        if math.isnan(value):
            out.append("")
            continue
        if value not in said:
            said[value] = feature.says(value) if feature.speaks(value) else ""
        out.append(said[value])
    return out


def _counterfactuals(
    scene: Scene, model: Model, matrix: Array, risk: Array
) -> list[tuple[Counterfactual, ...]]:
    """Return the changes that would lower each finding's risk, least effort first, then effect."""
    columns = {name: matrix[:, i] for i, name in enumerate(model.features)}
    place = {name: i for i, name in enumerate(model.features)}
    found: list[list[Counterfactual]] = [[] for _ in scene.findings]
    for change in CHANGES:
        if change.feature not in columns:
            continue
        rows = np.flatnonzero(change.applies(columns))
        if not len(rows):
            continue
        after = matrix[rows].copy()
        for name, left in change.leaves({n: c[rows] for n, c in columns.items()}).items():
            after[:, place[name]] = left
        for row, value in zip(rows.tolist(), model.risk(after).tolist(), strict=True):
            if risk[row] - value >= _WORTH_SAYING:
                phrase = change.phrase(scene.findings[row].resource_type)
                found[row].append(Counterfactual(phrase, change.feature, value, change.effort))
    return [cheapest_first(each)[:_MOST_CHANGES] for each in found]


def _abstained(model: Model, matrix: Array, scores: Scores, risk: Array) -> NDArray[np.bool_]:
    """Say where the score is not to be relied on.

    Either it is not known who can reach the resource, and the answer would move the risk by more
    than 25 points; or the risk lies between 20 and 80 and fewer training rows resemble the finding
    than 99 % of training rows resemble each other (geometric mean of the leaves' populations).
    """
    thin = scores.support < model.support_floor
    found: NDArray[np.bool_] = thin & (risk > _IN_DOUBT[0]) & (risk < _IN_DOUBT[1])
    dark = np.flatnonzero(np.isnan(matrix[:, model.features.index("exposure_level")]))
    if len(dark):
        found[dark] |= model.risk(_reached(model, matrix[dark], 3.0, 1.0)) > (
            model.risk(_reached(model, matrix[dark], 0.0, 0.0)) + _MATTERS_POINTS
        )
    return found


def _reached(model: Model, matrix: Array, exposure: float, unauthenticated: float) -> Array:
    """Return the rows as they would be if this were known of who can reach them."""
    out = matrix.copy()
    out[:, model.features.index("exposure_level")] = exposure
    out[:, model.features.index("unauthenticated")] = unauthenticated
    return out
