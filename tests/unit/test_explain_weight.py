"""What each label counts: nobody moves the model alone, and who is often right is believed."""

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.interval import wilson
from core.types import Label, LabelOrigin, Verdict
from explain.weight import PRIOR_STRENGTH, Limits, Weight, weigh
from explain.witness import examine

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FREE = Limits(share=1, day=math.inf, burst=10**6)


def label(
    finding: str,
    person: str,
    verdict: Verdict = Verdict.APPROVE,
    *,
    minute: float = 0,
    check: str = "PL-1",
    origin: LabelOrigin = LabelOrigin.PERSON,
) -> Label:
    at = NOW + timedelta(minutes=minute)
    return Label(f"{finding}/{person}", finding, check, finding, verdict, person, at, origin)


def said(person: str, count: int, *, every_min: float = 60) -> list[Label]:
    return [label(f"{person}-{n}", person, minute=n * every_min) for n in range(count)]


def weight_of(labels: Sequence[Label], limits: Limits, person: str) -> float:
    weights = weigh(labels, limits)
    return sum(w.value for w, each in zip(weights, labels, strict=True) if each.person == person)


def test_a_label_that_nothing_speaks_against_counts_in_full() -> None:
    assert weigh(said("dana", 5)) == (Weight(1.0),) * 5


def test_forty_equal_labels_within_minutes_count_as_few() -> None:
    burst = said("dana", 40, every_min=0.1)

    assert weight_of(burst, Limits(), "dana") == pytest.approx(5 * (1 + math.log(8)))
    assert weight_of(said("dana", 40, every_min=60), Limits(), "dana") == 40


@pytest.mark.parametrize("change", ["check", "verdict", "person"])
def test_labels_that_differ_are_no_burst(change: str) -> None:
    other: dict[str, object] = {
        "check": {"check_id": "PL-2"},
        "verdict": {"verdict": Verdict.FALSE_POSITIVE},
        "person": {"person": "eli"},
    }
    rows = said("dana", 10, every_min=0.1)
    halves = [replace(each, **other[change]) if n % 2 else each for n, each in enumerate(rows)]  # type: ignore[arg-type]

    assert {each.value for each in weigh(halves)} == {1.0}


def test_a_day_of_one_person_counts_so_much_at_most() -> None:
    rows = [label(f"f{n}", "dana", minute=n, check=f"PL-{n}") for n in range(300)]

    assert weight_of(rows, replace(FREE, day=100), "dana") == pytest.approx(100)


def test_imported_labels_may_all_be_of_one_moment_and_one_day() -> None:
    rows = [replace(each, origin=LabelOrigin.IMPORTED) for each in said("dana", 300, every_min=0)]

    assert {each.value for each in weigh(rows)} == {1.0}


def test_of_three_people_nobody_outweighs_the_others_and_the_documented_knowledge() -> None:
    few = [*said("eli", 10), *said("fay", 10)]
    weighed = weigh([*said("dana", 5000), *few])

    assert sum(each.value for each in weighed[:5000]) == pytest.approx(PRIOR_STRENGTH + 20)
    assert weighed[0].reasons == ("one person's labels never outweigh everything else",)


def test_one_or_two_who_label_are_the_team() -> None:
    assert {each.value for each in weigh([*said("dana", 5000), *said("eli", 10)])} == {1.0}


def test_an_account_that_speaks_for_a_team_is_bound_by_bursts_only() -> None:
    rows = said("triage", 2000)

    assert weight_of(rows, Limits(teams=("triage",)), "triage") == 2000


def test_a_contested_finding_counts_as_far_as_each_side_is_believed() -> None:
    agreed = [label(f"f{n}", who, check=f"PL-{n}") for n in range(30) for who in ("a", "b", "c")]
    liar = [label(f"f{n}", "x", Verdict.FALSE_POSITIVE, check=f"PL-{n}") for n in range(30)]
    contested = [label("one", "a"), label("one", "x", Verdict.FALSE_POSITIVE)]

    *_, honest, lie = weigh([*agreed, *liar, *contested])

    assert honest.value > 0.9
    assert lie.value < 0.1
    assert honest.reasons == ("people contradict each other on this finding",)


def test_two_strangers_who_disagree_count_half_each() -> None:
    pair = [label("one", "a"), label("one", "b", Verdict.ACCEPTED_RISK)]

    assert [each.value for each in weigh(pair)] == pytest.approx([0.5, 0.5])


words = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.sampled_from(["dana", "eli", "fay", "gus"]),
        st.sampled_from([Verdict.APPROVE, Verdict.FALSE_POSITIVE]),
        st.integers(0, 3000),
        st.sampled_from(["PL-1", "PL-2"]),
    ),
    unique_by=lambda row: (row[0], row[1]),
    max_size=32,
)
limits_ = st.builds(
    Limits, share=st.floats(0.01, 0.9), day=st.floats(0.5, 20), burst=st.integers(1, 6)
)


def made(rows: Sequence[tuple[str, str, Verdict, int, str]]) -> list[Label]:
    return [label(f, p, v, minute=m, check=c) for f, p, v, m, c in rows]


@given(words, limits_, st.randoms())
def test_the_order_of_labels_changes_no_weight(
    rows: list[tuple[str, str, Verdict, int, str]], limits: Limits, chance: random.Random
) -> None:
    labels = made(rows)
    mixed = labels[:]
    chance.shuffle(mixed)

    one = {each.uid: w.value for each, w in zip(labels, weigh(labels, limits), strict=True)}
    two = {each.uid: w.value for each, w in zip(mixed, weigh(mixed, limits), strict=True)}

    assert two == pytest.approx(one)


@given(words, limits_)
def test_no_person_has_more_than_their_share_nor_a_day_more_than_its_limit(
    rows: list[tuple[str, str, Verdict, int, str]], limits: Limits
) -> None:
    labels = made(rows)
    weights = [each.value for each in weigh(labels, limits)]

    whole = PRIOR_STRENGTH + sum(weights)
    people: dict[str, float] = defaultdict(float)
    days: dict[object, float] = defaultdict(float)
    for each, value in zip(labels, weights, strict=True):
        assert 0 <= value <= 1
        people[each.person] += value
        days[each.person, each.labelled_at.date()] += value
    if len(people) > 2:
        assert all(sum_ <= limits.share * whole * (1 + 1e-9) for sum_ in people.values())
    assert all(sum_ <= limits.day * (1 + 1e-9) for sum_ in days.values())


@given(words, limits_, st.floats(1, 2))
def test_a_wider_limit_lowers_no_persons_weight(
    rows: list[tuple[str, str, Verdict, int, str]], limits: Limits, factor: float
) -> None:
    labels = made(rows)
    wider = replace(limits, share=min(limits.share * factor, 1.0), day=limits.day * factor)

    narrow = weigh(labels, limits)

    assert all(w.value >= n.value - 1e-9 for w, n in zip(weigh(labels, wider), narrow, strict=True))


def crowd(
    seed: int, *, people: int, hostile: int, findings: int, each: int
) -> tuple[list[Label], dict[str, bool]]:
    """Honest people are right nine times of ten; hostile ones say the opposite of the truth."""
    chance = random.Random(seed)
    truth = {f"f{n}": chance.random() < 0.3 for n in range(findings)}
    out = []
    for finding, real in truth.items():
        for n in chance.sample(range(people), each):
            right = n >= hostile and chance.random() < 0.9
            verdict = Verdict.APPROVE if real == right else Verdict.FALSE_POSITIVE
            out.append(label(finding, f"p{n}", verdict))
    return out, truth


@pytest.mark.parametrize("seed", range(5))
def test_a_fifth_of_adversaries_is_found_out(seed: int) -> None:
    labels, truth = crowd(seed, people=10, hostile=2, findings=200, each=3)

    told = examine(labels)

    right = {person: each.right for person, each in told.witnesses.items()}
    assert max(right["p0"], right["p1"]) < 0.5
    assert min(right[f"p{n}"] for n in range(2, 10)) > 0.75
    believed = [(chance > 0.5) == truth[uid] for uid, chance in told.contested.items()]
    assert sum(believed) / len(believed) > 0.93


def test_who_was_seldom_judged_beside_others_stays_near_the_usual() -> None:
    alone = said("dana", 500)
    pair = [label("one", "eli"), label("one", "fay", Verdict.FALSE_POSITIVE)]

    witnesses = examine([*alone, *pair]).witnesses

    assert witnesses["dana"].right == pytest.approx(0.9)
    assert witnesses["dana"].low < 0.75
    assert 0.85 < witnesses["eli"].right < 0.9


def test_words_taken_back_count_against_whoever_said_them() -> None:
    told = examine([label("one", "a"), label("one", "b")], reversals=["a"] * 10)

    assert told.witnesses["a"].right < 0.7 < told.witnesses["b"].right
    assert told.witnesses["a"].reversed_ == 10


def test_a_verified_outcome_is_believed_more_than_a_person() -> None:
    outcome = replace(label("one", "plumbline"), origin=LabelOrigin.OUTCOME)
    told = examine([outcome, label("one", "a", Verdict.FALSE_POSITIVE)])

    assert told.contested["one"] > 0.8


@settings(max_examples=50)
@given(st.integers(0, 200), st.integers(1, 200))
def test_an_interval_holds_its_share_and_stays_within_bounds(hits: int, more: int) -> None:
    low, high = wilson(hits, hits + more)

    assert 0 <= low <= hits / (hits + more) <= high <= 1


def test_an_interval_is_wilsons() -> None:
    assert wilson(45, 50) == pytest.approx((0.7864, 0.9565), abs=1e-4)  # 0.9 of 50
    assert wilson(0, 0) == (0.0, 1.0)
