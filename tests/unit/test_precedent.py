"""Earlier decisions on findings like one: the same check first, and nothing that came later."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.precedent import precedents
from app.settings import ModelSettings, Settings
from app.world import World
from core.types import Card, Label, LabelOrigin, Resource, Snapshot, Verdict
from core.why import Precedent, sum_up
from explain.precedent import nearest
from tests.bot_world import finding_card

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
FUNCTION = "AWS::Lambda::Function"


def label(number: int, **changes: Any) -> Label:
    usual = Label(
        uid=f"l{number}",
        finding_uid=f"f{number}",
        check_id="PL-1",
        resource_uid=f"arn:aws:lambda:eu-west-1:1:function:thing-{number}",
        verdict=Verdict.NOT_APPLICABLE,
        person="E/T/U0DANA",
        labelled_at=NOW - timedelta(days=number),
        origin=LabelOrigin.PERSON,
        reason="internal tool",
        about={"owner": "team-a", "resource_type": FUNCTION, "tag:stage": "dev"},
    )
    return replace(usual, **changes)


def near(*labels: Label, **about: str) -> list[tuple[str, tuple[str, ...]]]:
    found = nearest(
        labels,
        about={"owner": "team-a", "resource_type": FUNCTION, **about},
        check_id="PL-1",
        resource_uid="arn:aws:lambda:eu-west-1:1:function:shop",
    )
    return [(each.label.uid, each.alike) for each in found]


def test_the_same_check_goes_before_any_other_likeness() -> None:
    other_check = label(1, check_id="PL-2")
    other_owner = label(2, about={"owner": "team-b", "resource_type": FUNCTION})

    assert near(other_check, other_owner) == [
        ("l2", ("same check", "same kind of resource")),
        ("l1", ("same owner", "same kind of resource")),
    ]


def test_of_equally_near_ones_the_newest_goes_first_and_five_are_enough() -> None:
    assert [uid for uid, _ in near(*(label(n) for n in range(9, 0, -1)))] == [
        "l1",
        "l2",
        "l3",
        "l4",
        "l5",
    ]


def test_tags_say_something_too() -> None:
    about = {"tag:stage": "dev"}
    plain = label(1, about={"owner": "team-a", "resource_type": FUNCTION})

    [(first, alike), (second, _)] = near(plain, label(2), **about)

    assert (first, second) == ("l2", "l1")
    assert "tag stage=dev" in alike


def test_what_shares_neither_check_nor_surroundings_says_nothing() -> None:
    stranger = label(1, check_id="PL-2", about={"owner": "team-b", "resource_type": FUNCTION})
    unowned = label(2, check_id="PL-2", about={"owner": "", "resource_type": FUNCTION})

    assert near(stranger, unowned) == []
    assert near(label(1, check_id="PL-2", about={"owner": "team-a", "resource_type": "x"})) == []


def test_a_persons_last_word_on_a_finding_counts() -> None:
    earlier = label(3, finding_uid="f", verdict=Verdict.APPROVE)

    assert [uid for uid, _ in near(label(1, finding_uid="f"), earlier)] == ["l1"]


def test_the_commonest_verdict_is_summed_up_with_its_reason() -> None:
    def said(verdict: Verdict, reason: str = "") -> Precedent:
        return Precedent("f", "PL-1", "r", "o", verdict, LabelOrigin.PERSON, NOW, reason=reason)

    internal = said(Verdict.NOT_APPLICABLE, "internal tool")

    assert sum_up(()) == "Nobody has decided about a finding like this one yet."
    assert sum_up([internal] * 3 + [said(Verdict.APPROVE, "no")]) == (
        "3 of 4 decisions on findings like it called them not applicable: internal tool"
    )
    assert sum_up([said(Verdict.APPROVE)]) == (
        "The one finding like it that was decided about was called real"
    )


# ── from the store ────────────────────────────────────────────────────────────


def card(name: str, check_id: str = "PL-1", **changes: Any) -> Card:
    uid = f"arn:aws:lambda:eu-west-1:1:function:{name}"
    made = finding_card(f"{check_id} {name}"[:24], resource_name=name, owner="team-a", **changes)
    finding = replace(made.finding, check_id=check_id, resource_uid=uid, resource_type=FUNCTION)
    return replace(made, finding=finding)


def scanned(path: Path, *, simulation: bool = False) -> World:
    world = World(path, Settings(model=ModelSettings(simulation=simulation)))
    names = ("shop", "mail", "news")
    resources = [
        Resource(f"arn:aws:lambda:eu-west-1:1:function:{n}", FUNCTION, n, {}, tags={"stage": "dev"})
        for n in names
    ]
    cards = [card(n) for n in names]
    world.store.record_scan(Snapshot("s", NOW - timedelta(days=9), tuple(resources)), cards)
    return world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = scanned(tmp_path)
    yield made
    made.store.close()


def about(world: World, name: str, *, days: int, **changes: Any) -> None:
    given = label(days, finding_uid=card(name).finding.uid, uid=f"{name}{days}", **changes)
    world.store.add_labels([given])


def test_a_decision_on_another_resource_is_told_with_its_reason_and_without_a_name(
    world: World,
) -> None:
    about(world, "mail", days=3)

    [found] = precedents(world, card("shop"), now=NOW)

    assert (found.resource_name, found.verdict, found.reason) == (
        "mail",
        Verdict.NOT_APPLICABLE,
        "internal tool",
    )
    assert found.alike == ("same check", "same owner", "same kind of resource", "tag stage=dev")


def test_only_what_was_known_before_is_told(world: World) -> None:
    about(world, "mail", days=3)
    about(world, "news", days=1)
    own = world.store.card(card("shop").finding.uid)
    decision = finding_card().decisions
    assert decision == ()
    decided = replace(own, decisions=(_decision(NOW - timedelta(days=2)),))

    assert [p.resource_name for p in precedents(world, decided, now=NOW)] == ["mail"]
    assert precedents(world, own, now=NOW - timedelta(days=5)) == ()


def test_its_own_labels_and_those_of_fixes_are_no_precedents(world: World) -> None:
    about(world, "shop", days=3)
    about(world, "mail", days=2, verdict=Verdict.FIX_HELD, origin=LabelOrigin.OUTCOME)

    assert precedents(world, card("shop"), now=NOW) == ()


@pytest.mark.parametrize(("simulation", "count"), [(False, 0), (True, 1)])
def test_simulated_decisions_count_in_a_simulation_only(
    tmp_path: Path, simulation: bool, count: int
) -> None:
    world = scanned(tmp_path, simulation=simulation)
    about(world, "mail", days=3, origin=LabelOrigin.SIMULATED)

    assert len(precedents(world, card("shop"), now=NOW)) == count
    world.store.close()


def _decision(at: datetime) -> Any:
    from core.types import Decision, DecisionKind, Person

    return Decision("d", "f", DecisionKind.FALSE_POSITIVE, Person("T", "U"), at)
