"""Which of several good fixes goes first: what answers teach, how little a few say, and the floor."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.proposal import Answer, Fate, Odds, Reception
from remediation import preference, preference_words
from remediation.preference import Place
from remediation.preference_words import Times

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
WAYS = ("default", "customer-key")
ORDERS = Place("team-orders", "prod", NOW)


def received(
    finding: str,
    name: str,
    answer: Answer = Answer.NONE,
    *,
    first: str = "default",
    team: str = "team-orders",
    environment: str = "prod",
    fate: Fate = Fate.NONE,
    days: float = 0,
) -> Reception:
    at = NOW - timedelta(days=days)
    return Reception(
        check_id="PL-SQS-001",
        finding_uid=finding,
        alternative=name,
        first=first,
        team=team,
        environment=environment,
        answer=answer,
        answered_at=at if answer else None,
        fate=fate,
        fate_at=at if fate else None,
    )


def edits(number: int, **facts: object) -> list[Reception]:
    """Return findings for which the key was chosen instead of the usual fix."""
    found: list[Reception] = []
    for n in range(number):
        uid = f"{facts.get('team', '')}{n}"
        found.append(received(uid, "default", **facts))  # type: ignore[arg-type]
        found.append(received(uid, "customer-key", Answer.APPROVED, **facts))  # type: ignore[arg-type]
    return found


def share(seen: Sequence[Reception], place: Place = ORDERS) -> float:
    """Return how often the key would go first."""
    return preference.share_first(preference.odds(seen, WAYS, place))["customer-key"]


def test_before_anybody_decided_the_author_s_order_stands_nearly_always() -> None:
    assert share([]) < 0.02


def test_a_fix_that_is_passed_over_gives_way_to_the_one_that_is_chosen() -> None:
    assert share(edits(8)) > 0.95


def test_one_answer_moves_little() -> None:
    assert share(edits(1)) < 0.35


def test_what_was_chosen_instead_counts_for_both() -> None:
    seen = preference.wanted(edits(1), WAYS)

    assert {(each.name, each.good) for each in seen} == {("default", False), ("customer-key", True)}


def test_approving_what_was_shown_first_speaks_half_as_much_against_the_other() -> None:
    seen = preference.wanted([received("f", "default", Answer.APPROVED)], WAYS)

    assert [(each.name, each.good, each.weight) for each in seen] == [
        ("default", True, 1.0),
        ("customer-key", False, preference.BESIDE),
    ]


def test_a_plan_that_nobody_answered_says_nothing() -> None:
    assert preference.wanted([received("f", "default")], WAYS) == ()


def test_a_fix_made_again_for_the_same_finding_is_one_answer() -> None:
    twice = [received("f", "default", Answer.APPROVED, days=n) for n in (3, 1)]

    assert [each.good for each in preference.wanted(twice, WAYS)] == [True, False]
    assert preference_words.times(twice, "default") == Times(1, 1)


def test_however_many_decide_elsewhere_they_count_as_four() -> None:
    many = preference.odds(edits(500, team="team-shop"), WAYS, ORDERS)["customer-key"]

    assert many.wanted + many.unwanted == pytest.approx(preference.BORROWED)
    assert many.wanted > 3.9


def test_a_team_that_disagrees_with_all_others_is_heard() -> None:
    others = edits(200, team="team-shop")
    own = [received(f"o{n}", "default", Answer.APPROVED) for n in range(12)]

    assert share([*others, *own]) < 0.25
    assert share([*others, *own], Place("team-new", "prod", NOW)) > 0.6


def test_another_environment_of_the_team_says_less_than_its_own() -> None:
    seen = [*edits(30, environment="dev")]
    other = preference.odds(seen, WAYS, ORDERS)["customer-key"]
    own = preference.odds(seen, WAYS, replace(ORDERS, environment="dev"))["customer-key"]

    assert other.wanted + other.unwanted == pytest.approx(preference.BORROWED)
    assert own.wanted > 30


def test_old_answers_fade() -> None:
    old = preference.odds(edits(10, days=360), WAYS, ORDERS)["customer-key"]

    assert old.wanted == pytest.approx(preference.OTHER[0] + 10 / 4)


def test_a_fix_that_does_not_hold_is_less_worth_than_one_that_does() -> None:
    approved = [received(f"f{n}", "default", Answer.APPROVED) for n in range(10)]
    undone = [replace(each, fate=Fate.UNDONE, fate_at=NOW) for each in approved]

    fine = preference.odds(approved, WAYS, ORDERS)["default"]
    poor = preference.odds(undone, WAYS, ORDERS)["default"]
    assert (fine.wanted, fine.unwanted) == (poor.wanted, poor.unwanted)
    assert poor.mean < fine.mean / 1.5


def test_the_same_seed_draws_the_same_order_and_others_do_not_all() -> None:
    known = {"a": Odds(2, 2, 9, 1), "b": Odds(2, 2, 9, 1)}
    drawn = [preference.draw(known, str(n)) for n in range(20)]

    assert drawn == [preference.draw(known, str(n)) for n in range(20)]
    assert len(set(drawn)) == 2


@given(st.permutations(["a", "b", "c"]), st.text())
def test_a_draw_does_not_depend_on_how_the_fixes_are_listed(names: list[str], seed: str) -> None:
    known = {"a": Odds(2, 2, 9, 1), "b": Odds(1, 3, 9, 1), "c": Odds(3, 1, 9, 1)}

    drawn = preference.draw({name: known[name] for name in names}, seed)

    assert drawn == preference.draw(known, seed)


# ── the floor ─────────────────────────────────────────────────────────────────


def test_what_a_team_rolled_back_does_not_go_first_for_it_until_one_has_held() -> None:
    undone = received("f", "default", Answer.APPROVED, fate=Fate.UNDONE, days=9)
    held = received("g", "default", Answer.APPROVED, fate=Fate.HELD, days=1)
    earlier = replace(held, fate_at=NOW - timedelta(days=20))

    def back(*seen: Reception, team: str = "team-orders") -> frozenset[str]:
        return preference.held_back(seen, "new", team)

    assert back(undone) == {"default"}
    assert back(undone, earlier) == {"default"}
    assert back(undone, held) == frozenset()
    assert back(undone, team="team-shop") == frozenset()


def test_what_did_measured_harm_does_not_go_first_for_anybody() -> None:
    harmed = received("f", "default", Answer.APPROVED, fate=Fate.HARMED, team="team-shop")

    assert preference.held_back([harmed], "new", "team-orders") == {"default"}


def test_what_was_rejected_for_a_finding_goes_last_for_that_one_only() -> None:
    seen = [received("f", "default", Answer.REJECTED)]

    assert preference.held_back(seen, "f", "team-orders") == {"default"}
    assert preference.held_back(seen, "g", "team-orders") == frozenset()
    assert preference.demoted(WAYS, frozenset({"default"})) == ("customer-key", "default")


# ── in words ──────────────────────────────────────────────────────────────────


def because(seen: Sequence[Reception], name: str, team: str = "team-orders") -> str:
    known = preference.odds(seen, WAYS, replace(ORDERS, team=team))
    return preference_words.because(seen, name, known, finding_uid="new", team=team)


def test_the_reason_counts_what_the_team_chose() -> None:
    seen = [*edits(7), *(received(f"u{n}", "default", Answer.APPROVED) for n in range(2))]

    assert because(seen, "customer-key") == "chosen 7 of 9 times by team-orders"


def test_where_the_team_has_not_decided_the_others_are_named() -> None:
    said = because(edits(7), "customer-key", team="team-new")

    assert said == "chosen 7 of 7 times by other teams"


def test_a_fix_that_is_tried_out_says_so() -> None:
    said = because(edits(7), "default")

    assert said.endswith("; it goes first this time to learn whether it is wanted")


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert because([], "default") == ""


def test_a_rollback_of_the_usual_fix_is_named_with_its_day() -> None:
    undone = received("f", "default", Answer.APPROVED, fate=Fate.UNDONE)

    assert because([undone], "customer-key") == (
        "chosen 0 of 1 time by team-orders; "
        "the usual fix was rolled back on 22 Nov 2026, and none has held since"
    )


def test_what_was_learned_is_said_by_check_team_and_environment() -> None:
    seen = [*edits(7), *(received(f"u{n}", "default", Answer.APPROVED) for n in range(2))]
    seen += edits(1, team="team-shop", environment="dev")

    orders, shop = preference_words.learned(seen, NOW)

    assert str(orders).startswith(
        "PL-SQS-001, team-orders in prod: default chosen 2 of 9 times, "
        "customer-key chosen 7 of 9 times; customer-key goes first "
    )
    assert shop.place.team == "team-shop"
    assert sum(orders.goes_first.values()) == pytest.approx(1)


def test_what_is_held_back_is_said_and_never_first() -> None:
    seen = [received("f", "default", Answer.APPROVED, fate=Fate.UNDONE)]

    [known] = preference_words.learned(seen, NOW)

    assert known.goes_first == {"default": 0.0, "customer-key": 1.0}
    assert str(known).endswith("; default was rolled back and waits until one held")
