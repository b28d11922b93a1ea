"""Retraining says what it rests on, and brings what was posted up to date."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.demo import simulated
from app.learn import promote, retrain
from app.model_drift import alarm
from app.promotion import require_promotable
from app.reproducing import reproduce
from app.settings import ModelSettings, Settings
from app.store import SqliteStore
from app.world import World
from core.errors import ModelError
from core.ports import OutboxMessage
from core.types import Verdict
from explain.model import shipped
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


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A workspace that leaves the last word to a person, with a version that waits for it."""
    home = tmp_path_factory.mktemp("asking")
    made = World(home, Settings(model=ModelSettings(simulation=True, promotion="ask")))
    made.__dict__["store"] = SqliteStore(home / "plumbline.db", clock=lambda: NOW)
    made.store.record_scan(snapshot(resource("logs")), [card("logs", risk=1.0)])
    made.store.add_labels(simulated.labels(now=NOW))
    made.__dict__["heard"] = []
    made.__dict__["said"] = retrain(
        made, now=NOW, tell=lambda *told: made.__dict__["heard"].append(told)
    )
    yield made
    made.store.close()


def test_a_version_that_meets_every_criterion_waits_where_the_setting_asks(asking: World) -> None:
    (told,) = asking.__dict__["heard"]
    assert asking.__dict__["said"].endswith("It meets every criterion and waits for a person.")
    assert asking.store.active_model() is None
    assert told[0].status == "shadow"
    assert any(line.startswith("Replayed on 1 finding as") for line in told[1])


def test_a_stored_version_is_made_again_byte_for_byte(asking: World) -> None:
    (waiting,) = asking.store.models()

    assert "byte for byte" in reproduce(asking, waiting.version)


def test_a_version_whose_labels_changed_is_not_and_that_is_said(asking: World) -> None:
    (waiting,) = asking.store.models()
    label = asking.store.labels(include_simulated=True)[0]
    other = Verdict.FALSE_POSITIVE if label.verdict is Verdict.APPROVE else Verdict.APPROVE
    asking.store.add_labels([replace(label, verdict=other)])

    with pytest.raises(ModelError, match="not what they were: labels"):
        reproduce(asking, waiting.version)

    asking.store.add_labels([label])


def test_the_shipped_prior_is_made_again(asking: World) -> None:
    assert "byte for byte" in reproduce(asking, shipped().version)


def test_a_person_promotes_it_once(asking: World) -> None:
    (waiting,) = asking.store.models()

    said = promote(asking, require_promotable(asking, waiting.version), now=NOW)

    assert "No worse than the model in force" in said
    assert asking.store.active_model() == waiting.version
    assert asking.models.active_card().status == "active"
    with pytest.raises(ModelError, match="in force already"):
        require_promotable(asking, waiting.version)


def test_decisions_of_another_kind_raise_one_alarm(asking: World) -> None:
    """Runs after the promotion, on the model that it brought into force."""
    later = NOW + timedelta(days=1)
    model = replace(asking.models.active(), trained_until=NOW)
    asking.models._loaded = {asking.store.active_model() or "": model}
    assert alarm(asking) == ""
    asking.store.add_labels(
        [
            replace(
                each,
                uid=f"{each.uid[:20]}late",
                finding_uid=f"{each.finding_uid[:20]}late",
                labelled_at=later,
                features={**each.features, "severity": 4.0},
            )
            for each in simulated.labels(now=NOW)
        ]
    )

    first, second = alarm(asking), alarm(asking)

    assert first.startswith(
        "The 200 decisions since the risk model was trained differ from the 200"
    )
    assert "severity" in first
    assert second == ""


def test_a_blocked_version_is_promoted_by_nobody(world: World) -> None:
    world.store.add_labels(simulated.labels(now=NOW, count=20))
    retrain(world, now=NOW, tell=lambda *_: pytest.fail("nobody is asked about a blocked one"))

    with pytest.raises(ModelError, match="stays in shadow"):
        require_promotable(world, world.store.models()[0].version)


def test_too_few_decisions_leave_the_new_model_in_shadow(world: World) -> None:
    world.store.add_labels(simulated.labels(now=NOW, count=20))

    said = retrain(world, now=NOW)

    assert "stays in shadow" in said
    assert world.store.active_model() is None
    assert [each.status for each in world.store.models()] == ["shadow"]
