"""What a risk model may hold back, which of it people are asked about, and what it missed by that.

Held back means not posted: the finding stays open, counted, listed and searchable, and its severity
is what it was.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.identity import sha256
from core.interval import clopper_pearson
from core.opinion import REAL, WORDS, opinion, standing
from core.types import Card, Decision, Severity, Status, Withheld

LEAST_REAL = 50
"""Held-out decisions that called a finding real, before a model's threshold may hide anything: with
fewer, one or none of them lies below it (our judgement, 2026-11-25)."""
LEAST_ANSWERED = 20
"""Answered spot checks before recall is told as good (our judgement, 2026-11-25)."""
AUDITED = "recall on audited suppressed findings"
"""The criterion of a new model that spot checks answer."""
SURE, LIKELY = 0.95, 0.6
"""Levels of an interval. Its one end at LIKELY is passed with a chance of 20 %."""
_ON_PATH = "on_path_to_sensitive"


def may_be_withheld(card: Card, *, threshold: float, version: str) -> bool:
    """Whether a model may hold a finding back: it has to be sure, and the harm not critical.

    Not what is critical by rule, on a way to sensitive data or not known to be on none, what the
    model abstains from, what another model scored, or what somebody called real.
    """
    finding, assessed = card.finding, card.assessment
    return (
        assessed is not None
        and assessed.model_version == version
        and assessed.probability is not None
        and not assessed.abstained
        and assessed.risk < threshold
        and assessed.features.get(_ON_PATH) == 0
        and finding.status is Status.OPEN
        and not finding.hygiene
        and finding.severity is not Severity.CRITICAL
        and not opinion(card.decisions).real
    )


# ── which people are asked about ──────────────────────────────────────────────


def cohort(each: Withheld) -> str:
    """Return the month in which a finding was first held back; each month is drawn from apart."""
    return f"{each.since:%Y-%m}"


def number(seed: str, finding_uid: str) -> float:
    """Return a finding's permanent random number, 0 to 1, which decides whether it is drawn.

    Source: Ohlsson, Coordination of samples using permanent random numbers, in Business Survey
    Methods (1995). Of the findings of a month those with the smallest numbers are drawn, so that
    each is as likely to be among them, and the seed lets anybody draw them again.
    """
    return int(sha256(f"{seed}\n{finding_uid}")[:13], 16) / 16**13


def draw(every: Iterable[Withheld], *, seed: str, share: float, missing: int) -> tuple[str, ...]:
    """Return the findings to ask about that were not drawn yet; `missing` of them at least.

    A month's share is at least what was drawn of it already: who comes later has no smaller chance.
    """
    months: dict[str, list[Withheld]] = defaultdict(list)
    for each in every:
        months[cohort(each)].append(each)
    chosen: list[str] = []
    rest: list[str] = []
    for month in sorted(months, reverse=True):
        numbers = {each: number(seed, each.finding_uid) for each in months[month]}
        reached = max((u for each, u in numbers.items() if each.drawn_at), default=0.0)
        waiting = [each for each in numbers if not each.drawn_at and not each.released_at]
        for each in sorted(waiting, key=numbers.__getitem__):
            is_drawn = numbers[each] < share or numbers[each] <= reached
            (chosen if is_drawn else rest).append(each.finding_uid)
    return (*chosen, *rest[: max(missing - len(chosen), 0)])


# ── what was missed ───────────────────────────────────────────────────────────


def verdict(decisions: Sequence[Decision]) -> bool | None:
    """Return whether people called a finding worth showing; None where nobody said anything.

    An accepted risk is not, as in what the model learns. As many on either side count as real.
    """
    newest = {each.person.key: each for each in standing(decisions) if each.kind in WORDS}
    if not newest:
        return None
    if settled := opinion(decisions).settled_by:
        return settled.kind in REAL
    real = sum(each.kind in REAL for each in newest.values())
    return 2 * real >= len(newest)


@dataclass(frozen=True, slots=True)
class Shown:
    """Findings that were posted, how many of them people judged, and how many they called real."""

    posted: int
    judged: int
    real: int


@dataclass(frozen=True, slots=True)
class Month:
    """Findings first held back in a month, spot checks of them, their answers, and which were real."""

    withheld: int
    drawn: int
    answered: int
    real: int


@dataclass(frozen=True, slots=True)
class Recall:
    """The share of what is real that was shown, with its interval; all from 0 to 1."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Audited:
    """What spot checks say of the findings that were held back."""

    shown: Shown
    months: Mapping[str, Month]

    @property
    def withheld(self) -> int:
        """How many findings were held back."""
        return sum(each.withheld for each in self.months.values())

    @property
    def drawn(self) -> int:
        """How many of them people were asked about."""
        return sum(each.drawn for each in self.months.values())

    @property
    def answered(self) -> int:
        """How many of the spot checks were answered."""
        return sum(each.answered for each in self.months.values())

    @property
    def real(self) -> int:
        """How many of those turned out to be real."""
        return sum(each.real for each in self.months.values())

    def recall(self, *, level: float = SURE) -> Recall | None:
        """Estimate the recall of what is shown; None before anything was answered and judged.

        Two strata: of those posted, as many are real as of those judged; of those held back, as
        the answers say, each weighted by the inverse of its chance to be asked and to be answered
        (Horvitz and Thompson, JASA 47, 1952; within a month all chances are equal). The interval
        takes exact ones for both shares, the weighted one by its effective number of answers (Korn
        and Graubard, Survey Methodology 24, 1998), and shares what is left out among their four
        ends (Bonferroni), so that it rather is too wide.
        """
        if not (self.answered and self.shown.judged):
            return None
        hits, n = _effective(tuple(self.months.values()))
        tail = (1 - level) / 4
        missed = [
            share * self.withheld for share in (hits / n, *clopper_pearson(hits, n, tail=tail))
        ]
        found = self._found(tail)
        return Recall(
            _share(found[0], missed[0]),
            _share(found[1], missed[2]),
            _share(found[2], missed[1]),
        )

    def _found(self, tail: float) -> tuple[float, float, float]:
        """Return how many of those posted are real: the estimate, at least, at most."""
        posted, judged, real = self.shown.posted, self.shown.judged, self.shown.real
        if judged >= posted:
            return float(real), float(real), float(real)
        low, high = clopper_pearson(real, judged, tail=tail)
        return posted * real / judged, max(posted * low, real), posted * high


def _share(found: float, missed: float) -> float:
    return found / (found + missed) if found + missed > 0 else 1.0


def _effective(months: Sequence[Month]) -> tuple[float, float]:
    """Return the weighted share of real answers as hits in an effective number of answers (Kish)."""
    asked = [each for each in months if each.answered]
    weights = [each.withheld / each.answered for each in asked]
    total = math.fsum(each.withheld for each in asked)
    share = math.fsum(w * each.real for w, each in zip(weights, asked, strict=True)) / total
    squares = math.fsum(w * w * each.answered for w, each in zip(weights, asked, strict=True))
    n = total * total / squares
    return share * n, n


def audited(
    cards: Mapping[str, Card], every: Sequence[Withheld], posted: Iterable[str], *, since: datetime
) -> Audited:
    """Count what was posted and held back since a time, and what people said of either.

    `cards` are by uid; `posted` names those whose message stands in the chat. What was let go and
    then posted counts as posted, spot checks never do.
    """
    posted = frozenset(posted)
    withheld = {
        each.finding_uid: each
        for each in every
        if each.drawn_at or not (each.released_at and each.finding_uid in posted)
    }
    seen = {uid for uid, card in cards.items() if _is_since(card, since)}
    shown = [verdict(cards[uid].decisions) for uid in posted if uid in seen and uid not in withheld]
    months: dict[str, list[tuple[bool, bool | None]]] = defaultdict(list)
    for uid in seen & withheld.keys():
        is_drawn = withheld[uid].drawn_at is not None
        said = verdict(cards[uid].decisions) if is_drawn else None
        months[cohort(withheld[uid])].append((is_drawn, said))
    return Audited(
        Shown(len(shown), sum(each is not None for each in shown), sum(map(bool, shown))),
        {
            month: Month(
                len(rows),
                sum(is_drawn for is_drawn, _ in rows),
                sum(said is not None for _, said in rows),
                sum(bool(said) for _, said in rows),
            )
            for month, rows in sorted(months.items())
        },
    )


def _is_since(card: Card, since: datetime) -> bool:
    return card.finding.last_seen is not None and card.finding.last_seen >= since


def weights(found: Audited, every: Sequence[Withheld]) -> Mapping[str, float]:
    """Return how many findings each that was drawn speaks for, by uid."""
    return {
        each.finding_uid: month.withheld / month.answered
        for each in every
        if each.drawn_at is not None
        and (month := found.months.get(cohort(each)))
        and month.answered
    }
