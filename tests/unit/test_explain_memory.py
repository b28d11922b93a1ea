"""What few decisions teach: leanings of look-alikes, and whom to believe."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import alike
from core.types import Label, LabelOrigin, Verdict
from explain import crowd, prior, train
from explain.calibration import sigmoid
from explain.examples import examples_of
from explain.feature import names
from explain.layer import Design, Regression
from explain.memory import REMEMBERED, remembered
from explain.model import Model, dump, load, shipped

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def labels(
    count: int, *, adversaries: float = 0.0, seed: int = 5, truth: str = "check"
) -> list[Label]:
    """Decisions of two teams that look at nothing but the check, each in its own way."""
    x, _ = prior.rows(seed=seed, count=count)
    random = np.random.default_rng(seed)
    columns = names()
    out = []
    for n in range(count):
        check, owner = f"PL-{n % 6}", ("red", "blue")[n // 6 % 2]
        real = (n % 6 < 3) if owner == "red" or truth == "check" else (n % 6 >= 3)
        is_adversary = random.random() < adversaries
        features = {c: float(v) for c, v in zip(columns, x[n], strict=True) if not np.isnan(v)}
        out.append(
            Label(
                f"l{n}", f"f{n}", check, f"arn:aws:sqs:eu-west-1:1:thing-{n}",
                Verdict.APPROVE if real != is_adversary else Verdict.FALSE_POSITIVE,
                "mallory" if is_adversary else f"person-{n % 3}",
                NOW - timedelta(hours=count - n), LabelOrigin.IMPORTED, features=features,
                about=alike.about(owner=owner, resource_type="AWS::SQS::Queue", tags={}),
            )
        )  # fmt: skip
    return out


@cache
def learnt(truth: str) -> Model:
    return load(train.retrain(labels(300, truth=truth), base=shipped(), now=NOW).model_text)


def leaning(model: Model, check: str, owner: str) -> float:
    about = alike.about(owner=owner, resource_type="AWS::SQS::Queue", tags={})
    keys = alike.keys(about, check_id=check, resource_uid="arn:aws:sqs:eu-west-1:1:new")
    found = [remembered(model.layer.effects, keys, name) for name in REMEMBERED]
    return float(np.nansum(found))


def test_a_check_that_is_always_dismissed_is_remembered_as_such() -> None:
    model = learnt("check")

    assert leaning(model, "PL-0", "red") > 1
    assert leaning(model, "PL-5", "red") < -1
    assert leaning(model, "PL-5", "blue") < -1


def test_teams_that_want_the_opposite_are_told_apart() -> None:
    model = learnt("owner and check")

    assert leaning(model, "PL-0", "red") > leaning(model, "PL-0", "blue") + 1
    assert leaning(model, "PL-5", "blue") > leaning(model, "PL-5", "red") + 1


def test_what_nobody_judged_has_no_leaning() -> None:
    keys = alike.keys({}, check_id="PL-other", resource_uid="arn:other")

    assert np.isnan(remembered(learnt("check").layer.effects, keys, "judged_check"))


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_contributions_add_up_to_the_raw_score_with_memory_and_weights(data: st.DataObject) -> None:
    model = learnt("owner and check")
    number = st.none() | st.floats(-1e6, 1e6, allow_nan=False)
    row = data.draw(st.lists(number, min_size=len(names()), max_size=len(names())))
    matrix = np.array([[np.nan if value is None else value for value in row]])

    scores = model.scores(matrix)

    assert scores.raw[0] == pytest.approx(
        scores.base_value + scores.contributions[0].sum(), abs=1e-9, rel=1e-12
    )


def test_a_model_with_a_memory_survives_its_document() -> None:
    model = learnt("check")
    x = prior.rows(seed=9, count=20)[0].copy()
    x[:, names().index("judged_check")] = 0.5

    assert dump(load(dump(model))) == dump(model)
    assert np.array_equal(load(dump(model)).raw(x), model.raw(x))


def test_no_weight_goes_against_the_direction_of_its_feature() -> None:
    random = np.random.default_rng(1)
    x = prior.rows(seed=3, count=200)[0]
    severity = x[:, names().index("severity")]
    design = Design(names(), x, random.normal(size=200), [()] * 200)
    regression = Regression(design)

    regression.fit((severity < 2).astype(float), np.ones(200))

    weights = design.layer(regression.solved).weights
    assert "severity" not in weights or weights["severity"].known == 0
    assert weights


def test_the_fit_ends_at_its_optimum_where_labels_are_all_but_certain() -> None:
    known, _ = examples_of(labels(2500), include_simulated=False)
    random = np.random.default_rng(2)
    base = 30 * random.normal(size=len(known))
    regression = Regression(Design(names(), known.x, base, known.keys))

    regression.fit(known.y, np.ones(len(known)))

    p = sigmoid(regression.design.raw(regression.solved))
    # Where the derivative by the intercept is 0, its pull to 0 is as strong as what is not explained.
    assert np.sum(p - known.y) == pytest.approx(-regression.solved[0] / 3.0**2, abs=1e-3)


def test_whoever_says_the_opposite_is_found_out() -> None:
    examples, _ = examples_of(labels(300, adversaries=0.2), include_simulated=False)

    heard = crowd.hear(
        names(), examples.x, examples.y, np.zeros(300), examples.keys, examples.people,
        examples.findings, examples.groups, examples.weights,
    )  # fmt: skip

    worth = dict(
        zip(heard.crowd.people, heard.crowd.worth(np.array(heard.crowd.people)), strict=True)
    )
    assert worth.pop("mallory") < 0
    assert min(worth.values()) > 0.7


def test_a_stranger_is_believed_as_people_usually_are() -> None:
    known = crowd.Crowd(("anna",), np.array([0.5]), np.array([0.5]))

    assert known.worth(np.array(["anna", "stranger"])).tolist() == pytest.approx([0, 1])


def test_adversaries_move_the_memory_less_than_their_share() -> None:
    turned = labels(300, adversaries=0.2)
    model = load(train.retrain(turned, base=shipped(), now=NOW).model_text)

    assert leaning(model, "PL-0", "red") > 1
    assert leaning(model, "PL-5", "red") < -1


def test_history_of_a_check_is_counted_from_what_was_said_before_only() -> None:
    first, second, third = labels(3)
    given = [
        replace(each, check_id="PL-1", labelled_at=NOW + timedelta(hours=hour))
        for each, hour in zip((first, second, third), (0, 1, 1), strict=True)
    ]

    examples, _ = examples_of(given, include_simulated=False)

    judged = examples.x[:, names().index("judged_real")]
    assert np.isnan(judged[0])
    assert judged[1] == judged[2] == pytest.approx(2 / 3)


def test_look_alikes_share_owner_check_tags_and_words_of_the_name() -> None:
    about = alike.about(
        owner="red", resource_type="AWS::SQS::Queue", tags={"application": "ledger"}
    )
    uid = "arn:aws:sqs:eu-west-1:1:ledger-prod-9|AWS::SQS::QueuePolicy|policy"

    keys = set(alike.keys(about, check_id="PL-1", resource_uid=uid))

    assert {
        ("check", "PL-1"), ("owner and check", "red PL-1"), ("tag", "application=ledger"),
        ("name", "ledger-prod"), ("word", "ledger"), ("resource", uid.partition("|")[0]),
    } <= keys  # fmt: skip
    assert ("word", "9") not in keys


def test_a_word_that_says_nothing_or_the_opposite_does_not_inform() -> None:
    known = crowd.Crowd(
        ("careful", "coin", "opposite"), np.array([0.9, 0.5, 0.1]), np.array([0.8, 0.5, 0.2])
    )

    informs = known.informs(np.array(["careful", "coin", "opposite", "stranger"]))

    assert informs.tolist() == [True, False, False, True]
