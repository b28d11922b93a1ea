"""Whether a resource is worse off after a change: a stated rule on what its metrics counted.

The time after the change is held against the same hours of earlier days, so that a night is compared
with nights and a daily batch with itself. Three answers: better or the same, worse, not decidable.

Failures (errors, throttles) are counts. Given both counts, the later one is binomial under equal
rates: the exact conditional test of two Poisson rates (Przyborowski and Wilenski, Biometrika 31,
1940, 313-323), one-sided. Failures come in bursts, so counts are first divided by the dispersion of
the earlier days, Pearson's chi-square a degree of freedom and at least 1 (Wedderburn, Biometrika 61,
1974, 439-447), rounded against finding anything. A rate that is worse must also be larger by a
stated factor: with enough traffic any difference is significant. And "no worse" is said only where
the test would have seen a stated harm with a stated power; else there was too little traffic.

Durations are held against the median of the same slot on the earlier days. Worse is when the sign
test (Arbuthnot, 1710; exact) says so, the median ratio passes a stated factor, and no earlier day was
as much slower than its fellows: quantiles of latency have heavy tails and good and bad days.

The level of the tests is shared among the metrics of a resource (Bonferroni).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import exp, lgamma, log, log2
from statistics import median

_NEGLIGIBLE = 1e-17
_HISTORY_LEAST = 3  # days with traffic; a median or a dispersion of fewer says nothing
Slots = Sequence[float | None]
"""One value a period, in order; None where there was no data."""


class Outcome(StrEnum):
    """What a comparison came to."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Rule:
    """The thresholds. `level` is the probability of calling a change worse that is not.

    `ratio` is the least factor by which a failure rate, `slower` by which the duration has to grow.
    A pass needs `traffic` requests, and that a rise by `harm` failures a request would have been
    seen with probability `power`. Traffic under `drop` of the least earlier day is asked about.
    """

    level: float = 0.01
    ratio: float = 1.5
    slower: float = 1.25
    harm: float = 0.05
    power: float = 0.8
    traffic: float = 100.0
    drop: float = 0.5


@dataclass(frozen=True, slots=True)
class Window:
    """What was counted in the same hours of one day, slot by slot.

    `failures` are by metric; those named in `apart` are not among the requests that `traffic` counts.
    A slot without failures is zero of them. `duration` is a quantile of each slot.
    """

    traffic: Slots
    failures: Mapping[str, Slots] = field(default_factory=dict)
    duration: Slots = ()
    apart: frozenset[str] = frozenset()

    @property
    def requests(self) -> float:
        """All requests, refused ones too."""
        refused = sum(_total(self.failures[name]) for name in self.apart & set(self.failures))
        return _total(self.traffic) + refused


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric before and after, and what was made of it. Rates are failures a request."""

    name: str
    outcome: Outcome
    before: float
    after: float
    said: str
    p_value: float = 1.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all metrics of a resource came to."""

    outcome: Outcome
    measures: tuple[Measure, ...] = ()

    @property
    def said(self) -> str:
        """What decided it: the worse measures, else the undecided, else all."""
        told = [each.said for each in self.measures if each.outcome is self.outcome]
        return "; ".join(told)


def judge(before: Sequence[Window], after: Window, rule: Rule) -> Judgement:
    """Hold the time after a change against the same hours of earlier days."""
    names = sorted(after.failures)
    is_timed = any(value for window in (*before, after) for value in window.duration)
    level = rule.level / max(1, len(names) + is_timed)
    measures = [_traffic(before, after, rule)]
    measures += [_failures(name, before, after, rule, level) for name in names]
    if is_timed:
        measures.append(_duration(before, after, rule, level))
    found = {each.outcome for each in measures}
    worst = next((o for o in (Outcome.FAIL, Outcome.INCONCLUSIVE) if o in found), Outcome.PASS)
    return Judgement(worst, tuple(measures))


def _total(slots: Slots) -> float:
    return float(sum(value for value in slots if value is not None))


def _traffic(before: Sequence[Window], after: Window, rule: Rule) -> Measure:
    """Say whether there were enough requests, and whether they stayed away."""
    earlier = [window.requests for window in before if window.requests]
    usual, now = (median(earlier) if earlier else 0.0), after.requests

    def measured(outcome: Outcome, said: str) -> Measure:
        return Measure("requests", outcome, usual, now, said)

    counted = f"{now:,.0f} requests since the change"
    if len(earlier) < _HISTORY_LEAST:
        said = f"{len(earlier)} earlier days with traffic; {_HISTORY_LEAST} are needed"
        return measured(Outcome.INCONCLUSIVE, said)
    if now < rule.drop * min(earlier) and min(earlier) >= rule.traffic:
        said = f"{counted}, {usual:,.0f} in the same hours before: callers may be cut off"
        return measured(Outcome.INCONCLUSIVE, said)
    if now < rule.traffic:
        return measured(Outcome.INCONCLUSIVE, f"{counted}; {rule.traffic:,.0f} are needed")
    return measured(Outcome.PASS, counted)


# ── failures ──────────────────────────────────────────────────────────────────


def _failures(
    name: str, before: Sequence[Window], after: Window, rule: Rule, level: float
) -> Measure:
    days = [(_total(w.failures.get(name, ())), w.requests) for w in before if w.requests]
    failed, asked = _total(after.failures[name]), after.requests
    failed_before, asked_before = sum(x for x, _ in days), sum(n for _, n in days)
    if not asked or not asked_before:
        return Measure(name, Outcome.INCONCLUSIVE, 0.0, 0.0, f"{name}: no requests to compare")
    spread = dispersion(days)
    rate, rate_before = failed / asked, failed_before / asked_before
    share = asked / (asked + asked_before)
    known = _up(failed_before / spread)
    p_value = tail_of_binomial(int(failed / spread), known + int(failed / spread), share)
    said = (
        f"{name} {rate_before:.2%} before ({failed_before:,.0f} of {asked_before:,.0f}), "
        f"{rate:.2%} after ({failed:,.0f} of {asked:,.0f})"
    )
    outcome = Outcome.PASS
    if p_value <= level and rate >= rule.ratio * rate_before:
        outcome = Outcome.FAIL
        said = f"{said}, p {p_value:.2g}"
    elif _power(known, share, asked * (rate_before + rule.harm) / spread, level) < rule.power:
        outcome = Outcome.INCONCLUSIVE
        said = f"{said}: too little traffic to see a rise by {rule.harm:.1%}"
    return Measure(name, outcome, rate_before, rate, said, p_value)


def dispersion(days: Sequence[tuple[float, float]]) -> float:
    """Return by how much failures (first of each pair) vary more than chance says; at least 1."""
    failed, asked = sum(x for x, _ in days), sum(n for _, n in days)
    if not failed or len(days) < 2:
        return 1.0
    expected = [failed * n / asked for _, n in days]
    pearson = sum((x - e) ** 2 / e for (x, _), e in zip(days, expected, strict=True))
    return max(1.0, pearson / (len(days) - 1))


def _up(value: float) -> int:
    whole = int(value)
    return whole if whole == value else whole + 1


def tail_of_binomial(least: int, of: int, share: float) -> float:
    """Return the probability of `least` or more successes; exact to rounding."""
    if least <= of * share:
        return 1.0  # not even above what is expected: no need to know by how little
    log_first = (
        lgamma(of + 1) - lgamma(least + 1) - lgamma(of - least + 1)
        + least * log(share) + (of - least) * log(1 - share)
    )  # fmt: skip
    odds = share / (1 - share)
    term = total = 1.0
    for k in range(least, of):
        term *= (of - k) / (k + 1) * odds
        total += term
        if term < _NEGLIGIBLE * total:
            break
    return min(1.0, exp(log_first) * total)


def _power(known: int, share: float, expected: float, level: float) -> float:
    """Return how likely the test finds a rate under which `expected` failures are expected."""
    return _tail_of_poisson(_critical(known, share, level), expected)


def _critical(known: int, share: float, level: float) -> int:
    """Return the fewest later failures that the test calls worse, beside `known` earlier ones."""

    def is_worse(count: int) -> bool:
        return tail_of_binomial(count, known + count, share) <= level

    high = 1
    while not is_worse(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_worse(middle) else (middle, high)
    return high


def _tail_of_poisson(least: int, mean: float) -> float:
    below = sum(exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(least)) if mean else 1.0
    return max(0.0, 1.0 - below)


# ── durations ─────────────────────────────────────────────────────────────────


def _duration(before: Sequence[Window], after: Window, rule: Rule, level: float) -> Measure:
    days = [window.duration for window in before]
    ratios = slot_ratios(after.duration, days)
    needed = _up(-log2(level))  # fewer slots cannot be significant, whatever they say
    if len(ratios) < needed:
        said = f"duration known in {len(ratios)} slots of time; {needed} are needed"
        return Measure("duration", Outcome.INCONCLUSIVE, 0.0, 0.0, said)
    slower = sum(each > 1 for each in ratios)
    factor = median(ratios)
    p_value = tail_of_binomial(slower, len(ratios), 0.5)
    usual = _usual(days)
    said = f"duration (p95) {usual:,.0f} ms before, {usual * factor:,.0f} ms after"
    is_worse = p_value <= level and factor >= rule.slower and factor > _worst_day(days)
    outcome = Outcome.FAIL if is_worse else Outcome.PASS
    return Measure("duration", outcome, usual, usual * factor, said, p_value)


def slot_ratios(later: Slots, days: Sequence[Slots]) -> list[float]:
    """Return each slot's ratio to the median of the same slot on the days that know it."""
    found = []
    for number, value in enumerate(later):
        known = [day[number] for day in days if number < len(day) and day[number]]
        if value and len(known) >= _HISTORY_LEAST:
            found.append(value / median(each for each in known if each))
    return found


def _worst_day(days: Sequence[Slots]) -> float:
    """Return the factor by which the slowest of the earlier days was slower than its fellows."""
    found = [
        slot_ratios(day, [*days[:number], *days[number + 1 :]]) for number, day in enumerate(days)
    ]
    return max((median(each) for each in found if each), default=0.0)


def _usual(days: Sequence[Slots]) -> float:
    return median([value for day in days for value in day if value] or [0.0])
