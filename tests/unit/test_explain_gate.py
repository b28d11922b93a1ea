"""A new model's criteria: each can hold, and each can fail."""

from dataclasses import replace

import numpy as np
import pytest

from core.types import Criterion, Standing
from explain import gate
from explain.gate import HeldOut

N = 400


def held_out(seed: int = 1) -> HeldOut:
    """Decisions drawn from the candidate's own probabilities: it is calibrated by construction."""
    random = np.random.default_rng(seed)
    candidate = random.beta(0.5, 0.5, N)
    truth = (random.random(N) < candidate).astype(float)
    candidate = np.where(truth > 0, np.maximum(candidate, 0.2), candidate)
    return HeldOut(
        tuple(f"r{n}" for n in range(N)),
        (2.0,) * N,
        tuple(truth.tolist()),
        tuple(candidate.tolist()),
        tuple(random.random(N).tolist()),
        candidate_said=tuple(candidate.tolist()),
        reference_said=(0.5,) * N,
    )


def reversed_of(seen: HeldOut) -> HeldOut:
    return replace(seen, candidate=seen.reference, reference=seen.candidate)


def test_the_working_threshold_keeps_the_recall_asked_for() -> None:
    truth = np.array([1.0] * 100 + [0.0])
    score = np.append(np.arange(100) / 100, 0.5)

    at = gate.threshold(truth, score, recall=0.97)

    assert (score[:100] >= at).mean() == pytest.approx(0.97)


def test_a_model_that_ranks_worse_at_the_threshold_is_blocked() -> None:
    better, worse = (
        gate.precision_recall(held_out()),
        gate.precision_recall(reversed_of(held_out())),
    )

    assert better.standing is Standing.HOLDS
    assert worse.standing is Standing.BLOCKS
    assert "At 97% recall" in better.sentence


def test_a_model_that_is_worse_beyond_chance_is_not_let_in() -> None:
    better = gate.no_worse(held_out())
    worse, why = gate.no_worse(
        replace(
            reversed_of(held_out()),
            candidate_said=held_out().reference_said,
            reference_said=held_out().candidate_said,
        )
    )

    assert better[0]
    assert not worse
    assert why.startswith("Worse than the model in force, which stays: log loss 0.693 against")


def test_a_model_that_looks_worse_by_chance_is_let_in() -> None:
    random, seen = np.random.default_rng(4), held_out()
    shaken = np.clip(np.array(seen.candidate) + random.normal(0, 0.02, N), 0.001, 0.999)
    tuple_ = tuple(shaken.tolist())
    other = replace(
        seen,
        candidate=tuple_,
        candidate_said=tuple_,
        reference=seen.candidate,
        reference_said=seen.candidate_said,
    )

    passed, why = gate.no_worse(other)
    turned, _ = gate.no_worse(
        replace(
            other,
            candidate=other.reference,
            reference=tuple_,
            candidate_said=other.reference_said,
            reference_said=tuple_,
        )
    )

    assert passed
    assert turned
    assert "on 400 held-out decisions" in why


def test_probabilities_that_are_off_are_blocked_and_calibrated_ones_hold() -> None:
    seen = held_out()
    sure = tuple(0.999 if p > 0.1 else 0.001 for p in seen.reference)
    off = replace(seen, candidate_said=sure, reference_said=seen.candidate_said)

    assert gate.calibration(seen).standing is Standing.HOLDS
    assert gate.calibration(off).standing is Standing.BLOCKS


def test_probabilities_as_far_off_as_those_in_force_hold() -> None:
    seen = held_out()
    sure = tuple(0.999 if p > 0.1 else 0.001 for p in seen.reference)

    said = gate.calibration(replace(seen, candidate_said=sure, reference_said=sure))

    assert said.standing is Standing.HOLDS
    assert "difference +0.000 to +0.000" in said.sentence


@pytest.mark.parametrize(("score", "standing"), [(0.9, Standing.HOLDS), (0.0, Standing.BLOCKS)])
def test_a_real_critical_finding_below_the_threshold_blocks(
    score: float, standing: Standing
) -> None:
    seen = held_out()
    row = seen.truth.index(1.0)
    severity = tuple(4.0 if n == row else 2.0 for n in range(N))
    candidate = tuple(score if n == row else p for n, p in enumerate(seen.candidate))

    said = gate.critical(replace(seen, severity=severity, candidate=candidate))

    assert said.standing is standing
    assert "of 1 critical" in said.sentence


def test_without_critical_decisions_that_is_said_to_be_unknown() -> None:
    assert gate.critical(held_out()).standing is Standing.UNKNOWN


def fair(missed: str, *, noisy: str = "", size: int = 100, already: bool = False) -> Criterion:
    """Judge teams `a` and `b`: what is real scores high, but one team's is missed half the time."""
    team = ["a"] * (N - size) + ["b"] * size
    truth = tuple(float(n % 2) for n in range(N))
    in_force = tuple(0.9 if n % 2 else 0.1 for n in range(N))
    score = list(in_force)
    for n in range(N):
        if team[n] == missed and n % 2 and n % 40 == 1:
            score[n] = 0.05
        if team[n] == noisy and not n % 2:
            score[n] = 0.95
    seen = HeldOut(tuple(f"r{n}" for n in range(N)), (2.0,) * N, truth, tuple(score), in_force)
    if already:
        seen = replace(seen, reference=seen.candidate)
    (said,) = gate.fairness(seen, {"team": {f"r{n}": team[n] for n in range(N)}})
    return said


def test_equal_teams_are_treated_alike() -> None:
    assert fair("").standing is Standing.HOLDS


def test_a_team_with_a_larger_burden_asks() -> None:
    said = fair("", noisy="b")

    assert said.standing is Standing.ASKS
    assert "burden of b 100% (in force 0%) against 0% elsewhere" in said.sentence


def test_a_gap_that_is_there_already_keeps_no_model_back() -> None:
    assert fair("", noisy="b", already=True).standing is Standing.HOLDS


def test_many_words_on_one_finding_count_once() -> None:
    """Three findings of a small team, each judged by ten people, are three and not thirty."""
    few = [n for n in range(3) for _ in range(10)]
    seen = HeldOut(
        tuple(f"r{n}" for n in range(400)) + tuple(f"s{n}" for n in few),
        (2.0,) * 430,
        tuple(float(n % 2) for n in range(400)) + (1.0,) * 30,
        tuple(0.9 if n % 2 else 0.1 for n in range(400)) + (0.05,) * 30,
        tuple(0.9 if n % 2 else 0.1 for n in range(400)) + (0.9,) * 30,
        findings=tuple(f"f{n}" for n in range(400)) + tuple(f"g{n}" for n in few),
    )
    team = {uid: "small" if uid.startswith("s") else "large" for uid in seen.resources}

    (said,) = gate.fairness(seen, {"team": team})

    assert said.standing is Standing.UNKNOWN
    assert "Too small to compare (under 20 of a class): small." in said.sentence


def test_more_alerts_are_no_burden_where_as_many_of_them_are_real() -> None:
    """Of two teams, one wants far more fixed: it is shown more, and as often for good reason."""
    random = np.random.default_rng(5)
    team = ["eager"] * 200 + ["calm"] * 200
    truth = tuple(float(random.random() < (0.7 if each == "eager" else 0.2)) for each in team)
    shown = [each > 0 or random.random() < (0.75 if team[n] == "eager" else 0.08)
             for n, each in enumerate(truth)]  # fmt: skip
    score = tuple(0.9 if each else 0.1 for each in shown)
    seen = HeldOut(tuple(f"r{n}" for n in range(400)), (2.0,) * 400, truth, score, score)

    (said,) = gate.fairness(seen, {"team": {f"r{n}": each for n, each in enumerate(team)}})

    assert "alert burden of eager" in said.sentence
    assert said.standing is Standing.HOLDS


def test_a_team_whose_findings_are_missed_blocks() -> None:
    seen = HeldOut(
        tuple(f"r{n}" for n in range(2000)),
        (2.0,) * 2000,
        tuple(float(n % 2) for n in range(2000)),
        # 2 % of all that is real is missed, and all of it is of the small team
        tuple(0.05 if n % 2 and n < 40 else 0.9 if n % 2 else 0.1 for n in range(2000)),
        (0.5,) * 2000,
    )
    team = {f"r{n}": "small" if n < 80 else "large" for n in range(2000)}

    (said,) = gate.fairness(seen, {"team": team})

    assert said.standing is Standing.BLOCKS
    assert "recall of small 50% (in force 100%) against 100% elsewhere" in said.sentence


def test_a_tiny_team_is_said_to_be_too_small() -> None:
    said = fair("", size=10)

    assert said.standing is Standing.UNKNOWN
    assert said.sentence == "Too small to compare (under 20 of a class): b."


def test_nobody_known_is_unknown() -> None:
    (said,) = gate.fairness(held_out(), {"team": {}})

    assert said.standing is Standing.UNKNOWN


def test_other_reasons_than_before_ask() -> None:
    rows = np.random.default_rng(2).normal(size=(30, 8))
    steady = gate.stability({"reseeded": (rows, rows * 1.1)})[0]
    turned = gate.stability({"reseeded": (rows, 1 / rows)})[0]

    assert steady.standing is Standing.HOLDS
    assert turned.standing is Standing.ASKS
    assert "is 1.00 on 30 findings" in steady.sentence


def test_ties_share_their_rank() -> None:
    one = np.array([[3.0, 0.0, 0.0, 0.0]])

    assert gate.rank_correlation(one, one[:, [0, 2, 1, 3]]) == pytest.approx(1.0)


def test_wilson_gives_the_textbook_interval() -> None:
    # 8 of 10: 0.490 to 0.943 (Newcombe 1998, by the formula)
    assert gate.wilson(0.8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)
