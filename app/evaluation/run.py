"""Run every ranker over every seed; companies are simulated one a process."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from app.evaluation.figure import RECALL, Figures, figures, suppressed_at_recall
from app.evaluation.ground import ESTATE, Ground, prepare
from app.evaluation.ranker import BASELINES, Ranker, ablations, candidate_of, ours
from core.ports import Check
from core.types import Label, Standing, Verdict
from explain import gate
from explain.model import load, shipped
from explain.train import Candidate

Array = NDArray[np.float64]

OURS, CEILING, FLOOR = "plumbline", "all-knowing", "random"
IN_FORCE, PRIOR = "plumbline, in force after its gate", "plumbline's prior"
VISIBLE = "all-knowing but for what is hidden"
ADVERSARIAL = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure: companies, how many labels the comparison has, and the learning curve."""

    seeds: tuple[int, ...] = tuple(range(10))
    labels: int = 300
    curve: tuple[int, ...] = (50, 100, 1000, 3000)
    ablate: bool = True
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Company:
    """What came out for one simulated company."""

    seed: int
    judged: int
    real_share: float
    wrong_labels: float
    wrong_adversarial: float
    rankers: Mapping[str, Figures]
    adversarial: Mapping[str, Figures]
    curve: Mapping[int, Figures]
    ablations: Mapping[str, Figures]


def evaluate(
    plan: Plan, *, told: Callable[[int], None], checks: Sequence[Check] | None = None
) -> tuple[Company, ...]:
    """Return one result a seed, in their order; `told` hears of each that is done.

    `checks` takes the place of the real ones; with it everything runs in this process.
    """
    out = []
    if checks is not None or plan.jobs < 2:
        for seed in plan.seeds:
            out.append(measure(seed, plan, checks if checks is not None else real_checks()))
            told(seed)
        return tuple(out)
    with ProcessPoolExecutor(plan.jobs, mp_context=get_context("spawn")) as pool:
        for company in pool.map(_measure, plan.seeds, [plan] * len(plan.seeds)):
            out.append(company)
            told(company.seed)
    return tuple(out)


def _measure(seed: int, plan: Plan) -> Company:
    return measure(seed, plan, real_checks())


def real_checks() -> tuple[Check, ...]:
    """Return the shipped policies, in this process since they are trusted, and the detectors."""
    import detectors
    import policies

    shipped = policies.load(())
    return (
        lambda s: policies.evaluate(shipped, s.resources, estate=ESTATE, now=s.taken_at),
        detectors.unusual_configurations(estate=ESTATE),
    )


def measure(seed: int, plan: Plan, checks: Sequence[Check]) -> Company:
    """Measure every ranker in one company."""
    ground = prepare(seed, checks)
    labels = ground.labels(plan.labels)
    turned = ground.labels(plan.labels, adversarial=ADVERSARIAL)
    return Company(
        seed=seed,
        judged=len(ground.judged),
        real_share=float(ground.truth.mean()),
        wrong_labels=_wrong(ground, labels),
        wrong_adversarial=_wrong(ground, turned),
        rankers={
            **_compared(ground, labels),
            **_bounds(ground),
        },
        adversarial=_compared(ground, turned),
        curve={n: _newest(ground, ground.labels(n)) for n in plan.curve},
        ablations={
            name: _figures(ground, labels, each)
            for name, each in (ablations() if plan.ablate else {}).items()
        },
    )


def _wrong(ground: Ground, labels: Sequence[Label]) -> float:
    truth = [ground.simulation.truth(each) for each in labels]
    said = [each.verdict is Verdict.APPROVE for each in labels]
    return float(np.mean(np.array(truth) != np.array(said)))


def _compared(ground: Ground, labels: Sequence[Label]) -> Mapping[str, Figures]:
    """Return the figures of the newly trained model, of the one in force after its gate, and of others."""
    candidate = candidate_of(ground, labels)
    model = load(candidate.model_text)
    rankers = {
        OURS: ours(model),
        IN_FORCE: ours(model if _takes_over(candidate) else shipped()),
        PRIOR: ours(shipped()),
        **BASELINES,
    }
    return {name: _figures(ground, labels, each) for name, each in rankers.items()}


def _takes_over(candidate: Candidate) -> bool:
    """Whether no criterion of its held-out decisions blocks; groups and explanations are not asked."""
    seen = candidate.held_out
    if not candidate.promoted:
        return False
    criteria = (gate.precision_recall(seen), gate.calibration(seen), gate.critical(seen))
    return gate.overall(criteria) is not Standing.BLOCKS


def _newest(ground: Ground, labels: Sequence[Label]) -> Figures:
    return _figures(ground, labels, ours(load(candidate_of(ground, labels).model_text)))


def _figures(ground: Ground, labels: Sequence[Label], ranker: Ranker) -> Figures:
    judged, unseen = ranker(ground, labels, [ground.judged_rows, ground.open_rows(labels)])
    return figures(ground.truth, judged, open_scores=unseen)


def _bounds(ground: Ground) -> Mapping[str, Figures]:
    """Return the ceiling and the floor: who knows all but the whims, and who knows nothing.

    Their thresholds are put where the truth would have them, for nobody can choose better.
    """
    wishes = [each.wish for each in ground.judged]
    random = np.random.default_rng(ground.simulation.seed)
    known = {
        CEILING: np.array([wish.known for wish in wishes]),
        VISIBLE: np.array([wish.visible for wish in wishes]),
        FLOOR: random.random(len(wishes)),
    }
    return {name: _bound(ground.truth, score) for name, score in known.items()}


def _bound(truth: Array, score: Array) -> Figures:
    ranked = suppressed_at_recall(truth, score)
    return Figures(ranked, ranked, RECALL, float("nan"), float("nan"))
