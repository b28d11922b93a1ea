"""What a model would miss, with what was held back counted in."""

from dataclasses import replace

import numpy as np
import pytest

from core.types import Standing
from explain import audit
from explain.gate import HeldOut, threshold

N = 400


def held_out(seed: int = 1) -> HeldOut:
    """Decisions drawn from the scores themselves, each on a finding of its own."""
    random = np.random.default_rng(seed)
    score = random.beta(0.5, 0.5, N)
    truth = (random.random(N) < score).astype(float)
    return HeldOut(
        resources=tuple(f"r{n}" for n in range(N)),
        truth=tuple(truth.tolist()),
        candidate=tuple(score.tolist()),
        findings=tuple(f"f{n}" for n in range(N)),
    )


def spot_checks(
    seen: HeldOut, *, real_below: int, speaks_for: float = 20.0
) -> tuple[HeldOut, dict[str, float]]:
    """Return decisions of which the thirty lowest answer spot checks, so many of them real."""
    low = np.argsort(seen.candidate)[:30]
    truth = np.array(seen.truth)
    truth[low] = 0.0
    truth[low[:real_below]] = 1.0
    weights = {seen.findings[n]: speaks_for for n in low.tolist()}
    return replace(seen, truth=tuple(truth.tolist())), weights


def test_without_spot_checks_the_threshold_is_the_working_threshold() -> None:
    seen = held_out()

    found = audit.figures(seen, {}, recall=0.97)

    usual = threshold(np.array(seen.truth), np.array(seen.candidate), recall=0.97)
    assert found["suppression_threshold"] == pytest.approx(100 * usual)
    assert found["suppression_recall"] == 0.97
    assert found["suppression_real"] == sum(seen.truth)


def test_a_real_spot_check_lowers_the_threshold_by_all_it_speaks_for() -> None:
    seen, weights = spot_checks(held_out(), real_below=3)

    alone = audit.figures(seen, {}, recall=0.97)["suppression_threshold"]
    weighted = audit.figures(seen, weights, recall=0.97)["suppression_threshold"]

    assert weighted < alone / 2


def test_too_few_spot_checks_are_called_too_few() -> None:
    seen = held_out()

    said = audit.criterion(seen, {"f1": 20.0}, recall=0.97)

    assert said.standing is Standing.UNKNOWN
    assert said.sentence.startswith("Too few to tell: 1 of the held-out decisions")


def test_a_model_whose_spot_checks_find_nothing_real_holds() -> None:
    seen = held_out()
    sure = tuple(max(s, 0.3) if t else s for s, t in zip(seen.candidate, seen.truth, strict=True))
    apart, weights = spot_checks(replace(seen, candidate=sure), real_below=0)

    said = audit.criterion(apart, weights, recall=0.9)

    assert said.standing is Standing.HOLDS
    assert "30 spot checks" in said.sentence


@pytest.mark.parametrize(
    ("speaks_for", "standing"),
    [(1.0, Standing.HOLDS), (400.0, Standing.BLOCKS)],
)
def test_one_real_spot_check_weighs_what_it_speaks_for(
    speaks_for: float, standing: Standing
) -> None:
    """The threshold of the half without it does not know of it, and it is missed."""
    seen = held_out()
    spread = zip(seen.candidate, seen.truth, range(N), strict=True)
    # Of what is real elsewhere, every score is far above: nothing but the spot check is in doubt.
    alike = replace(seen, candidate=tuple(0.9 + n / 1e6 if t else s / 2 for s, t, n in spread))
    found, weights = spot_checks(alike, real_below=1, speaks_for=speaks_for)

    said = audit.criterion(found, weights, recall=0.95)

    assert said.standing is standing, said.sentence


def test_few_real_decisions_are_too_few_to_tell() -> None:
    seen = held_out()
    real = [n for n, t in enumerate(seen.truth) if t][:12]
    truth = tuple(float(n in real) for n in range(N))
    score = tuple(0.9 if t else s / 2 for s, t in zip(seen.candidate, truth, strict=True))
    found, weights = spot_checks(replace(seen, truth=truth, candidate=score), real_below=0)

    said = audit.criterion(found, weights, recall=0.97)

    assert said.standing is Standing.UNKNOWN
    assert said.sentence.endswith("97% is to be kept. Too few to tell.")


def test_no_real_decision_at_all_is_not_known() -> None:
    seen, weights = spot_checks(held_out(), real_below=0)
    none = replace(seen, truth=(0.0,) * N)

    assert audit.criterion(none, weights, recall=0.97).standing is Standing.UNKNOWN
    assert audit.figures(none, weights, recall=0.97)["suppression_threshold"] == 0.0
