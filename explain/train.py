"""Train the prior, and retrain on what people decided; promote only what is no worse."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from core.identity import sha256
from core.types import Assessment, Finding, Label, LabelOrigin, ModelCard
from explain import calibration, card, crowd, evaluate, gate, prior
from explain.calibration import Calibration
from explain.crowd import Crowd, Heard
from explain.examples import (
    HELD_OUT_EACH,
    Examples,
    enough,
    examples_of,
    newest_words,
    split,
)
from explain.feature import declared, names, schema_hash
from explain.gate import NOTHING, HeldOut
from explain.layer import Layer
from explain.memory import REMEMBERED, remembered
from explain.model import Model, dump, input_hash, shipped
from explain.weight import PRIOR_STRENGTH, USUAL, Limits

Array = NDArray[np.float64]

# Trees that learn from few labels take chance for habit, so that up to here the prior's own stand and
# all that is learned lies on them: on simulated teams they ranked better after 300 labels, as well
# after 1,000 and worse after 3,000 (docs/model.md).
_ENOUGH_FOR_TREES = 2000
_FOLDS = 3
_SUPPORT_QUANTILE = 0.01
# Small trees: exact contributions cost trees x leaves x depth squared, and larger ones ranked
# generated rows no better (bench/risk.py prints the comparison).
_TREES, _LEAVES = 120, 8
_BARE = Layer()

PRIOR_TRAINED_AT = datetime(2026, 11, 22, tzinfo=UTC)  # fixed: the document must be reproducible


@dataclass(frozen=True, slots=True)
class Candidate:
    """A newly trained version, whether it takes over, and why, in one sentence."""

    model_text: str
    card: ModelCard
    promoted: bool
    why: str
    held_out: HeldOut = NOTHING


def parameters(seed: int) -> dict[str, object]:
    """Return LightGBM's settings: deterministic, monotone where a feature has a direction."""
    return {
        "objective": "binary",
        "num_leaves": _LEAVES,
        "learning_rate": 0.1,
        "min_data_in_leaf": 40,
        "min_sum_hessian_in_leaf": 1.0,
        "lambda_l2": 5.0,
        "max_bin": 63,
        "monotone_constraints": [int(f.direction) for f in declared()],
        "monotone_constraints_method": "intermediate",
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }


def _boost(
    x: Array, y: Array, weight: Array, seed: int, *, unused: Collection[str] = frozenset()
) -> str:
    """Train trees and return them as text; no tree asks for an unused feature."""
    from explain.library import lightgbm

    data = lightgbm.Dataset(
        x, y, weight=weight, feature_name=list(names()), params={"verbosity": -1}
    )
    gain = [float(name not in unused) for name in names()]
    booster = lightgbm.train(
        {**parameters(seed), "feature_contri": gain}, data, num_boost_round=_TREES
    )
    text: str = booster.model_to_string()
    # LightGBM tells here how Python objects were encoded; there are none, and it is not part of
    # the model.
    return text.partition("\npandas_categorical")[0].rstrip() + "\n"


def train_prior(seed: int = prior.SEED) -> str:
    """Return the document of the model that knows documented facts only.

    The same seed gives the same bytes; the shipped model is `train_prior()`.
    """
    return dump(prior_model(seed))


def prior_model(seed: int = prior.SEED) -> Model:
    """Train the prior on its rows, calibrate it on others and measure it on yet others."""
    x, y = prior.rows(seed=seed)
    trees = _boost(x, y, np.ones(len(y)), seed, unused=prior.silent())
    scale_x, scale_y = prior.rows(seed=seed + 1, count=prior.ROWS // 4)
    scale = calibration.fit(_raw(trees, scale_x), scale_y)
    model = _model(trees, scale, x, PRIOR_TRAINED_AT, own_labels=0)
    check_x, check_y = prior.rows(seed=seed + 2, count=prior.ROWS // 4)
    figures = evaluate.metrics(check_y, model.risk(check_x) / 100)
    return replace(
        model,
        inputs={
            "facts": input_hash([(f.statement, f.source) for f in prior.FACTS]),
            "rows": _hash(x, y),
            "seed": str(seed),
        },
        metrics={f"generated_{name}": round(value, 6) for name, value in figures.items()},
    )


def _hash(x: Array, y: Array) -> str:
    return sha256(np.ascontiguousarray(x).tobytes() + np.ascontiguousarray(y).tobytes())


def _model(  # noqa: PLR0913  # what a model consists of
    trees: str,
    scale: Calibration,
    x: Array,
    at: datetime,
    *,
    own_labels: int,
    layer: Layer = _BARE,
) -> Model:
    bare = Model(
        names(),
        trees,
        scale,
        at,
        own_labels,
        prior.ROWS,
        support_floor=0.0,
        importance={},
        layer=layer,
    )
    sample = x[:: max(len(x) // 4000, 1)]
    weight = np.abs(bare.scores(sample).contributions).mean(axis=0)
    floor = float(np.quantile(bare.support(sample), _SUPPORT_QUANTILE))
    return replace(
        bare,
        support_floor=round(floor, 3),
        importance={n: round(float(w), 6) for n, w in zip(names(), weight, strict=True)},
    )


def retrain(  # noqa: PLR0913  # what a training hangs on
    labels: Sequence[Label],
    *,
    base: Model,
    now: datetime,
    include_simulated: bool = False,
    limits: Limits = USUAL,
    seed: int = prior.SEED,
) -> Candidate:
    """Train on own labels beside the prior's rows and say whether the result may take over.

    `base` is the model in force. Simulated labels are left out unless the workspace itself is a
    simulation. The candidate is compared on the newest labels, of resources that it has not seen.
    """
    examples, left_out = examples_of(labels, include_simulated=include_simulated, limits=limits)
    train, held_out = split(examples)
    judged = _judge(examples.take(train), examples.take(held_out), base, seed)
    model = _final(examples, train, judged, base, now, seed)
    text = card.own(
        model,
        comparison=card.compared(judged.candidate, judged.reference),
        why=judged.why,
        left_out=left_out,
        simulated=_simulated(labels) if include_simulated else 0,
        prior_share=_share_of_prior(model, examples),
    )
    metrics = {**judged.candidate, **{f"reference_{k}": v for k, v in judged.reference.items()}}
    return Candidate(
        dump(model),
        ModelCard(
            version=model.version,
            trained_at=now,
            own_labels=model.own_labels,
            prior_rows=model.prior_rows,
            status="active" if judged.passed else "shadow",
            metrics=metrics,
            text=text,
            inputs=model.inputs,
        ),
        judged.passed,
        judged.why,
        judged.held_out,
    )


def _simulated(labels: Sequence[Label]) -> int:
    """Count the simulated among the labels that are learned from."""
    used = (each for each in newest_words(labels) if each.features)
    return sum(each.origin is LabelOrigin.SIMULATED for each in used)


@dataclass(frozen=True, slots=True)
class _Learnt:
    """Trees, what lies on them, and the log-odds of the newest training rows by trees that had not seen them."""

    trees: str
    heard: Heard
    raw: Array

    def probability(self, examples: Examples) -> Array:
        """Return the chance that each row is real."""
        layer, matrix = self.heard.layer, _reminded(examples, self.heard.layer)
        raw = layer.intercept + layer.slope * _raw(self.trees, examples.x)
        return self.heard.scale.probability(raw + layer.adds(names(), matrix).sum(axis=1))


def _reminded(examples: Examples, layer: Layer) -> Array:
    """Return the features of rows with what is remembered of their look-alikes."""
    matrix = examples.x.copy()
    for name in REMEMBERED if layer.effects else ():
        column = [remembered(layer.effects, keys, name) for keys in examples.keys]
        matrix[:, names().index(name)] = column
    return matrix


def _share_of_prior(model: Model, examples: Examples) -> float:
    """Return how much of the differences between the rows' scores the shipped prior explains (R squared)."""
    if not model.own_labels:
        return 1.0
    newest = examples.take(np.arange(len(examples))[-crowd.MOST_ROWS :])
    known = _raw(shipped().trees, newest.x)
    scores = model.raw(_reminded(newest, model.layer))
    if min(np.ptp(known), np.ptp(scores)) < 1e-9:  # all rows are alike
        return 1.0
    return float(np.corrcoef(known, scores)[0, 1] ** 2)


@dataclass(frozen=True, slots=True)
class _Gate:
    passed: bool
    why: str
    candidate: Mapping[str, float]
    reference: Mapping[str, float]
    learnt: _Learnt
    held_out: HeldOut = NOTHING


def _judge(train: Examples, held_out: Examples, base: Model, seed: int) -> _Gate:
    """Compare the candidate with the model in force on labels that neither has seen.

    Left out are those of people whose word tells nothing, or the opposite: no model is to be kept for
    missing what an adversary called real.
    """
    learnt = _fit(train, seed)
    believed = learnt.heard.crowd
    held_out = held_out.take(np.flatnonzero(believed.informs(held_out.people)))
    if not enough(held_out.y):
        real = int(held_out.y.sum())
        return _Gate(
            False,
            f"Only {real} held-out decisions that called a finding real and {len(held_out) - real} that "
            f"dismissed one; {HELD_OUT_EACH} of each are needed before the new model may take over.",
            {},
            {},
            learnt,
        )
    said, in_force = learnt.probability(held_out), _reference(train, held_out, base, seed)
    candidate = _figures(held_out, said, believed)
    reference = _figures(held_out, in_force, believed)
    seen = _seen(held_out, said, in_force, believed)
    passed, why = gate.no_worse(seen)
    return _Gate(passed, why, candidate, reference, learnt, seen)


def _seen(held_out: Examples, candidate: Array, reference: Array, believed: Crowd) -> HeldOut:
    severity = np.nan_to_num(held_out.x[:, names().index("severity")])
    return HeldOut(
        resources=tuple(held_out.groups.tolist()),
        severity=tuple(severity.tolist()),
        truth=tuple(held_out.y.tolist()),
        candidate=_shown(candidate),
        reference=_shown(reference),
        candidate_said=_shown(believed.says(candidate, held_out.people)),
        reference_said=_shown(believed.says(reference, held_out.people)),
        findings=tuple(held_out.findings.tolist()),
    )


def _shown(chances: Array) -> tuple[float, ...]:
    """Return chances without their last bits, which hang on how many threads computed them."""
    return tuple(np.round(chances, 9).tolist())


def _figures(held_out: Examples, probability: Array, believed: Crowd) -> Mapping[str, float]:
    """Return the figures of a model; its log loss is of what these people would say.

    None of them is always right: a model that knows what is real is surprised by each slip, and
    one that is sure of nothing is not.
    """
    said = believed.says(probability, held_out.people)
    figures = evaluate.metrics(held_out.y, probability)
    return {**figures, "log_loss": evaluate.log_loss(held_out.y, said)}


def _reference(train: Examples, held_out: Examples, base: Model, seed: int) -> Array:
    """Return the probabilities of the model in force, as it would be without the held-out labels.

    A model in force that was itself trained on some of them would be judged by its own memory; so
    its knowledge is refitted on the labels it had, less those held out.
    """
    if not base.own_labels or base.trained_until is None:
        return base.risk(held_out.x[:, base.order(names())]) / 100
    known = np.flatnonzero(train.times <= base.trained_until.timestamp())
    return _fit(train.take(known), seed).probability(held_out)


def _fit(train: Examples, seed: int) -> _Learnt:
    """Learn from what people say: trees where it is enough for them, and what lies on the trees."""
    known = _newest_raw(shipped().trees, train.x)
    if not len(train):
        return _Learnt(shipped().trees, _NOTHING_HEARD, known)
    heard = _hear(train, known)
    if not _enough_for_trees(train):
        return _Learnt(shipped().trees, heard, known)
    raw = known.copy()
    for outside in _folds(train, seed):
        inside = np.flatnonzero(~np.isin(train.groups, train.groups[outside]))
        trees = _own_trees(train.take(inside), heard.crowd, seed)
        raw[outside] = _raw(trees, train.x[outside])
    return _Learnt(_own_trees(train, heard.crowd, seed), _hear(train, raw), raw)


def _enough_for_trees(examples: Examples) -> bool:
    """Whether enough findings were judged; many words on the same ones teach trees no more."""
    return len(np.unique(examples.findings)) >= _ENOUGH_FOR_TREES


def _folds(train: Examples, seed: int) -> list[NDArray[np.intp]]:
    """Return the rows that trees are to see from outside, those of each fold; a resource stands in one.

    What lies on the trees is learnt from the newest labels alone, so that of many only these matter.
    """
    if len(train) > 2 * crowd.MOST_ROWS:
        return [np.arange(len(train) - crowd.MOST_ROWS, len(train))]
    _, group = np.unique(train.groups, return_inverse=True)
    fold = np.random.default_rng(seed).permutation(group.max() + 1)[group] % _FOLDS
    found = (np.flatnonzero(fold == k) for k in range(_FOLDS))
    return [rows for rows in found if len(rows)]


def _hear(examples: Examples, raw: Array) -> Heard:
    """Learn from the newest labels, over trees that had not seen them."""
    newest = np.arange(max(len(examples) - crowd.MOST_ROWS, 0), len(examples))
    part = examples.take(newest)
    return crowd.hear(
        names(),
        part.x,
        part.y,
        raw[newest],
        part.keys,
        part.people,
        part.findings,
        part.groups,
        part.weights,
    )


_NOTHING_HEARD = Heard(Layer(), Crowd((), np.empty(0), np.empty(0)), Calibration())


def _newest_raw(trees: str, x: Array) -> Array:
    """Return the log-odds of the rows that are heard, the newest; 0 for older ones."""
    newest = x[-crowd.MOST_ROWS :]
    return np.concatenate([np.zeros(len(x) - len(newest)), _raw(trees, newest)])


def _own_trees(examples: Examples, believed: Crowd, seed: int) -> str:
    """Train on own rows beside the prior's, weighted by what and whose word they are."""
    x, y = prior.rows(seed=seed)
    worth = believed.worth(examples.people)
    weight = np.concatenate(
        [np.ones(len(y)), np.abs(worth) * examples.weights * len(y) / PRIOR_STRENGTH]
    )
    target = np.append(y, np.where(worth < 0, 1 - examples.y, examples.y))
    return _boost(np.vstack([x, examples.x]), target, weight, seed)


def _raw(trees: str, x: Array) -> Array:
    from explain.library import lightgbm

    if not len(x):
        return np.empty(0)
    booster = lightgbm.Booster(model_str=trees)
    return np.asarray(booster.predict(x, raw_score=True, num_threads=1))


def _final(  # noqa: PLR0913, PLR0917  # one caller; what was judged and on what
    examples: Examples,
    trained: NDArray[np.intp],
    judged: _Gate,
    base: Model,
    now: datetime,
    seed: int,
) -> Model:
    """Train on every label with the settings that were judged."""
    if not len(examples):
        return replace(base, trained_at=now)
    # What lies on the trees is learnt from every label as trees see it that had not seen it.
    raw = _newest_raw(judged.learnt.trees, examples.x)
    if _enough_for_trees(examples.take(trained)):
        raw[trained] = judged.learnt.raw
    heard = _hear(examples, raw)
    x, _ = prior.rows(seed=seed)
    enough_seen = _enough_for_trees(examples)
    model = _model(
        _own_trees(examples, heard.crowd, seed) if enough_seen else shipped().trees,
        heard.scale,
        np.vstack([x, examples.x]),
        now,
        own_labels=len(examples),
        layer=heard.layer,
    )
    figures = {
        name: round(value, 6) for name, value in judged.candidate.items() if np.isfinite(value)
    }
    return replace(
        model,
        trained_until=datetime.fromtimestamp(examples.times.max(), UTC),
        inputs={
            "facts": input_hash([(f.statement, f.source) for f in prior.FACTS]),
            "labels": _hash(np.column_stack([examples.x, examples.weights]), examples.y),
            "schema": schema_hash(declared()),
            "seed": str(seed),
            "base": base.version,
        },
        metrics=figures,
    )


def moved(
    before: Sequence[Assessment], after: Sequence[Assessment], findings: Sequence[Finding]
) -> tuple[tuple[str, float, float], ...]:
    """Return (finding uid, risk before, risk after) of findings whose shown risk changed, most first."""
    old = {a.finding_uid: a.risk for a in before}
    new = {a.finding_uid: a.risk for a in after}
    changes = [
        (f.uid, old[f.uid], new[f.uid])
        for f in findings
        if f.uid in old and f.uid in new and round(old[f.uid]) != round(new[f.uid])
    ]
    return tuple(sorted(changes, key=lambda c: -abs(c[2] - c[1])))
