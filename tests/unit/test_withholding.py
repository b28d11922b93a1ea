"""A promoted model holds back what it is sure of, people are asked about some, and it stops if it errs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app import withholding
from app.cli import main
from app.settings import ModelSettings, Settings
from app.store import SqliteStore
from app.world import World
from core.decide import decide
from core.identity import finding_uid
from core.ports import OutboxMessage
from core.types import Card, Criterion, DecisionKind, ModelCard, Severity, Standing, Status
from core.withhold import AUDITED
from tests.store_world import DANA, NOW, Clock, allow, card, resource, snapshot
from tests.worker_world import Heard

VERSION = "own-1"
DAY = timedelta(days=1)
FIGURES = {"suppression_threshold": 12.0, "suppression_recall": 0.97, "suppression_real": 60.0}


def found(name: str, *, risk: float = 4.0, version: str = VERSION, **changes: Any) -> Card:
    made = card(name, risk=risk)
    assert made.assessment is not None
    assessed = replace(
        made.assessment,
        probability=risk / 100,
        model_version=version,
        features={"on_path_to_sensitive": 0.0},
    )
    return replace(made, finding=replace(made.finding, **changes), assessment=assessed)


def uid(name: str) -> str:
    return finding_uid("PL-S3-001", resource(name).uid)


def active(world: World, version: str = VERSION, **changes: Any) -> None:
    usual = ModelCard(version, NOW, 300, 20_000, "active", FIGURES, "")
    world.store.save_model(replace(usual, **changes), "text")
    world.store.activate_model(version, reason="a test")


def scan(world: World, *cards: Card, at: datetime = NOW) -> None:
    resources = [resource(each.finding.resource_name) for each in cards]
    world.store.record_scan(snapshot(*resources, at=at), cards)


def say(world: World, name: str, kind: DecisionKind, now: datetime = NOW) -> None:
    decide(
        world.store, kind=kind, finding_uid=uid(name), person=DANA, now=now, permit=allow
    )  # fmt: skip


def held(world: World) -> set[str]:
    return {e.finding_uid for e in world.store.withheld() if e.released_at is None}


def drawn(world: World) -> set[str]:
    return {e.finding_uid for e in world.store.withheld() if e.drawn_at}


def posted(world: World, name: str) -> None:
    message = OutboxMessage(f"m-{name}", "C1", "chat.postMessage", {}, 0, uid(name))
    world.store.queue_message(message)
    world.store.message_sent(message.uid, ts=f"1.{name}")


def made(path: Path, clock: Clock, **changes: Any) -> World:
    usual = {"suppress": "on", "spot_check": 1e-9}
    world = World(path, Settings(model=ModelSettings(**{**usual, **changes})))
    world.__dict__["store"] = SqliteStore(path / "plumbline.db", clock=clock)
    return world


@pytest.fixture
def world(tmp_path: Path, clock: Clock) -> Iterator[World]:
    opened = made(tmp_path, clock)
    active(opened)
    yield opened
    opened.store.close()


def test_it_is_off_by_default(tmp_path: Path, clock: Clock) -> None:
    world = World(tmp_path, Settings())
    world.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=clock)
    active(world)
    scan(world, found("a"))

    withholding.review(world, now=NOW)

    assert held(world) == set()
    assert "off in the settings" in withholding.lines(world, now=NOW)[0]


def test_what_is_below_the_threshold_is_held_back_and_stays_open_and_listed(world: World) -> None:
    scan(world, found("a"), found("b", risk=40.0), found("c", severity=Severity.CRITICAL))

    withholding.review(world, now=NOW)

    assert held(world) == {uid("a")}
    stored = world.store.card(uid("a"))
    assert stored.finding.status is Status.OPEN
    assert stored.finding.severity is Severity.HIGH
    assert stored.withheld is not None
    assert uid("a") in {each.finding.uid for each in world.store.cards()}
    record = list(world.store.audit_records())[-1]
    assert (record.kind, record.payload["held"]) == ("model.withheld", 1)


@pytest.mark.parametrize(
    ("figures", "why"),
    [
        ({}, "not judged at 97% recall"),
        ({**FIGURES, "suppression_recall": 0.9}, "not judged at 97% recall"),
        ({**FIGURES, "suppression_real": 49.0}, "only 49 decisions"),
    ],
)
def test_a_model_that_was_judged_by_too_little_holds_nothing_back(
    world: World, figures: dict[str, float], why: str
) -> None:
    active(world, metrics=figures)
    scan(world, found("a"))

    withholding.review(world, now=NOW)

    assert held(world) == set()
    assert why in withholding.lines(world, now=NOW)[0]


def test_the_prior_holds_nothing_back(tmp_path: Path, clock: Clock) -> None:
    world = made(tmp_path, clock)
    scan(world, found("a"))

    withholding.review(world, now=NOW)

    assert held(world) == set()
    assert "a prior" in withholding.lines(world, now=NOW)[0]


def test_what_people_saw_already_is_not_held_back(world: World) -> None:
    scan(world, found("a"), found("b"))
    posted(world, "a")

    withholding.review(world, now=NOW)

    assert held(world) == {uid("b")}


def test_what_rises_above_the_threshold_is_let_go_and_shown(world: World) -> None:
    scan(world, found("a"), found("b"))
    withholding.review(world, now=NOW)
    chat = Heard()
    withholding.tell(world, chat, now=NOW)
    asked = {each.finding.uid for each in chat.cards}
    quiet = ({uid("a"), uid("b")} - asked).pop()
    name = "a" if quiet == uid("a") else "b"

    scan(world, *(found(n, risk=30.0 if n == name else 4.0) for n in "ab"), at=NOW + DAY)
    withholding.review(world, now=NOW + DAY)
    again = Heard()
    withholding.tell(world, again, now=NOW + DAY)

    assert quiet not in held(world)
    assert quiet in {each.finding.uid for each in again.cards}


def test_switched_off_everything_is_let_go(world: World, tmp_path: Path, clock: Clock) -> None:
    scan(world, found("a"), found("b"))
    withholding.review(world, now=NOW)
    off = made(tmp_path, clock, suppress="off")

    withholding.review(off, now=NOW)

    assert held(off) == set()


def test_what_somebody_calls_real_is_let_go_at_once(world: World) -> None:
    scan(world, found("a"), found("b"))
    withholding.review(world, now=NOW)

    say(world, "a", DecisionKind.CONFIRM)

    assert uid("a") not in held(world)


# ── spot checks ───────────────────────────────────────────────────────────────


def test_one_a_week_is_shown_as_a_spot_check_and_no_more(world: World) -> None:
    scan(world, *map(found, "abcde"))
    shown: list[Sequence[Card]] = []
    for day in (0, 1, 6, 8):
        withholding.review(world, now=NOW + day * DAY)
        world.store._clock.now = NOW + day * DAY  # type: ignore[attr-defined]
        chat = Heard()
        withholding.tell(world, chat, now=NOW + day * DAY)
        shown.append(chat.cards)
        for each in chat.cards:
            posted(world, each.finding.resource_name)

    assert [len(cards) for cards in shown] == [1, 0, 0, 1]
    assert shown[0][0].withheld is not None
    assert shown[0][0].withheld.drawn_at is not None
    assert len(held(world)) == 5  # a spot check is still one that the model would not have shown


def test_the_share_is_drawn_by_a_seed_that_is_on_record(tmp_path: Path, clock: Clock) -> None:
    from core.withhold import number

    world = made(tmp_path, clock, spot_check=0.3)
    active(world)
    names = [f"n{n}" for n in range(60)]
    scan(world, *map(found, names))

    withholding.review(world, now=NOW)

    record = list(world.store.audit_records())[-1]
    seed = record.payload["seed"]
    expected = {uid(name) for name in names if number(seed, uid(name)) < 0.3}
    assert drawn(world) == expected == set(record.payload["drawn"])
    assert 8 < len(expected) < 30


def test_a_spot_check_that_was_not_said_is_said_the_next_time(world: World) -> None:
    scan(world, found("a"))
    withholding.review(world, now=NOW)

    first, again = Heard(), Heard()
    withholding.tell(world, first, now=NOW)  # the worker dies before the message leaves
    withholding.tell(world, again, now=NOW)

    assert len(first.cards) == len(again.cards) == 1


def test_the_numbers_are_told_once_a_day(world: World) -> None:
    scan(world, found("a"), found("b"))
    withholding.review(world, now=NOW)
    chat = Heard()
    for at in (NOW, NOW + timedelta(hours=6), NOW + DAY):
        withholding.tell(world, chat, now=at)

    told = [text for _, text in chat.said]
    assert len(told) == 2
    assert "2 held back by the model, with a risk below 12." in told[0]
    assert "1 asked, 0 answered, 0 real" in told[0]


# ── when it misses too much ───────────────────────────────────────────────────


def missing(world: World, *, real: int, of: int) -> None:
    """Have spot checks answered, of which so many are real, beside twenty real ones shown."""
    names = [f"h{n}" for n in range(of)]
    shown = [f"s{n}" for n in range(20)]
    scan(world, *map(found, names), *(found(n, risk=60.0) for n in shown))
    for name in shown:
        posted(world, name)
        say(world, name, DecisionKind.CONFIRM)
    withholding.review(world, now=NOW)
    for n, name in enumerate(names):
        say(world, name, DecisionKind.CONFIRM if n < real else DecisionKind.FALSE_POSITIVE)


@pytest.fixture
def asking(tmp_path: Path, clock: Clock) -> Iterator[World]:
    """Every finding that is held back is asked about."""
    opened = made(tmp_path, clock, spot_check=1.0)
    active(opened)
    yield opened
    opened.store.close()


def test_where_spot_checks_find_much_that_is_real_it_stops_and_says_so(asking: World) -> None:
    missing(asking, real=6, of=30)
    scan(asking, found("new"), at=NOW + DAY)

    withholding.review(asking, now=NOW + DAY)
    chat = Heard()
    withholding.tell(asking, chat, now=NOW + DAY)
    withholding.tell(asking, chat, now=NOW + DAY)

    assert held(asking) == set()
    stopped = [text for _, text in chat.said if "holds nothing back any more" in text]
    assert len(stopped) == 1
    assert "6 of 30 answered spot checks were real" in stopped[0]
    assert "97.0 % is to be kept" in stopped[0]
    assert "model.withholding_stopped" in [r.kind for r in asking.store.audit_records()]


def test_where_they_find_nothing_it_goes_on_and_says_how_sure_that_is(asking: World) -> None:
    missing(asking, real=0, of=30)
    scan(asking, found("new"), at=NOW + DAY)

    withholding.review(asking, now=NOW + DAY)

    assert held(asking) == {uid("new")}
    said = " ".join(withholding.lines(asking, now=NOW + DAY))
    assert "31 asked, 30 answered, 0 real" in said
    assert "estimated at 100.0 % (" in said
    assert "too few" not in said


def test_few_answers_are_called_few(asking: World) -> None:
    missing(asking, real=0, of=5)

    assert "too few to tell, 20 answers are needed" in " ".join(withholding.lines(asking, now=NOW))


def test_after_it_stopped_a_model_that_keeps_the_recall_begins_anew(asking: World) -> None:
    missing(asking, real=6, of=30)
    withholding.review(asking, now=NOW)
    later = NOW + DAY

    active(asking, "own-2")
    scan(asking, found("new", version="own-2"), at=later)
    withholding.review(asking, now=later)
    assert held(asking) == set()  # nothing says that it is better

    active(asking, "own-3", criteria=(Criterion(AUDITED, Standing.HOLDS, "It keeps it."),))
    scan(asking, found("new", version="own-3"), at=later + DAY)
    withholding.review(asking, now=later + DAY)

    assert held(asking) == {uid("new")}


def test_the_operator_lets_it_begin_anew(asking: World, tmp_path: Path) -> None:
    missing(asking, real=6, of=30)
    withholding.review(asking, now=NOW)

    withholding.resume(asking, by="operator", now=NOW + DAY)
    scan(asking, found("new"), at=NOW + DAY)
    withholding.review(asking, now=NOW + DAY)

    assert held(asking) == {uid("new")}


# ── the command line ──────────────────────────────────────────────────────────


def test_what_is_held_back_is_listed_and_searched(tmp_path: Path, world: World) -> None:
    scan(world, found("orders"), found("billing"), found("loud", risk=50.0))
    withholding.review(world, now=NOW)

    def listed(*options: str) -> list[dict[str, Any]]:
        command = ["--home", str(tmp_path), "findings", "--format", "json", *options]
        records: list[dict[str, Any]] = json.loads(CliRunner().invoke(main, command).stdout)[
            "findings"
        ]
        return records

    assert listed()[0]["resource_name"] == "loud"
    assert {each["resource_name"] for each in listed("--suppressed")} == {"orders", "billing"}
    assert [each["resource_name"] for each in listed("--search", "ORDERS")] == ["orders"]
    assert listed("--suppressed")[0]["held_back"]["threshold"] == 12.0
    assert listed("--search", "loud")[0]["held_back"] is None


def test_model_show_says_what_is_held_back(tmp_path: Path, world: World) -> None:
    (tmp_path / "plumbline.toml").write_text('[model]\nsuppress = "on"\n')
    scan(world, found("orders"))
    withholding.review(world, now=NOW)

    result = CliRunner().invoke(
        main, ["--home", str(tmp_path), "model", "show", "--format", "json"]
    )

    told = json.loads(result.stdout)["summary"]["withholding"]
    assert (told["threshold"], told["held_back"]) == (12.0, 1)
    assert told["recall"] is None
