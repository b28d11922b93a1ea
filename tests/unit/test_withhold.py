"""What a model may hold back, what of it people are asked about, and what it missed."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from core.interval import clopper_pearson
from core.types import (
    Assessment,
    Card,
    Decision,
    DecisionKind,
    Severity,
    Status,
    Withheld,
)
from core.withhold import (
    SURE,
    Audited,
    Month,
    Shown,
    audited,
    draw,
    may_be_withheld,
    number,
    verdict,
    weights,
)
from tests.store_world import DANA, NOW, OMAR, card

DAY = timedelta(days=1)


def sure(**changes: object) -> Assessment:
    made = card("a").assessment
    assert made is not None
    usual: Mapping[str, object] = {
        "risk": 4.0,
        "probability": 0.04,
        "model_version": "own-1",
        "features": {"on_path_to_sensitive": 0.0},
    }
    return replace(made, **{**usual, **changes})  # type: ignore[arg-type]


def candidate(assessment: Assessment | None = None, **changes: object) -> Card:
    found = card("a")
    finding = replace(found.finding, **changes)  # type: ignore[arg-type]
    return replace(found, finding=finding, assessment=assessment or sure())


def may(each: Card) -> bool:
    return may_be_withheld(each, threshold=12.0, version="own-1")


# ── what may be held back ─────────────────────────────────────────────────────


def test_a_finding_below_the_models_threshold_may_be_held_back() -> None:
    assert may(candidate())


@pytest.mark.parametrize(
    "each",
    [
        candidate(severity=Severity.CRITICAL),
        candidate(sure(features={"on_path_to_sensitive": 1.0})),
        candidate(sure(features={})),
        candidate(sure(abstained=True)),
        candidate(sure(probability=None)),
        candidate(sure(risk=12.0)),
        candidate(sure(model_version="own-0")),
        candidate(status=Status.UNKNOWN),
        candidate(hygiene=True),
        replace(candidate(), assessment=None),
        replace(candidate(), decisions=(Decision("d", "f", DecisionKind.CONFIRM, DANA, NOW),)),
    ],
    ids=[
        "critical by rule", "on a way to sensitive data", "not known to be on none", "abstained",
        "a prior", "not below", "another model", "undecided", "hygiene", "not scored", "called real",
    ],
)  # fmt: skip
def test_what_never_may(each: Card) -> None:
    assert not may(each)


# ── the draw ──────────────────────────────────────────────────────────────────


def held(n: int, *, at: datetime = NOW, drawn_at: datetime | None = None) -> list[Withheld]:
    return [Withheld(f"{at:%m}-{i}", at, "own-1", 12.0, drawn_at) for i in range(n)]


def test_the_draw_is_the_same_for_the_same_seed_and_about_the_share() -> None:
    pool = held(4000)

    one, again, other = (draw(pool, seed=s, share=0.05, missing=0) for s in ("a", "a", "b"))

    assert one == again != other
    assert 150 < len(one) < 250
    assert draw(list(reversed(pool)), seed="a", share=0.05, missing=0) == one


def test_at_least_so_many_are_drawn_and_never_the_same_twice() -> None:
    pool = held(3)
    [first] = draw(pool, seed="a", share=1e-9, missing=1)
    asked = [replace(e, drawn_at=NOW) if e.finding_uid == first else e for e in pool]

    assert draw(asked, seed="a", share=1e-9, missing=0) == ()
    [second] = draw(asked, seed="a", share=1e-9, missing=1)
    assert second != first


def test_of_a_month_those_with_the_smallest_numbers_are_drawn() -> None:
    pool = sorted(held(50), key=lambda e: number("a", e.finding_uid))
    drawn = draw(pool, seed="a", share=1e-9, missing=3)
    assert set(drawn) == {each.finding_uid for each in pool[:3]}

    # who comes later in the month has the same chance as those that were there
    asked = [replace(e, drawn_at=NOW) for e in pool[1:2]]
    assert draw([*asked, pool[0], *pool[2:]], seed="a", share=1e-9, missing=0) == (
        pool[0].finding_uid,
    )


def test_each_month_is_drawn_from_apart_the_newest_first() -> None:
    before, now = held(20, at=NOW - 40 * DAY, drawn_at=NOW), held(20)

    assert set(draw([*before, *now], seed="a", share=1e-9, missing=2)) <= {
        each.finding_uid for each in now
    }


def test_what_was_let_go_is_not_drawn() -> None:
    gone = [replace(e, released_at=NOW) for e in held(5)]

    assert draw(gone, seed="a", share=1.0, missing=5) == ()


# ── the exact interval ────────────────────────────────────────────────────────


@given(
    st.floats(0, 300).flatmap(lambda n: st.tuples(st.floats(0, n), st.just(n))),
    st.sampled_from([0.0125, 0.025, 0.1]),
)
def test_the_exact_interval_is_that_of_the_beta_distribution(
    counted: tuple[float, float], tail: float
) -> None:
    hits, n = counted
    if n < 1e-3 or 0 < hits < 1e-3 or 0 < n - hits < 1e-3:
        return
    low, high = clopper_pearson(hits, n, tail=tail)

    assert low == pytest.approx(beta.ppf(tail, hits, n - hits + 1) if hits else 0.0, abs=1e-7)
    assert high == pytest.approx(
        beta.ppf(1 - tail, hits + 1, n - hits) if hits < n else 1, abs=1e-7
    )


def test_the_rule_of_three() -> None:
    _, high = clopper_pearson(0, 100, tail=0.05)

    assert high == pytest.approx(3 / 100, rel=0.02)
    assert clopper_pearson(0, 0, tail=0.05) == (0.0, 1.0)


# ── what was missed ───────────────────────────────────────────────────────────


def test_recall_counts_each_spot_check_for_what_it_speaks_for() -> None:
    found = Audited(Shown(100, 100, 80), {"2026-11": Month(200, 20, 20, 1)})

    recall = found.recall()

    assert recall is not None
    assert recall.estimate == pytest.approx(80 / 90)
    assert recall.low < 80 / 90 < recall.high < 1


def test_months_of_different_shares_are_weighted_apart() -> None:
    months = {"a": Month(100, 10, 10, 0), "b": Month(10, 10, 10, 10)}
    found = Audited(Shown(90, 90, 90), months)

    recall = found.recall()

    assert recall is not None
    assert recall.estimate == pytest.approx(0.9)  # ten of the 110 are real, not half of them


def test_a_month_without_answers_is_taken_to_be_like_the_others() -> None:
    asked = Audited(Shown(90, 90, 90), {"a": Month(100, 10, 10, 1)}).recall()
    more = Audited(
        Shown(90, 90, 90), {"a": Month(100, 10, 10, 1), "b": Month(100, 5, 0, 0)}
    ).recall()

    assert asked is not None
    assert more is not None
    assert more.estimate == pytest.approx(90 / 110)


def test_before_anything_is_answered_nothing_is_said() -> None:
    assert Audited(Shown(10, 10, 5), {}).recall() is None
    assert Audited(Shown(10, 10, 5), {"a": Month(9, 1, 0, 0)}).recall() is None
    assert Audited(Shown(10, 0, 0), {"a": Month(9, 1, 1, 0)}).recall() is None


def test_the_interval_holds_what_it_promises() -> None:
    """Drawn again and again from known estates, it leaves out the truth in no more than 5 %."""
    import numpy as np

    random, outside = np.random.default_rng(3), 0
    for _ in range(300):
        truth = 160 / (160 + 12)
        asked = int(random.hypergeometric(12, 388, 40))
        judged = int(random.hypergeometric(160, 40, 80))
        found = Audited(Shown(200, 80, judged), {"a": Month(400, 40, 40, asked)}).recall(level=SURE)
        assert found is not None
        outside += not found.low <= truth <= found.high
    assert outside <= 15


@given(st.integers(1, 50), st.data())
def test_recall_lies_within_its_interval(answered: int, data: st.DataObject) -> None:
    real = data.draw(st.integers(0, answered))
    judged = data.draw(st.integers(1, 60))
    called = data.draw(st.integers(0, judged))
    found = Audited(
        Shown(judged + data.draw(st.integers(0, 50)), judged, called),
        {"a": Month(answered + data.draw(st.integers(0, 500)), answered, answered, real)},
    ).recall()

    assert found is not None
    assert 0 <= found.low <= found.estimate + 1e-9
    assert found.estimate <= found.high + 1e-9 <= 1 + 1e-9
    assert not math.isnan(found.estimate)


def said(*kinds: tuple[object, DecisionKind]) -> tuple[Decision, ...]:
    return tuple(
        Decision(f"d{n}", "f", kind, person, NOW + n * timedelta(minutes=1))  # type: ignore[arg-type]
        for n, (person, kind) in enumerate(kinds)
    )


def test_a_verdict_takes_doubt_for_real_and_an_accepted_risk_for_not_worth_showing() -> None:
    false, real = DecisionKind.FALSE_POSITIVE, DecisionKind.CONFIRM

    assert verdict(()) is None
    assert verdict(said((DANA, false))) is False
    assert verdict(said((DANA, DecisionKind.ACCEPT_RISK))) is False
    assert verdict(said((DANA, false), (OMAR, real))) is True


def test_posted_and_held_back_are_counted_apart() -> None:
    def seen(uid: str, *kinds: DecisionKind, at: datetime = NOW) -> Card:
        found = card(uid)
        finding = replace(found.finding, uid=uid, last_seen=at)
        return replace(found, finding=finding, decisions=said(*((DANA, k) for k in kinds)))

    false, real = DecisionKind.FALSE_POSITIVE, DecisionKind.CONFIRM
    cards = {
        each.finding.uid: each
        for each in (
            seen("shown", real),
            seen("unjudged"),
            seen("let go", false),
            seen("held"),
            seen("volunteered", false),
            seen("spot", real),
            seen("old", real, at=NOW - 100 * DAY),
        )
    }
    every = [
        Withheld("let go", NOW, "own-1", 12.0, released_at=NOW),
        Withheld("held", NOW, "own-1", 12.0),
        Withheld("volunteered", NOW, "own-1", 12.0, released_at=NOW),
        Withheld("spot", NOW, "own-1", 12.0, drawn_at=NOW, released_at=NOW),
    ]

    posted = ["shown", "unjudged", "let go", "spot", "old", "scan:1"]
    found = audited(cards, every, posted, since=NOW - 90 * DAY)

    assert found.shown == Shown(3, 2, 1)
    assert found.months == {"2026-11": Month(3, 1, 1, 1)}
    assert weights(found, every) == {"spot": 3.0}
