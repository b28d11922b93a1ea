"""The rule that says whether a resource is worse off: on generated series, good and bad."""

import random
from collections.abc import Sequence
from dataclasses import replace
from math import comb, sin, tau

import pytest

from core.health import Outcome, Rule, Window, dispersion, judge, slot_ratios, tail_of_binomial

RULE = Rule()
SLOTS = 12


def day(
    seed: int,
    *,
    a_slot: float = 100.0,
    error_rate: float = 0.004,
    p95: float = 120.0,
    throttle_rate: float = 0.0,
    hour: int = 12,
) -> Window:
    """Generate an hour: daily rhythm, chance in every count, heavy tails in durations."""
    made = random.Random(seed)
    rhythm = 1 + 0.8 * sin(tau * hour / 24)
    traffic = [float(made.randint(int(a_slot * rhythm * 0.8), int(a_slot * rhythm * 1.2))) for _ in range(SLOTS)]  # fmt: skip
    return Window(
        traffic=traffic,
        failures={
            "errors": [_drawn(made, n, error_rate) for n in traffic],
            "throttles": [_drawn(made, n, throttle_rate) for n in traffic],
        },
        duration=[p95 * (1 + 0.3 * rhythm) * made.lognormvariate(0, 0.15) for _ in traffic],
        apart=frozenset({"throttles"}),
    )


def _drawn(made: random.Random, n: float, rate: float) -> float:
    return float(sum(made.random() < rate for _ in range(int(n))))


def week(seed: int = 0, **facts: float) -> list[Window]:
    return [day(seed * 100 + n, **facts) for n in range(7)]  # type: ignore[arg-type] # numbers


def outcome(before: Sequence[Window], after: Window, rule: Rule = RULE) -> Outcome:
    return judge(before, after, rule).outcome


def test_a_change_that_harms_nothing_passes() -> None:
    assert outcome(week(), day(99)) is Outcome.PASS


def test_changes_that_harm_nothing_are_called_worse_no_more_often_than_stated() -> None:
    called = [outcome(week(n), day(10_000 + n)) for n in range(300)]

    assert called.count(Outcome.FAIL) <= 300 * RULE.level * 2


@pytest.mark.parametrize(
    ("harm", "metric"),
    [
        ({"error_rate": 0.06}, "errors"),
        ({"throttle_rate": 0.05}, "throttles"),
        ({"p95": 200.0}, "duration"),
    ],
)
def test_a_change_that_harms_fails_and_the_metric_is_named(
    harm: dict[str, float], metric: str
) -> None:
    said = judge(week(), day(99, **harm), RULE)  # type: ignore[arg-type] # numbers

    assert said.outcome is Outcome.FAIL
    assert [each.name for each in said.measures if each.outcome is Outcome.FAIL] == [metric]
    assert metric in said.said


def test_a_function_that_is_throttled_whole_fails_though_nothing_was_invoked() -> None:
    stopped = replace(day(99), traffic=[0.0] * SLOTS, duration=[None] * SLOTS)
    stopped = replace(stopped, failures={"errors": [None] * SLOTS, "throttles": [90.0] * SLOTS})

    assert outcome(week(), stopped) is Outcome.FAIL


def test_a_significant_rise_that_is_small_is_no_failure() -> None:
    before = week(a_slot=20_000, error_rate=0.01)
    after = day(99, a_slot=20_000, error_rate=0.012)

    measured = {each.name: each for each in judge(before, after, RULE).measures}
    assert measured["errors"].p_value < 0.001
    assert measured["errors"].outcome is Outcome.PASS


def test_the_daily_rhythm_is_no_failure_since_the_same_hours_are_compared() -> None:
    quiet = [day(n, hour=18, p95=100) for n in range(7)]

    assert outcome(quiet, day(99, hour=18, p95=100)) is Outcome.PASS


def test_a_slow_day_like_earlier_ones_is_no_failure() -> None:
    before = [day(n, p95=200.0 if n == 3 else 120.0) for n in range(7)]

    assert outcome(before, day(99, p95=190.0)) is Outcome.PASS
    assert outcome(before, day(99, p95=320.0)) is Outcome.FAIL


def test_bursts_of_errors_that_came_before_the_change_too_are_no_failure() -> None:
    before = [day(n, error_rate=0.04 if n in (1, 4) else 0.0) for n in range(7)]
    after = day(99, error_rate=0.04)
    calm = [day(n, error_rate=80 / 7 / 1000) for n in range(7)]

    assert outcome(before, after) is not Outcome.FAIL
    assert outcome(calm, after) is Outcome.FAIL


def test_too_little_traffic_is_inconclusive_and_not_a_pass() -> None:
    said = judge(week(a_slot=3), day(99, a_slot=3), RULE)

    assert said.outcome is Outcome.INCONCLUSIVE
    assert "100 are needed" in said.said


def test_traffic_in_which_no_harm_could_be_seen_is_inconclusive() -> None:
    rule = replace(RULE, harm=0.001)
    said = judge(week(), day(99), rule)

    assert said.outcome is Outcome.INCONCLUSIVE
    assert "too little traffic to see a rise by 0.1%" in said.said


def test_callers_that_stay_away_are_asked_about() -> None:
    said = judge(week(), day(99, a_slot=20), RULE)

    assert said.outcome is Outcome.INCONCLUSIVE
    assert "callers may be cut off" in said.said


def test_no_history_is_inconclusive() -> None:
    assert outcome([], day(99)) is Outcome.INCONCLUSIVE
    assert outcome(week()[:2], day(99)) is Outcome.INCONCLUSIVE


def test_slots_without_data_are_left_out_and_failures_without_data_are_none() -> None:
    gaps = [replace(w, duration=[None, *w.duration[1:]], traffic=[None, *w.traffic[1:]]) for w in week()]  # fmt: skip
    silent = replace(day(99), failures={"errors": [None] * SLOTS, "throttles": []})

    assert outcome(gaps, silent) is Outcome.PASS
    assert len(slot_ratios(silent.duration, [w.duration for w in gaps])) == SLOTS - 1


def test_a_duration_known_in_few_slots_is_inconclusive_and_one_never_measured_is_left_out() -> None:
    few = replace(day(99), duration=[100.0, *[None] * (SLOTS - 1)])
    never = [replace(window, duration=()) for window in week()]

    assert outcome(week(), few) is Outcome.INCONCLUSIVE
    assert outcome(never, replace(day(99), duration=())) is Outcome.PASS


@pytest.mark.parametrize(("least", "of", "share"), [(7, 12, 0.3), (1, 5, 0.1), (40, 50, 0.5)])
def test_the_tail_of_the_binomial_is_exact(least: int, of: int, share: float) -> None:
    by_hand = sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(least, of + 1))

    assert tail_of_binomial(least, of, share) == pytest.approx(by_hand, rel=1e-12)


def test_the_tail_of_large_counts_is_found_without_overflow() -> None:
    assert tail_of_binomial(600_000, 1_000_000, 0.5) < 1e-300
    assert tail_of_binomial(501_500, 1_000_000, 0.5) == pytest.approx(0.00135, rel=0.02)


def test_the_dispersion_of_chance_is_one_and_of_bursts_is_more() -> None:
    assert dispersion([(10, 1000)] * 7) == 1.0
    assert dispersion([(0, 1000), (70, 1000), (0, 1000)]) > 50
