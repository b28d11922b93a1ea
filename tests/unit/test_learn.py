"""Retraining says what it rests on, and brings what was posted up to date."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.demo import simulated
from app.learn import retrain
from app.settings import ModelSettings, Settings
from app.store import SqliteStore
from app.world import World
from core.ports import OutboxMessage
from tests.store_world import card, resource, snapshot

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
UID = card("logs").finding.uid


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Settings(model=ModelSettings(simulation=True)))
    made.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=lambda: NOW)
    made.store.record_scan(snapshot(resource("logs")), [card("logs", risk=1.0)])
    yield made
    made.store.close()


def test_simulated_decisions_are_called_simulated(world: World) -> None:
    world.store.add_labels(simulated.labels(now=NOW))

    said = retrain(world, now=NOW)

    assert said.startswith("200 decisions (200 of them simulated); ")
    assert world.store.active_model() is not None
    assert world.models.active_card().own_labels == 200


def test_a_posted_finding_that_moved_is_brought_up_to_date(world: World) -> None:
    world.store.add_labels(simulated.labels(now=NOW))
    world.store.queue_message(OutboxMessage("m1", "C1", "chat.postMessage", {}, 0, UID))
    world.store.message_sent("m1", ts="1.2")

    retrain(world, now=NOW)

    job = world.store.claim_job(lease_s=60)
    assert job is not None
    assert (job.kind, job.payload) == ("refresh", {"finding_uid": UID})


def test_every_criterion_is_on_the_card_of_the_model_in_force(world: World) -> None:
    world.store.add_labels(simulated.labels(now=NOW))

    retrain(world, now=NOW)

    names = [each.name for each in world.models.active_card().criteria]
    assert names == [
        "no worse than the model in force",
        "precision at the working threshold",
        "calibration",
        "recall on audited suppressed findings",
        "critical by rule",
        "fairness by team",
        "fairness by account",
        "fairness by region",
        "fairness by resource type",
        "stable explanations, in force",
        "stable explanations, reseeded",
    ]


def test_a_model_that_meets_every_criterion_waits_where_the_setting_asks(tmp_path: Path) -> None:
    settings = Settings(model=ModelSettings(simulation=True, promotion="ask"))
    asking = World(tmp_path, settings)
    asking.__dict__["store"] = SqliteStore(tmp_path / "plumbline.db", clock=lambda: NOW)
    asking.store.add_labels(simulated.labels(now=NOW))

    said = retrain(asking, now=NOW)

    assert said.endswith("It meets every criterion and waits for a person.")
    assert asking.store.active_model() is None
    asking.store.close()


def test_too_few_decisions_leave_the_new_model_in_shadow(world: World) -> None:
    world.store.add_labels(simulated.labels(now=NOW, count=20))

    said = retrain(world, now=NOW)

    assert "stays in shadow" in said
    assert world.store.active_model() is None
    assert [each.status for each in world.store.models()] == ["shadow"]
