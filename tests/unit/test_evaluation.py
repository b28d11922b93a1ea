"""The evaluation measures what it says, on simulated teams with made-up checks."""

import json
import math
from functools import cache

import numpy as np
import pytest

from app.evaluation import Plan, as_record, evaluate, lines
from app.evaluation.figure import figures, interval, suppressed_at_recall, threshold
from app.evaluation.ground import Ground, prepare
from app.evaluation.run import CEILING, FLOOR, OURS, Company
from tests.unit.test_simulated_teams import found


@cache
def ground() -> Ground:
    return prepare(3, [found])


@cache
def measured() -> tuple[Company, ...]:
    plan = Plan(seeds=(3,), labels=60, curve=(), ablate=False)
    return evaluate(plan, told=lambda _: None, checks=[found])


def test_the_share_suppressed_counts_what_stands_below_the_last_one_kept() -> None:
    truth = np.array([1.0] * 10 + [0.0] * 10)
    score = np.concatenate([np.full(10, 0.9), np.linspace(0.5, 0.95, 10)])

    assert suppressed_at_recall(truth, score) == pytest.approx(0.9)
    assert suppressed_at_recall(truth, score, recall=0.5) == pytest.approx(0.9)


def test_ties_with_what_is_kept_are_shown() -> None:
    assert suppressed_at_recall(np.array([1.0, 0.0, 0.0]), np.array([0.5, 0.5, 0.4])) == 0.5


def test_the_threshold_keeps_the_recall_that_the_probabilities_promise() -> None:
    probabilities = np.random.default_rng(1).beta(0.5, 2, 5000)

    chosen = threshold(probabilities)

    kept = probabilities[probabilities >= chosen].sum() / probabilities.sum()
    assert 0.97 <= kept < 0.975


def test_the_threshold_is_chosen_without_the_findings_it_is_judged_on() -> None:
    truth, score = np.array([1.0, 0.0, 0.0, 1.0]), np.array([0.8, 0.1, 0.6, 0.2])

    same = [figures(t, score, open_scores=np.array([0.9, 0.5])) for t in (truth, 1 - truth)]

    assert [each.recall for each in same] == [0.5, 0.5]


def test_an_interval_is_students_and_contains_the_mean() -> None:
    found_ = interval([0.1, 0.2, 0.3])

    assert (round(found_.mean, 3), round(found_.low, 3), round(found_.high, 3)) == (
        0.2,
        -0.048,
        0.448,
    )
    assert math.isinf(interval([0.5]).high)


def test_a_label_carries_what_the_scan_before_it_saw_and_nothing_of_decisions() -> None:
    labels = ground().labels(40)

    assert all(each.features and each.about for each in labels)
    assert not any(name.startswith("judged_") for each in labels for name in each.features)


def test_ours_baselines_ceiling_and_floor_are_measured_in_one_run() -> None:
    (company,) = measured()

    assert {
        OURS, CEILING, FLOOR, "severity only", "rule-frequency prior", "logistic regression",
        "random forest",
    } <= set(company.rankers)  # fmt: skip
    assert company.rankers[CEILING].ranked > company.rankers[FLOOR].ranked + 0.2
    assert company.wrong_adversarial > company.wrong_labels


def test_the_record_is_json_and_says_that_it_is_simulated() -> None:
    plan = Plan(seeds=(3,), labels=60, curve=(), ablate=False)
    record = json.loads(json.dumps(as_record(plan, measured()), allow_nan=False))

    assert record["summary"]["simulated"] is True
    assert "2302.06648" in record["summary"]["published"]
    assert record["rankers"][OURS]["recall"]["mean"] <= 1


def test_the_table_names_each_ranker_once_a_comparison() -> None:
    told = "\n".join(lines(Plan(seeds=(3,), labels=60, curve=(), ablate=False), measured()))

    assert told.startswith("Simulated")
    assert told.count("| random forest |") == 2
    assert "published" in told.lower()
