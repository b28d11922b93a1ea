import io
from pathlib import Path

import numpy as np
import pytest

import explain
from core.noun import noun
from core.types import Assessment, Basis, Contribution, CostImpact, Counterfactual, Explanation
from explain import table
from explain.feature import declared
from explain.plot import waterfall, waterfall_alt
from explain.sentence import counted, days, duration, figure, levels


def assessment(*shares: float, sentence: str = "reason number {n}") -> Assessment:
    contributions = tuple(
        Contribution(f"f{n}", 1.0, share, sentence.replace("{n}", str(n)))
        for n, share in enumerate(shares)
    )
    raw = -1.0 + sum(shares)
    explanation = Explanation(
        raw, -1.0, contributions, (Counterfactual("attach an authorizer", "unauthenticated", 34.2),)
    )
    return Assessment(
        "f", 87.4, None, explanation, CostImpact(None, None, Basis.ESTIMATED), "prior-1"
    )


def test_the_docs_show_the_features_that_are_declared() -> None:
    shown = (Path(__file__).parents[2] / "docs" / "features.md").read_text(encoding="utf-8")

    assert shown == table.markdown(), "run: python -m explain.table > docs/features.md"


@pytest.mark.parametrize("feature", declared(), ids=lambda f: f.name)
def test_every_feature_is_documented_and_speaks(feature: object) -> None:
    from explain.feature import Feature

    assert isinstance(feature, Feature)
    assert feature.compute.__doc__
    for value in (0.0, 0.4, 1.0, 2.0, 3.0, 12.0, 400.0):
        said = feature.says(value)
        assert said
        assert "_" not in said
        assert "{" not in said


def test_the_alt_text_has_the_numbers_of_the_picture() -> None:
    text = waterfall_alt(assessment(*[0.5] * 10))

    assert "base -1.00" in text
    assert text.count("+0.50") == 7
    assert "3 other features +1.50" in text
    assert "sum 4.00, risk 87 of 100" in text


def test_the_waterfall_is_a_picture_of_readable_size() -> None:
    from PIL import Image

    long = "a very long reason that goes on and on about ${what_was_found} in $resource {n}"
    picture = Image.open(
        io.BytesIO(waterfall(assessment(*[0.5, -0.4] * 6, sentence=long), title="T$ " * 60))
    )

    assert picture.format == "PNG"
    assert 900 <= picture.width <= 2200
    assert 500 <= picture.height <= 1600
    margin = np.asarray(picture.convert("L"))[[0, -1], :]
    assert (margin > 250).all(), "something is cut off at the edge"


def test_reasons_put_what_raises_the_risk_first_and_name_what_lowers_it() -> None:
    said = explain.reasons(assessment(-0.9, 0.5, 0.001, 0.7), 3)

    assert said == ("Reason number 1", "Reason number 3", "Lowers it: reason number 0")


def test_the_arithmetic_shows_the_sum() -> None:
    assert explain.arithmetic(assessment(1.9, 1.2, 0.8, -0.3, -0.2, -0.1)) == (
        "base -1.0, reason number 0 +1.9, reason number 1 +1.2, reason number 2 +0.8, "
        "reason number 3 -0.3, all else -0.3 = 2.3 (87 of 100)"
    )


def test_what_would_lower_the_risk_is_said_with_both_figures() -> None:
    assert explain.would_lower(assessment(1.0)) == ("attach an authorizer: 87 -> 34 (a setting)",)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.4, "less than a day"), (1, "1 day"), (59, "59 days"), (61, "2 months"), (800, "2 years")],
)
def test_durations_read_as_people_say_them(value: float, said: str) -> None:
    assert duration(value) == said


def test_counts_levels_and_figures_read_as_people_say_them() -> None:
    count = counted(none="none", one="1 store", many="{n} stores")
    assert [count(0), count(1), count(1284)] == ["none", "1 store", "1,284 stores"]
    assert levels({0: "low", 2: "high"})(1.9) == "low"
    assert days("for {x}", none="never")(0) == "never"
    assert [figure(1284), figure(4.1)] == ["1,284", "4.10"]


@pytest.mark.parametrize(
    ("resource_type", "count", "said"),
    [
        ("AWS::Lambda::Function", 312, "functions"),
        ("AWS::Lambda::Function", 1, "function"),
        ("AWS::S3::BucketPolicy", 2, "bucket policies"),
        ("AWS::KMS::Key", 2, "KMS keys"),
    ],
)
def test_resource_types_read_as_people_say_them(resource_type: str, count: int, said: str) -> None:
    assert noun(resource_type, count) == said


def test_the_models_document_shows_the_priors_facts_and_calls_them_generated() -> None:
    shown = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")

    assert table.facts() in shown, "paste explain.table.facts() into docs/model.md"
    assert "generated rows" in shown
    assert "claims nothing else" in shown
