"""How often each person is right, from what others and verified outcomes say of the same finding.

After Dawid and Skene, Maximum likelihood estimation of observer error-rates using the EM algorithm,
Applied Statistics 28 (1979), for two classes and with a prior on each rate, so that whoever was
judged beside others a few times only stays near the usual. No model takes part: who disagrees with
the model is no less believed for it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.interval import wilson
from core.types import Label, LabelOrigin, Verdict

Array = NDArray[np.float64]

# Believed of a person before anything is known: right nine times of ten, as if seen twenty times.
_RIGHT, _SEEN = 0.9, 20.0
_OUTCOME = 0.98  # a verified outcome is not estimated
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Witness:
    """How often a person is right: an estimate drawn to the usual, with a 95 % interval.

    `shared` counts findings that others judged too; `reversed_` counts words they took back
    themselves. With neither the estimate is the usual one.
    """

    person: str
    labels: int
    shared: int
    reversed_: int
    right: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Testimony:
    """Everyone's reliability, and for each contested finding the chance that it is real."""

    witnesses: Mapping[str, Witness]
    contested: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Shared:
    """Words on findings that several judged, as rows."""

    real: NDArray[np.bool_]
    person: NDArray[np.intp]
    finding: NDArray[np.intp]
    people: tuple[str, ...]
    findings: tuple[str, ...]
    fixed: NDArray[np.bool_]


def examine(labels: Sequence[Label], *, reversals: Iterable[str] = ()) -> Testimony:
    """Estimate from the words that count, and from who took a word back (once for each).

    The order of labels does not matter.
    """
    taken_back = Counter(reversals)
    shared = _shared(labels)
    believed, right, seen = _together(shared, taken_back)
    place = {person: n for n, person in enumerate(shared.people)}
    said = Counter(each.person for each in labels)
    witnesses = {
        person: _witness(person, said[person], taken_back[person], place, right, seen)
        for person in sorted(said.keys() | taken_back.keys())
    }
    sides: dict[str, set[bool]] = {}
    for each in labels:
        sides.setdefault(each.finding_uid, set()).add(is_real(each))
    chance = dict(zip(shared.findings, believed.tolist(), strict=True))
    contested = {uid: chance[uid] for uid, said_of in sides.items() if len(said_of) == 2}
    return Testimony(witnesses, contested)


def is_real(label: Label) -> bool:
    """Whether a label calls its finding real."""
    return label.verdict is Verdict.APPROVE


def _shared(labels: Sequence[Label]) -> _Shared:
    judges = Counter(each.finding_uid for each in labels)
    rows = sorted(
        (each for each in labels if judges[each.finding_uid] > 1),
        key=lambda each: (each.finding_uid, each.person),
    )
    people = tuple(sorted({each.person for each in rows}))
    findings = tuple(sorted({each.finding_uid for each in rows}))
    place = {person: n for n, person in enumerate(people)}
    where = {uid: n for n, uid in enumerate(findings)}
    outcomes = {each.person for each in rows if each.origin is LabelOrigin.OUTCOME}
    return _Shared(
        np.array([is_real(each) for each in rows], dtype=bool),
        np.array([place[each.person] for each in rows], dtype=np.intp),
        np.array([where[each.finding_uid] for each in rows], dtype=np.intp),
        people,
        findings,
        np.array([person in outcomes for person in people], dtype=bool),
    )


def _together(shared: _Shared, taken_back: Mapping[str, int]) -> tuple[Array, Array, Array]:
    """Return the chance that each finding is real, who is right how often, and on how many."""
    n, many = len(shared.people), len(shared.findings)
    seen = np.bincount(shared.person, minlength=n).astype(np.float64)
    wrong = np.array([taken_back.get(person, 0) for person in shared.people], dtype=np.float64)
    rate = np.where(shared.fixed, _OUTCOME, _RIGHT)
    believed = np.full(many, 0.5)
    right_of = np.zeros(n)
    for _ in range(_ROUNDS):
        odds = np.log(rate / (1 - rate))[shared.person]
        votes = np.bincount(shared.finding, np.where(shared.real, odds, -odds), many)
        believed = 1 / (1 + np.exp(-np.clip(votes, -30, 30)))
        chance = believed[shared.finding]
        hits = np.where(shared.real, chance, 1 - chance)
        right_of = np.bincount(shared.person, hits, n).astype(np.float64)
        rate = (right_of + _RIGHT * _SEEN) / (seen + wrong + _SEEN)
        rate = np.where(shared.fixed, _OUTCOME, rate)
    return believed, right_of, seen


def _witness(  # noqa: PLR0913, PLR0917  # one caller
    person: str,
    labels: int,
    taken_back: int,
    place: Mapping[str, int],
    right: Array,
    seen: Array,
) -> Witness:
    row = place.get(person)
    shared = 0 if row is None else int(seen[row])
    hits = (0.0 if row is None else float(right[row])) + _RIGHT * _SEEN
    n = shared + taken_back + _SEEN
    low, high = wilson(hits, n)
    return Witness(person, labels, shared, taken_back, hits / n, low, high)
