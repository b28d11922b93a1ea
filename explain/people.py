"""What each person's labels come to, for the operator."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.types import Label
from explain.examples import newest_words
from explain.weight import PRIOR_STRENGTH, Limits, weigh
from explain.witness import Witness, examine


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's labels: what they weigh, their share of the whole, and why they weigh less."""

    person: str
    weight: float
    share: float
    reasons: tuple[str, ...]
    witness: Witness


def standing(labels: Sequence[Label], limits: Limits) -> tuple[Standing, ...]:
    """Return everyone who said something that is learned from, who weighs most first."""
    words = [label for label in newest_words(labels) if label.features]
    total: dict[str, float] = defaultdict(float)
    reasons: dict[str, dict[str, None]] = defaultdict(dict)
    for each, weight in zip(words, weigh(words, limits), strict=True):
        total[each.person] += weight.value
        reasons[each.person] |= dict.fromkeys(weight.reasons)
    whole = PRIOR_STRENGTH + sum(total.values())
    witnesses = examine(words).witnesses
    return tuple(
        Standing(person, sum_, sum_ / whole, tuple(reasons[person]), witnesses[person])
        for person, sum_ in sorted(total.items(), key=lambda each: (-each[1], each[0]))
    )
