import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain import calibration
from explain.calibration import Calibration
from explain.evaluate import average_precision, expected_calibration_error, log_loss, metrics

LABELS = st.lists(st.integers(0, 1), min_size=2, max_size=60).filter(lambda y: 0 < sum(y) < len(y))


@settings(deadline=None)  # the first call imports scikit-learn
@given(LABELS, st.randoms(use_true_random=False))
def test_average_precision_and_log_loss_agree_with_scikit_learn(
    truth: list[int], random: object
) -> None:
    from sklearn.metrics import average_precision_score
    from sklearn.metrics import log_loss as reference_log_loss

    # One decimal makes ties, which a careless implementation gets wrong.
    score = [round(random.uniform(0.05, 0.95), 1) for _ in truth]  # type: ignore[attr-defined]

    assert average_precision(truth, score) == pytest.approx(average_precision_score(truth, score))
    assert log_loss(truth, score) == pytest.approx(reference_log_loss(truth, score))


def test_a_perfect_ranking_has_an_average_precision_of_one() -> None:
    assert average_precision([0, 1, 1], [0.1, 0.8, 0.9]) == 1


def test_average_precision_without_a_positive_is_not_a_number() -> None:
    assert math.isnan(average_precision([0, 0], [0.1, 0.2]))


def test_calibration_error_is_the_gap_between_said_and_seen() -> None:
    assert expected_calibration_error([1, 0, 0, 0], [0.25] * 4) == pytest.approx(0)
    assert expected_calibration_error([1, 1], [0.6, 0.6]) == pytest.approx(0.4)


def test_a_certain_and_wrong_probability_costs_much_but_not_infinitely_much() -> None:
    assert 10 < log_loss([1], [0.0]) < 20


def test_metrics_count_both_classes() -> None:
    assert (
        metrics([1, 0, 0], [0.5, 0.2, 0.1])["real"],
        metrics([1, 0, 0], [0.5, 0.2, 0.1])["not_real"],
    ) == (1, 2)


def test_calibration_finds_the_scale_that_made_the_labels() -> None:
    random = np.random.default_rng(1)
    raw = random.normal(0, 2, 20_000)
    truth = (random.random(20_000) < Calibration(0.6, -0.8).probability(raw)).astype(float)

    found = calibration.fit(raw, truth)

    assert found.a == pytest.approx(0.6, abs=0.03)
    assert found.b == pytest.approx(-0.8, abs=0.05)


@given(LABELS, st.integers(0, 99))
def test_calibration_never_turns_the_ranking_over(truth: list[int], seed: int) -> None:
    raw = np.random.default_rng(seed).normal(0, 3, len(truth))

    found = calibration.fit(raw, np.array(truth, dtype=float))

    assert found.a > 0
    assert math.isfinite(found.b)


def test_without_labels_the_calibration_is_the_identity() -> None:
    assert calibration.fit(np.empty(0), np.empty(0)) == Calibration(1.0, 0.0)
