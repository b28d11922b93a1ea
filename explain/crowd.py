"""How far each person's word is to be believed, learnt beside the model.

After Raykar et al., Learning From Crowds, JMLR 11 (2010): what is truly worth fixing is not seen;
each person calls it real with a chance of their own, and the rest not real with another. Both are
estimated together with the model, from how often a person says what the model and the others would
not expect. Whoever says the opposite of everybody counts for what they mean and not for what they say.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explain import calibration
from explain.calibration import Calibration, sigmoid
from explain.layer import Design, Keys, Layer, Regression

Array = NDArray[np.float64]

# What is believed of a person before anything is known: right on nine of ten, as if seen on so many.
_RIGHT_REAL, _SEEN_REAL = 0.88, 10.0
_RIGHT_REST, _SEEN_REST = 0.93, 15.0
_LEAST = 0.02  # nobody is always right, nor always wrong
_ROUNDS = 6
_FOLDS = 4
MOST_ROWS = 2500  # the newest; older decisions stay in the trees


@dataclass(frozen=True, slots=True)
class Crowd:
    """For each person, how often they are right on what is real and on the rest."""

    people: tuple[str, ...]
    right_real: Array
    right_rest: Array

    def of(self, people: NDArray[np.str_]) -> tuple[Array, Array]:
        """Return both chances for the person of each row; the usual ones for a stranger."""
        place = {person: n for n, person in enumerate(self.people)}
        rows = np.array([place.get(person, -1) for person in people], dtype=np.intp)
        return (
            np.append(self.right_real, _RIGHT_REAL)[rows],
            np.append(self.right_rest, _RIGHT_REST)[rows],
        )

    def says(self, probability: Array, people: NDArray[np.str_]) -> Array:
        """Return the chance that each row's person calls it real, given that it is with a chance."""
        real, rest = self.of(people)
        return real * probability + (1 - rest) * (1 - probability)

    def worth(self, people: NDArray[np.str_]) -> Array:
        """Return what each row's word is worth beside a usual one: 0 for chance, below 0 for the opposite.

        Youden's index: how often they are right on both, less chance; at most 1.
        """
        real, rest = self.of(people)
        return np.minimum((real + rest - 1) / (_RIGHT_REAL + _RIGHT_REST - 1), 1.0)

    def speaks_for(self, y: Array, people: NDArray[np.str_]) -> Array:
        """Return the log-odds that each person's word adds to "it is real"."""
        real, rest = self.of(people)
        yes, no = np.log(real / (1 - rest)), np.log((1 - real) / rest)
        return np.where(y > 0, yes, no)

    def informs(self, people: NDArray[np.str_]) -> NDArray[np.bool_]:
        """Return whether each person says "real" more often of what is real than of the rest."""
        real, rest = self.of(people)
        return np.asarray(real + rest > 1)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was learnt from labels: the layer, who is believed, and the calibration of both."""

    layer: Layer
    crowd: Crowd
    scale: Calibration


def hear(  # noqa: PLR0913, PLR0917  # one row a label, column by column
    names: tuple[str, ...],
    x: Array,
    y: Array,
    base: Array,
    keys: Keys,
    people: NDArray[np.str_],
    findings: NDArray[np.str_],
    resources: NDArray[np.str_],
    counts: Array,
) -> Heard:
    """Learn a layer over the trees' log-odds `base`, and whom to believe, from labels.

    `counts` is what each label weighs, from 0 to 1; whom to believe is learnt from every word. The
    calibration is that of resources nobody has judged: each is scored without its own labels.
    """
    design = Design(names, x, base, keys)
    regression, weight = Regression(design), counts
    _, finding = np.unique(findings, return_inverse=True)
    crowd = _unknown(people)
    believed = crowd_believes(base, y, crowd, people, finding)
    left_out = base
    for turn in range(_ROUNDS):
        regression.fit(believed, weight, rounds=2 if turn else 4)
        left_out = regression.left_out(believed, weight)
        believed = crowd_believes(left_out, y, crowd, people, finding)
        crowd = _judged(crowd, believed, y, people)
    scale = _scale(_unseen(design, regression, believed, resources, counts), y, crowd, people)
    return Heard(design.layer(regression.solved), crowd, scale)


def _unseen(
    design: Design,
    regression: Regression,
    believed: Array,
    resources: NDArray[np.str_],
    counts: Array,
) -> Array:
    """Return each row's log-odds by a regression that no label of its resource was in.

    What is said of one finding tells of the others on its resource, so that leaving out a row alone
    would look surer than it is: the more so, the more labels there are.
    """
    _, group = np.unique(resources, return_inverse=True)
    fold = np.random.default_rng(0).permutation(group.max() + 1)[group] % _FOLDS
    raw = np.zeros(len(believed))
    for k in range(_FOLDS):
        outside = fold == k
        if outside.any():
            apart = regression.again()
            apart.fit(believed, np.where(outside, 0.0, counts), rounds=0)
            raw[outside] = design.raw(apart.solved)[outside]
    return raw


def _unknown(people: NDArray[np.str_]) -> Crowd:
    known = tuple(np.unique(people).tolist())
    return Crowd(known, np.full(len(known), _RIGHT_REAL), np.full(len(known), _RIGHT_REST))


def crowd_believes(
    raw: Array, y: Array, crowd: Crowd, people: NDArray[np.str_], finding: NDArray[np.intp]
) -> Array:
    """Return the chance that each row's finding is real, by the model and by all who judged it."""
    said = np.bincount(finding, crowd.speaks_for(y, people))
    thought = np.bincount(finding, raw) / np.bincount(finding)
    return np.asarray(sigmoid(thought + said)[finding])


def _judged(crowd: Crowd, believed: Array, y: Array, people: NDArray[np.str_]) -> Crowd:
    place = {person: n for n, person in enumerate(crowd.people)}
    rows = np.array([place[person] for person in people], dtype=np.intp)
    n = len(crowd.people)
    doubted = 1 - believed
    real = _sum(rows, believed, n), _sum(rows, believed * y, n)
    rest = _sum(rows, doubted, n), _sum(rows, doubted * (1 - y), n)
    return Crowd(
        crowd.people,
        _share(real, _RIGHT_REAL, _SEEN_REAL),
        _share(rest, _RIGHT_REST, _SEEN_REST),
    )


def _sum(rows: NDArray[np.intp], values: Array, n: int) -> Array:
    return np.bincount(rows, values, n).astype(np.float64)


def _share(counted: tuple[Array, Array], usual: float, seen: float) -> Array:
    total, right = counted
    return np.clip((right + usual * seen) / (total + seen), _LEAST, 1 - _LEAST)


def _scale(raw: Array, y: Array, crowd: Crowd, people: NDArray[np.str_]) -> Calibration:
    """Calibrate to what is real, through what each person makes of it."""
    scale = Calibration()
    for _ in range(_ROUNDS):
        thought = scale.a * raw + scale.b
        believed = sigmoid(thought + crowd.speaks_for(y, people))
        scale = calibration.fit(raw, believed)
    # The last bits hang on how many threads the linear algebra had; the same labels give one file.
    return Calibration(round(scale.a, 9), round(scale.b, 9))
