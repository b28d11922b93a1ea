"""Past triage comes in as a file, the model learns it, and the next assessment ranks by it."""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from app.cli import main
from app.world import World
from core.types import Card, Estate, Label, Verdict
from explain.evaluate import average_precision
from sandbox.teams import Simulation, simulate
from tests.unit.test_simulated_teams import found

SEED = 3


def scan(world: World, made: Simulation) -> dict[str, float]:
    """Assess and record the last scan as `scan` does; return each finding's risk."""
    last = made.moments[-1]
    now = last.snapshot.taken_at
    assessed = world.models.assess(last.findings, last.snapshot, estate=Estate(), now=now)
    cards = [Card(f, a) for f, a in zip(last.findings, assessed, strict=True)]
    world.store.record_scan(last.snapshot, cards)
    return {each.finding_uid: each.risk for each in assessed}


def line(label: Label, real: bool) -> str:
    verdict = Verdict.APPROVE if real else label.verdict
    if not real and verdict is Verdict.APPROVE:
        verdict = Verdict.NOT_APPLICABLE
    return json.dumps(
        {
            "check_id": label.check_id,
            "resource_uid": label.resource_uid,
            "verdict": verdict.value,
            "person": label.person.rpartition("/")[2],
            "time": (label.labelled_at + timedelta(days=30)).isoformat(),
        }
    )


@pytest.mark.parametrize("count", [300, pytest.param(5000, marks=pytest.mark.slow)])
def test_imported_labels_make_the_risk_rank_what_people_want_first(
    tmp_path: Path, count: int
) -> None:
    made = simulate(SEED, [found])
    world = World.open(tmp_path)
    before = scan(world, made)
    # Their own rule: what is public or lets anybody in matters, and of the rest nothing does.
    wanted = {"X-2": True, "X-4": True, "X-1": False, "X-3": False}
    given = tmp_path / "labels.jsonl"
    known = [each for each in made.labels(count) if each.finding_uid in before]
    given.write_text("\n".join(line(each, wanted[each.check_id]) for each in known))

    for command in (["label", "import", str(given)], ["model", "train"]):
        result = CliRunner().invoke(main, ["--home", str(tmp_path), *command])
        assert result.exit_code == 0, result.stderr
    after = scan(World.open(tmp_path), made)

    held_out = [each.finding for each in made.judged]
    truth = np.array([wanted[f.check_id] for f in held_out], dtype=float)
    was, now = (
        average_precision(truth, [scores[f.uid] for f in held_out]) for scores in (before, after)
    )
    assert now > was or now == pytest.approx(1.0)
    assert now > 0.9
