"""How much each label counts before a model learns from it, and why it counts for less than one.

Four rules, each of which can only lower a weight: many equal words within minutes are one act and
not many; a person has so much to say a day; words on a finding that people contradict each other on
count as far as they are believed; and, of three people or more, nobody outweighs everybody else.

Times of imported triage are often dates, or the time of the export. An operator vouches for what is
imported, so that the first two rules leave it alone and the others hold.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.types import Label, LabelOrigin
from explain.witness import examine, is_real

PRIOR_STRENGTH = 200.0
"""What the prior's rows weigh together, in labels.

Its share of the weight is PRIOR_STRENGTH / (PRIOR_STRENGTH + own labels' weights): one half at 200
labels of several people, 1 % at 20,000.
"""


_CROWD = 3  # people; one or two who label are the team, and there is nobody to hold them against


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one person can move the model.

    `share` is of the total weight, the prior's included; `day` is labels; up to `burst` equal ones
    with no more than `burst_min` minutes between them count in full. `teams` are accounts that speak for many people:
    the share and the day do not bind them.
    """

    share: float = 0.5
    day: float = 100.0
    burst: int = 5
    burst_min: float = 10.0
    teams: tuple[str, ...] = ()


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Weight:
    """What a label counts, from 0 to 1, and what lowered it; no reasons where nothing did."""

    value: float
    reasons: tuple[str, ...] = ()


def weigh(
    labels: Sequence[Label], limits: Limits = USUAL, *, reversals: Iterable[str] = ()
) -> tuple[Weight, ...]:
    """Return the weight of each label, in their order.

    `labels` hold the newest word of each person on each finding. `reversals` names, once for each
    time, who took a word back. The order of labels changes no weight.
    """
    values = [1.0] * len(labels)
    reasons: list[list[str]] = [[] for _ in labels]

    def lower(factors: Mapping[int, float], why: str) -> None:
        for row, factor in factors.items():
            if factor < 1:
                values[row] *= factor
                reasons[row].append(why)

    lower(_bursts(labels, limits), "one of many equal labels within minutes")
    lower(_disputes(labels, reversals), "people contradict each other on this finding")
    lower(_days(labels, values, limits), "this person said more that day than one day counts")
    lower(_shares(labels, values, limits), "one person's labels never outweigh everything else")
    return tuple(Weight(v, tuple(why)) for v, why in zip(values, reasons, strict=True))


def _bursts(labels: Sequence[Label], limits: Limits) -> dict[int, float]:
    """A burst of n counts as n up to the limit, and beyond it grows as the logarithm only."""
    alike: dict[object, list[int]] = defaultdict(list)
    for row, each in enumerate(labels):
        if each.origin is not LabelOrigin.IMPORTED:
            alike[each.person, each.check_id, each.verdict].append(row)
    gap = timedelta(minutes=limits.burst_min)
    factors: dict[int, float] = {}
    for rows in alike.values():
        rows.sort(key=lambda row: labels[row].labelled_at)
        burst: list[int] = []
        for row in rows:
            if burst and labels[row].labelled_at - labels[burst[-1]].labelled_at > gap:
                factors |= dict.fromkeys(burst, _of_burst(len(burst), limits.burst))
                burst = []
            burst.append(row)
        factors |= dict.fromkeys(burst, _of_burst(len(burst), limits.burst))
    return factors


def _of_burst(n: int, full: int) -> float:
    return 1.0 if n <= full else full * (1 + math.log(n / full)) / n


def _disputes(labels: Sequence[Label], reversals: Iterable[str]) -> dict[int, float]:
    """Words on a contested finding count with the chance that they are true."""
    contested = examine(labels, reversals=reversals).contested
    factors: dict[int, float] = {}
    for row, each in enumerate(labels):
        if each.finding_uid in contested:
            real = contested[each.finding_uid]
            factors[row] = real if is_real(each) else 1 - real
    return factors


def _days(labels: Sequence[Label], values: Sequence[float], limits: Limits) -> dict[int, float]:
    total: dict[object, float] = defaultdict(float)
    days = [(each.person, each.labelled_at.date()) for each in labels]
    clicked = [each.origin is not LabelOrigin.IMPORTED for each in labels]
    for day, value, own in sorted(zip(days, values, clicked, strict=True)):
        total[day] += value if own else 0.0
    return {
        row: min(limits.day / total[day], 1.0)
        for row, day in enumerate(days)
        if clicked[row] and total[day] > 0 and day[0] not in limits.teams
    }


def _shares(labels: Sequence[Label], values: Sequence[float], limits: Limits) -> dict[int, float]:
    total: dict[str, float] = defaultdict(float)
    if len({each.person for each in labels}) < _CROWD:
        return {}
    for person, value in sorted(zip((each.person for each in labels), values, strict=True)):
        total[person] += value
    people = {person: sum_ for person, sum_ in total.items() if person not in limits.teams}
    free = PRIOR_STRENGTH + sum(sum_ for who, sum_ in total.items() if who in limits.teams)
    most = _most(sorted(people.values()), free=free, share=limits.share)
    return {
        row: min(most / people[each.person], 1.0)
        for row, each in enumerate(labels)
        if people.get(each.person, 0) > 0
    }


def _most(sums: Sequence[float], *, free: float, share: float) -> float:
    """Return the most that one of these sums may weigh: its share of all that then remains.

    `sums` rise. With the k largest held at c, c = share x (free + the others + k x c).
    """
    for held in range(len(sums) + 1):
        others = sums[: len(sums) - held]
        if share * held >= 1:
            return math.inf
        most = share * (free + math.fsum(others)) / (1 - share * held)
        if not others or others[-1] <= most:
            return most
    return math.inf
