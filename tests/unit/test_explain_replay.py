"""The replay says which findings would rise, fall or move, and of nothing else."""

from dataclasses import replace

import pytest

from explain.calibration import Calibration
from explain.model import Model, shipped
from explain.replay import Replay, Seen, replay

SEVERE = {"severity": 4.0, "exposure_level": 3.0, "unauthenticated": 1.0}
MILD = {"severity": 1.0, "exposure_level": 0.0, "unauthenticated": 0.0}


def shifted(by: float) -> Model:
    return replace(shipped(), calibration=Calibration(1.0, by))


def played(new: Model, *seen: Seen, thresholds: tuple[float, float] = (50.0, 50.0)) -> Replay:
    return replay(seen, old=shifted(0.0), new=new, thresholds=thresholds)


def test_the_same_model_moves_nothing() -> None:
    told = played(shifted(0.0), Seen("a", SEVERE), Seen("b", MILD))

    assert told == Replay(2, (), (), ())


@pytest.mark.parametrize(("by", "kind"), [(9.0, "risen"), (-9.0, "fallen")])
def test_what_crosses_the_threshold_rises_or_falls(by: float, kind: str) -> None:
    told = played(shifted(by), Seen("severe", SEVERE), Seen("mild", MILD))

    moved = getattr(told, kind)
    assert [move.finding_uid for move in moved] == ["mild" if by > 0 else "severe"]
    assert (moved[0].after > moved[0].before) == (by > 0)


def test_a_finding_counts_once_and_as_the_highest_of_its_states() -> None:
    told = played(shifted(-9.0), Seen("a", MILD), Seen("a", SEVERE))

    assert told.findings == 1
    assert [move.finding_uid for move in told.fallen] == ["a"]


def test_a_move_on_one_side_of_the_threshold_is_a_change_from_ten_points_on() -> None:
    nothing = (0.0, 0.0)

    assert played(shifted(0.01), Seen("a", SEVERE), thresholds=nothing).changed == ()
    assert len(played(shifted(-9.0), Seen("a", SEVERE), thresholds=nothing).changed) == 1
