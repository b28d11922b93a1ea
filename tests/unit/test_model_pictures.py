"""What a model's pictures and its whole card say, and how honest they are where little is known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from app import model_card
from app.cli import main
from app.demo import simulated
from app.learn import retrain
from app.pictures import drawings
from app.settings import ModelSettings, Settings
from app.store import SqliteStore
from app.world import World
from bot import model as model_message
from core.errors import NotFound
from explain import model_plot
from explain.curves import BIN_LEAST, curves
from explain.gate import NOTHING, HeldOut
from explain.model import shipped
from tests.bot_world import assessment
from tests.store_world import card, resource, snapshot

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def held_out(truth: Any, said: Any, severity: Any = None) -> HeldOut:
    given, n = tuple(map(float, said)), len(truth)
    rank = tuple(map(float, severity if severity is not None else [0] * n))
    names = tuple(map(str, range(n)))
    return HeldOut(names, rank, tuple(map(float, truth)), given, given[::-1], given, given)


def many(n: int = 200) -> HeldOut:
    rng = np.random.default_rng(7)
    said = rng.random(n)
    return held_out((rng.random(n) < said).astype(float), said, rng.integers(0, 5, n))


def test_every_decision_is_in_one_bin_and_each_interval_holds_its_share() -> None:
    found = curves(many())

    assert found
    assert sum(each.decisions for each in found.reliability) == found.decisions == 200
    assert sum(each.real for each in found.reliability) == found.real
    assert all(each.decisions >= BIN_LEAST for each in found.reliability)
    assert all(each.low <= each.real / each.decisions <= each.high for each in found.reliability)


def test_a_perfect_order_finds_all_at_once_and_equal_scores_find_evenly() -> None:
    truth = [1.0] * 20 + [0.0] * 80
    found = curves(held_out(truth, np.linspace(1, 0, 100)))

    assert found
    assert found.found[10] == pytest.approx(1.0)
    assert found.found_in_force[10] == pytest.approx(0.0)
    assert found.found_by_severity == pytest.approx(found.effort)


def test_without_held_out_decisions_nothing_is_drawn_and_it_is_said_why() -> None:
    assert curves(NOTHING) is None
    for each in (
        model_plot.calibration(None, version="v"),
        model_plot.effort(None, version="v"),
    ):
        assert (each.png, each.alt) == (b"", model_plot.NO_DECISIONS)
    assert "no finding is open" in model_plot.beeswarm([], version="v").alt.lower()


def test_each_picture_says_its_numbers_in_words_and_carries_them() -> None:
    found = curves(many())
    drawn = (
        model_plot.calibration(found, version="v"),
        model_plot.effort(found, version="v"),
        model_plot.beeswarm([assessment(), assessment(risk=3)], version="v"),
    )

    for each in drawn:
        assert each.png.startswith(b"\x89PNG")
        assert each.alt.encode("latin-1") in each.png
    assert "held-out decisions, with 95 % intervals" in drawn[0].alt
    assert "by severity" in drawn[1].alt
    assert "at random 20 %" in drawn[1].alt


# ── in a workspace ────────────────────────────────────────────────────────────


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Settings(model=ModelSettings(simulation=True)))
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=lambda: NOW)
    made.store.record_scan(snapshot(resource("logs")), [card("logs", risk=1.0)])
    yield made
    made.store.close()


def test_the_priors_card_says_that_nothing_was_decided(world: World) -> None:
    said = model_card.read(world)

    assert f"# Risk model {shipped().version}" in said
    assert "Prior only: no decisions yet." in said
    assert "Not measured on decisions" in said
    assert all(f"`{name}`" in said for name in shipped().features)
    assert "plumbline model reproduce" in said
    assert "model.card" not in said


def test_a_card_is_written_when_a_version_is_promoted_and_stays_as_it_was(world: World) -> None:
    world.store.add_labels(simulated.labels(now=NOW))
    retrain(world, now=NOW)
    version = world.store.active_model()

    said = model_card.read(world)
    assert world.store.get(f"model.card.{version}") == said
    assert "200 own decisions learned from." in said
    assert "200 simulated" in said
    assert "| looking at | finds | by severity | at random |" in said
    assert "fairness by team" in said
    assert "raises the risk" in said

    world.store.add_labels([replace(simulated.labels(now=NOW)[0], uid="later")])
    assert model_card.read(world) == said
    with pytest.raises(NotFound, match="no model version x"):
        model_card.read(world, "x")


def test_the_pictures_and_the_card_go_to_the_person_who_asked(world: World) -> None:
    sent: list[tuple[str, str, bool, str]] = []

    class Chat:
        def send_to(self, user: str, content: bytes, *, name: str, alt: str) -> None:
            sent.append((user, name, bool(content), alt))

    chat: Any = Chat()
    for kind in ("model_pictures", "model_card"):
        drawings(world, chat)[kind]({"user": "U0DANA"})

    assert {user for user, *_ in sent} == {"U0DANA"}
    assert [name for _, name, *_ in sent][:2] == ["calibration.png", "effort.png"]
    assert [drawn for _, _, drawn, _ in sent] == [False, False, False, True]
    assert sent[-1][1] == f"model-card-{shipped().version}.md"


def test_the_command_draws_what_can_be_drawn_and_says_what_cannot(tmp_path: Path) -> None:
    home, folder = ["--home", str(tmp_path)], tmp_path / "plots"
    shown = CliRunner().invoke(main, [*home, "model", "show", "--plot", str(folder)])
    whole = CliRunner().invoke(main, [*home, "model", "card"])

    assert (shown.exit_code, whole.exit_code) == (0, 0)
    assert "calibration not drawn. Prior only" in shown.output
    assert list(folder.iterdir()) == []
    assert "## Features" in whole.output


def test_slack_says_what_looking_at_the_riskiest_first_saves(world: World) -> None:
    world.store.add_labels(simulated.labels(now=NOW))
    retrain(world, now=NOW)

    said = str(model_message.message(world.models.active_card()).blocks)
    assert "looking at the riskiest 20% finds " in said
    assert "model.pictures" in said
    assert "It is a prior" in str(model_message.message(None).blocks)
