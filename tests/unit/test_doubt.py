"""One voice hides nothing severe where it belongs to somebody new, or often wrong."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import doubt
from app.settings import LabelSettings, Settings
from app.store import SqliteStore
from app.world import World
from core.types import Card, Label, LabelOrigin, Person, Severity, Verdict
from tests.store_world import DANA, NOW, OMAR, card

PRIYA = Person(team="T1", user="UPRIYA", name="Priya")
NEW = Person(team="T1", user="UNEW", name="New")


def word(person: Person, finding: int, verdict: Verdict = Verdict.APPROVE) -> Label:
    uid = f"{finding:024d}"
    return Label(
        f"{person.user}{finding}", uid, "c", f"r{finding}", verdict, person.key, NOW,
        LabelOrigin.PERSON, features={"severity": 1.0},
    )  # fmt: skip


def critical() -> Card:
    found = card("a")
    return replace(found, finding=replace(found.finding, severity=Severity.CRITICAL))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Dana, Omar and Priya know their way; Priya says the opposite of both."""
    made = World(tmp_path, Settings())
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=lambda: NOW)
    agreed = [word(person, n) for person in (DANA, OMAR) for n in range(40)]
    opposite = [word(PRIYA, n, Verdict.FALSE_POSITIVE) for n in range(40)]
    doubt.remember(made, [*agreed, *opposite, word(NEW, 3)])
    yield made
    made.store.close()


@pytest.mark.parametrize(
    ("person", "is_doubted"), [(DANA, False), (OMAR, False), (PRIYA, True), (NEW, True)]
)
def test_who_is_new_or_often_wrong_needs_another(
    world: World, person: Person, is_doubted: bool
) -> None:
    said = doubt.of(world)(person, critical())

    assert bool(said) is is_doubted
    assert person.name not in said


def test_what_is_not_severe_needs_nobody_else(world: World) -> None:
    assert not doubt.of(world)(NEW, card("a"))

    stricter = replace(world, settings=Settings(labels=LabelSettings(severe="high")))
    stricter.__dict__["store"] = world.store
    assert doubt.of(stricter)(NEW, card("a"))


def test_it_can_be_switched_off(world: World) -> None:
    off = replace(world, settings=Settings(labels=LabelSettings(severe="none")))
    off.__dict__["store"] = world.store

    assert not doubt.of(off)(NEW, critical())


def test_where_only_one_other_knows_the_way_nobody_is_doubted(world: World) -> None:
    doubt.remember(world, [word(DANA, n) for n in range(40)])

    assert not doubt.of(world)(NEW, critical())


def test_before_anything_was_learned_nobody_is_doubted(world: World) -> None:
    world.store.put("labels.known", "")

    assert not doubt.of(world)(NEW, critical())
