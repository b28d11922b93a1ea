import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ModelError
from explain import prior, train
from explain.feature import Direction, declared, names
from explain.model import dump, load, shipped, shipped_text

WIDTH = len(names())
# Values that features take, some no feature takes, and the missing one.
VALUE = st.one_of(
    st.just(math.nan), st.floats(-10, 5000), st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0])
)
ROW = st.lists(VALUE, min_size=WIDTH, max_size=WIDTH)


@settings(max_examples=200, deadline=None)
@given(ROW)
def test_base_value_and_contributions_give_the_raw_score_for_any_row(row: list[float]) -> None:
    scores = shipped().scores(np.array([row]))

    total = scores.base_value + scores.contributions.sum()
    assert total == pytest.approx(float(scores.raw[0]), abs=1e-9)


@settings(max_examples=200, deadline=None)
@given(
    ROW,
    st.sampled_from([i for i, f in enumerate(declared()) if f.direction]),
    st.floats(0, 5000),
    st.floats(0, 5000),
)
def test_the_score_follows_every_declared_direction(
    row: list[float], column: int, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    lower, higher = np.array([row]), np.array([row])
    lower[0, column], higher[0, column] = low, high

    change = float(shipped().raw(higher)[0] - shipped().raw(lower)[0])

    if declared()[column].direction is Direction.RISES:
        assert change >= -1e-12
    else:
        assert change <= 1e-12


@pytest.mark.slow
def test_the_shipped_model_is_reproduced_bit_for_bit() -> None:
    assert train.train_prior() == shipped_text()


def test_a_model_survives_its_own_document() -> None:
    again = load(dump(shipped()))

    assert again == shipped()
    assert again.version == shipped().version
    assert dump(again) == shipped_text()
    x, _ = prior.rows(count=50)
    assert np.array_equal(again.raw(x), shipped().raw(x))


def test_the_document_is_json_text_and_no_pickle() -> None:
    document = json.loads(shipped_text())

    assert document["format"] == "plumbline-risk/1"
    assert document["trees"][0] == "tree"
    assert document["calibration"]["a"] > 0
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(shipped_text().encode())  # noqa: S301  # that it fails is the point


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "plumbline-risk/1"}', "\x80\x04"])
def test_a_damaged_model_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ModelError, match="risk model"):
        load(text)


def test_a_model_of_another_format_is_refused_by_name() -> None:
    document = json.loads(shipped_text()) | {"format": "other/9"}

    with pytest.raises(ModelError, match="other/9"):
        load(json.dumps(document))


def test_a_model_trained_on_other_features_asks_to_be_trained_again() -> None:
    document = json.loads(shipped_text())
    document["features"][0] = "phase_of_the_moon"

    with pytest.raises(ModelError, match="plumbline model train"):
        load(json.dumps(document))


def test_unreadable_trees_are_an_error_and_not_a_score() -> None:
    document = json.loads(shipped_text()) | {"trees": ["tree", "nonsense"]}
    model = load(json.dumps(document))

    with pytest.raises(ModelError, match="cannot be read"):
        model.raw(np.zeros((1, WIDTH)))


def test_the_prior_draws_the_same_rows_for_the_same_seed_only() -> None:
    x, y = prior.rows(seed=1, count=200)
    again_x, again_y = prior.rows(seed=1, count=200)
    other_x, _ = prior.rows(seed=2, count=200)

    assert np.array_equal(x, again_x, equal_nan=True)
    assert np.array_equal(y, again_y)
    assert not np.array_equal(x, other_x, equal_nan=True)


def test_every_fact_of_the_prior_names_its_source_and_known_features() -> None:
    for fact in prior.FACTS:
        assert fact.source
        assert fact.statement
        assert set(fact.features) <= set(names())


def test_a_fact_never_pushes_against_a_features_declared_direction() -> None:
    """A prior that argued with the constraints would teach the trees nothing there."""
    directions = {f.name: f.direction for f in declared()}
    x, _ = prior.rows(count=500)
    columns = {name: x[:, i] for i, name in enumerate(names())}
    for fact in prior.FACTS:
        for name in fact.features:
            raised = dict(columns) | {name: columns[name] + 1}
            change = fact.adds(raised) - fact.adds(columns)
            known = ~np.isnan(columns[name])
            if directions[name]:
                assert np.all(change[known] * directions[name] >= -1e-12), (fact.statement, name)


def test_the_card_of_the_prior_says_what_it_is() -> None:
    from explain import card

    text = card.of_prior(shipped()).text

    assert "prior" in text
    assert "generated rows" in text
    assert "claims nothing else" in text
