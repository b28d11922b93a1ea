from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest

from core.types import (
    Assessment,
    Basis,
    CostImpact,
    Evidence,
    Explanation,
    Finding,
    Label,
    LabelOrigin,
    Severity,
    Verdict,
)
from explain import prior, train
from explain.examples import examples_of, split
from explain.feature import names
from explain.model import load, shipped

NOW = datetime(2026, 11, 22, tzinfo=UTC)
_TEAM = ("dana", "eli", "fay")


def labels(
    count: int,
    *,
    origin: LabelOrigin = LabelOrigin.PERSON,
    truth: str = "severity",
    per_resource: int = 1,
) -> list[Label]:
    """Decisions of a made-up team that looks at one feature only, oldest first."""
    x, _ = prior.rows(seed=5, count=count)
    columns = names()
    out = []
    for n in range(count):
        features = {c: float(v) for c, v in zip(columns, x[n], strict=True) if not np.isnan(v)}
        real = features.get(truth, 0.0) >= 2
        out.append(
            Label(
                f"l{n}",
                f"f{n}",
                "PL-1",
                f"r{n // per_resource}",
                Verdict.APPROVE if real else Verdict.FALSE_POSITIVE,
                _TEAM[n % len(_TEAM)],
                NOW - timedelta(hours=count - n),
                origin,
                features=features,
            )
        )
    return out


@cache
def candidate_of(count: int) -> train.Candidate:
    return train.retrain(labels(count), base=shipped(), now=NOW)


def test_a_better_model_is_promoted_and_says_by_how_much() -> None:
    candidate = candidate_of(400)

    assert candidate.promoted
    assert candidate.card.status == "active"
    assert "log loss" in candidate.why
    assert candidate.card.own_labels == 400
    assert candidate.card.metrics["log_loss"] < candidate.card.metrics["reference_log_loss"]
    assert candidate.card.version == load(candidate.model_text).version
    assert "decisions of this workspace" in candidate.card.text


def test_retraining_learns_what_the_team_looks_at() -> None:
    learned, x = load(candidate_of(400).model_text), prior.rows(seed=6, count=500)[0]
    severe = x[:, names().index("severity")] >= 2

    assert learned.risk(x[severe]).mean() - learned.risk(x[~severe]).mean() > 30


def test_the_same_labels_give_the_same_bytes() -> None:
    again = train.retrain(labels(400), base=shipped(), now=NOW)

    assert again.model_text == candidate_of(400).model_text


def test_a_model_no_better_than_chance_stays_in_shadow_with_the_reason() -> None:
    random = np.random.default_rng(3)
    noise = [
        replace(each, verdict=Verdict.APPROVE if random.random() < 0.5 else Verdict.FALSE_POSITIVE)
        for each in labels(300)
    ]
    taught = load(candidate_of(400).model_text)
    # The model in force knows nothing of these labels, and is right about the newest of them.
    newest = [
        replace(
            each,
            verdict=Verdict.APPROVE if each.features["severity"] >= 2 else Verdict.FALSE_POSITIVE,
        )
        for each in labels(300)[150:]
    ]
    base = replace(taught, trained_until=None)

    candidate = train.retrain([*noise[:150], *newest], base=base, now=NOW)

    assert not candidate.promoted
    assert candidate.card.status == "shadow"
    assert candidate.why.startswith("Worse than the model in force")


def test_too_few_held_out_decisions_keep_the_model_in_shadow() -> None:
    candidate = candidate_of(40)

    assert not candidate.promoted
    assert "30 of each are needed" in candidate.why
    assert load(candidate.model_text).own_labels == 40


def test_without_labels_the_model_in_force_stays() -> None:
    candidate = train.retrain([], base=shipped(), now=NOW)

    assert not candidate.promoted
    assert load(candidate.model_text).trees == shipped().trees


def test_simulated_labels_count_only_in_a_simulation() -> None:
    simulated = labels(10, origin=LabelOrigin.SIMULATED)

    real, left_out = examples_of(simulated, include_simulated=False)
    played, kept_out = examples_of(simulated, include_simulated=True)

    assert (len(real), left_out) == (0, 10)
    assert (len(played), kept_out) == (10, 0)


def test_the_card_says_how_many_decisions_were_simulated() -> None:
    played = labels(20, origin=LabelOrigin.SIMULATED)

    card = train.retrain(played, base=shipped(), now=NOW, include_simulated=True).card

    assert f"({len(played)} of them simulated)" in card.text


@pytest.mark.parametrize(
    "verdict", [Verdict.FALSE_POSITIVE, Verdict.NOT_APPLICABLE, Verdict.ACCEPTED_RISK]
)
def test_only_an_approval_calls_a_finding_real(verdict: Verdict) -> None:
    first, second = labels(2)
    examples, _ = examples_of(
        [replace(first, verdict=verdict), replace(second, verdict=Verdict.APPROVE)],
        include_simulated=False,
    )

    assert examples.y.tolist() == [0, 1]


def test_the_newest_word_of_a_person_counts_and_labels_without_features_do_not() -> None:
    (first,) = labels(1)
    changed = replace(first, uid="l-later", verdict=Verdict.NOT_APPLICABLE, labelled_at=NOW)
    bare = replace(first, uid="l-bare", finding_uid="other", features={})

    examples, left_out = examples_of([changed, first, bare], include_simulated=False)

    assert len(examples) == 1
    assert left_out == 2


def test_held_out_labels_are_the_newest_and_share_no_resource_with_the_others() -> None:
    examples, _ = examples_of(labels(300, per_resource=4), include_simulated=False)

    train_rows, held_out = split(examples)

    assert examples.times[train_rows].max() < examples.times[held_out].min()
    assert not set(examples.groups[train_rows]) & set(examples.groups[held_out])
    assert 0.3 <= len(held_out) / 300 <= 0.6


def test_the_holdout_grows_where_a_class_is_rare() -> None:
    rare = [
        replace(each, verdict=Verdict.APPROVE if n % 5 == 0 else Verdict.FALSE_POSITIVE)
        for n, each in enumerate(labels(300))
    ]
    examples, _ = examples_of(rare, include_simulated=False)

    _, held_out = split(examples)

    assert examples.y[held_out].sum() >= 30


def test_where_the_same_resources_are_judged_all_the_time_whole_ones_are_held_out() -> None:
    """By time alone everything old would be about a resource that is judged again later."""
    again = [
        replace(each, resource_uid=f"r{n % 25}", finding_uid=f"f{n % 25}", person=f"p{n // 25}")
        for n, each in enumerate(labels(300))
    ]
    examples, _ = examples_of(again, include_simulated=False)

    train_rows, held_out = split(examples)

    assert not set(examples.groups[train_rows]) & set(examples.groups[held_out])
    assert len(train_rows) + len(held_out) == 300
    assert 0.3 <= len(held_out) / 300 <= 0.6


def test_the_priors_share_falls_as_labels_arrive() -> None:
    shares = [
        float(candidate_of(n).card.text.partition("alone explains ")[2].partition(" %")[0])
        for n in (40, 400)
    ]

    assert shares[0] > 80
    assert shares[0] - 10 > shares[1] > 0


def test_a_model_in_force_is_not_judged_by_its_own_memory() -> None:
    """One more label than the model in force has: it may not win by having seen the held-out ones."""
    base = load(candidate_of(400).model_text)

    again = train.retrain(labels(400), base=base, now=NOW)

    assert again.promoted
    metrics = again.card.metrics
    assert metrics["log_loss"] == pytest.approx(metrics["reference_log_loss"])


def test_moved_findings_are_told_most_first_and_unmoved_ones_not() -> None:
    findings = [_finding(uid) for uid in ("a", "b", "c", "new")]
    before = [_assessment("a", 50), _assessment("b", 50), _assessment("c", 50.1)]
    after = [
        _assessment("a", 48),
        _assessment("b", 10),
        _assessment("c", 50.2),
        _assessment("new", 9),
    ]

    assert train.moved(before, after, findings) == (("b", 50, 10), ("a", 50, 48))


def _finding(uid: str) -> Finding:
    return Finding(uid, "PL-1", "PL-1", "t", Severity.LOW, "r", "T", "n", Evidence("m"))


def _assessment(uid: str, risk: float) -> Assessment:
    cost = CostImpact(None, None, Basis.ESTIMATED)
    return Assessment(uid, risk, None, Explanation(0.0, 0.0, ()), cost, "v")
