"""May a new model take over? One criterion a question, each answered in a sentence with its numbers.

All are measured on the held-out decisions: the newest ones, on resources that neither model saw.
The working threshold of a model is the highest score at which it still finds WORKING_RECALL of what
people called real there.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.types import Criterion, Severity, Standing
from explain import evaluate

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Every bound here is our judgement, 2026-11-25; docs/model.md gives the reasons.
WORKING_RECALL = 0.97
ECE_SLACK = 0.03
RECALL_GAP = 0.10
BURDEN_GAP = 0.20
GROUP_LEAST = 20
"""A group with fewer held-out decisions of a class is too small to be compared in it."""
OLD_CORRELATION, RESEEDED_CORRELATION = 0.5, 0.8
_DRAWS = 400
_SEED = 20261125
_Z = 1.96


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Decisions that no model saw, and what the candidate and the model in force say of each.

    `candidate` and `reference` are the chances that it is real, 0 to 1; with `_said` the chance that
    this person says so, who may err. `severity` is the rank of the rule's severity.
    """

    resources: tuple[str, ...] = ()
    severity: tuple[float, ...] = ()
    truth: tuple[float, ...] = ()
    candidate: tuple[float, ...] = ()
    reference: tuple[float, ...] = ()
    candidate_said: tuple[float, ...] = ()
    reference_said: tuple[float, ...] = ()
    findings: tuple[str, ...] = ()


NOTHING = HeldOut()


def threshold(truth: Array, score: Array, *, recall: float = WORKING_RECALL) -> float:
    """Return the highest score at which this share of what is real scores as high; 0 without any."""
    real = np.sort(score[truth > 0])
    return float(real[math.floor((1 - recall) * len(real) + 1e-9)]) if len(real) else 0.0


def working_thresholds(held_out: HeldOut) -> dict[str, float]:
    """Return both models' working thresholds as risk, 0 to 100, by the names of the card's figures."""
    y, new, old = _arrays(held_out)
    return {
        "working_threshold": 100 * threshold(y, new),
        "reference_working_threshold": 100 * threshold(y, old),
    }


def no_worse(held_out: HeldOut) -> tuple[bool, str]:
    """Say whether the candidate is no worse than the model in force beyond chance, and by what figures.

    Worse is a higher log loss of what these people would say, or a lower average precision, where the
    95 % interval of the difference (bootstrap over resources) leaves out zero. A point estimate would
    keep the model in force every other time when both are equally good.
    """
    y, new, old = _arrays(held_out)
    losses = [
        evaluate.log_loss(y, said) for said in (held_out.candidate_said, held_out.reference_said)
    ]
    precisions = [evaluate.average_precision(y, score) for score in (new, old)]
    loss, precision = _differences(held_out)
    figures = (
        f"log loss {losses[0]:.3f} against {losses[1]:.3f} (difference {loss[0]:+.3f} to {loss[1]:+.3f}), "
        f"average precision {precisions[0]:.3f} against {precisions[1]:.3f} (difference "
        f"{precision[0]:+.3f} to {precision[1]:+.3f}) on {len(y)} held-out decisions, 95 %"
    )
    if loss[0] > 0 or precision[1] < 0:
        return False, f"Worse than the model in force, which stays: {figures}."
    return True, f"No worse than the model in force beyond chance: {figures}."


def _differences(held_out: HeldOut) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the intervals by which log loss and average precision of the candidate differ."""
    y, new, old = _arrays(held_out)
    each = [
        evaluate.log_losses(y, said) for said in (held_out.candidate_said, held_out.reference_said)
    ]
    ranked = [evaluate.Ranking(y, score) for score in (new, old)]
    losses, precisions = [], []
    for weight in _resampled(held_out.resources):
        if weight @ y:
            losses.append(weight @ (each[0] - each[1]) / weight.sum())
            precisions.append(ranked[0].precision(weight) - ranked[1].precision(weight))
    return _middle(losses), _middle(precisions)


def _middle(draws: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of what was drawn."""
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def _resampled(resources: Sequence[str]) -> Iterator[Array]:
    """Yield how often each row is drawn when its resources are drawn again, with replacement."""
    _, group = np.unique(np.array(resources), return_inverse=True)
    random, many = np.random.default_rng(_SEED), int(group.max()) + 1
    for _ in range(_DRAWS):
        counts = np.bincount(random.integers(many, size=many), minlength=many)
        yield counts[group].astype(np.float64)


def precision_recall(held_out: HeldOut) -> Criterion:
    """Compare precision at the working threshold; block where it is worse beyond chance.

    The interval is a bootstrap over resources, both models on the same draws.
    """
    y, new, old = _arrays(held_out)
    draws = []
    for weight in _resampled(held_out.resources):
        rows = np.repeat(np.arange(len(y)), weight.astype(np.intp))
        if y[rows].any():
            draws.append(_precision(y[rows], new[rows]) - _precision(y[rows], old[rows]))
    low, high = _middle(draws)
    hidden = float(np.mean(new[y == 0] < threshold(y, new)))
    return Criterion(
        "precision at the working threshold",
        Standing.BLOCKS if high < 0 else Standing.HOLDS,
        f"At {WORKING_RECALL:.0%} recall its precision is {_precision(y, new):.3f}, that of the model "
        f"in force {_precision(y, old):.3f} (difference {low:+.3f} to {high:+.3f}, 95 %); {hidden:.0%} "
        f"of what people dismissed scores below its threshold of {100 * threshold(y, new):.0f}.",
    )


def _precision(y: Array, score: Array) -> float:
    return float(y[score >= threshold(y, score)].mean())


def calibration(held_out: HeldOut) -> Criterion:
    """Compare the calibration error with what chance gives a perfectly calibrated model.

    A larger one blocks where it is also larger than that of the model in force beyond chance.
    """
    y, new = np.array(held_out.truth), np.array(held_out.candidate_said)
    found = evaluate.expected_calibration_error(y, new)
    before = evaluate.expected_calibration_error(y, held_out.reference_said)
    chance = evaluate.calibration_error_by_chance(new, draws=_DRAWS)
    bound = float(np.quantile(chance, 0.95)) + ECE_SLACK
    low, high = _middle(
        [
            evaluate.expected_calibration_error(y, new, weight=weight)
            - evaluate.expected_calibration_error(y, held_out.reference_said, weight=weight)
            for weight in _resampled(held_out.resources)
        ]
    )
    return Criterion(
        "calibration",
        Standing.BLOCKS if found > bound and low > 0 else Standing.HOLDS,
        f"Expected calibration error {found:.3f}, in force {before:.3f} (difference {low:+.3f} to "
        f"{high:+.3f}, 95 %); a perfectly calibrated model has up to {bound - ECE_SLACK:.3f} on {len(y)} "
        f"decisions by chance, and {ECE_SLACK} more is allowed.",
    )


def critical(held_out: HeldOut) -> Criterion:
    """Block where a critical finding that people called real falls below the working threshold."""
    y, new, _ = _arrays(held_out)
    worst = (np.array(held_out.severity) >= Severity.CRITICAL.rank) & (y > 0)
    missed = int(np.sum(new[worst] < threshold(y, new)))
    name = "critical by rule"
    if not worst.any():
        return Criterion(
            name, Standing.UNKNOWN, "No held-out real decision is on a critical finding."
        )
    return Criterion(
        name,
        Standing.BLOCKS if missed else Standing.HOLDS,
        f"{missed} of {int(worst.sum())} critical findings that people called real score below the "
        "working threshold; none may.",
    )


def fairness(held_out: HeldOut, groups: Mapping[str, Mapping[str, str]]) -> tuple[Criterion, ...]:
    """Compare each group with all others, one criterion a kind of group.

    `groups` gives by kind (team, account, region, resource type) the group of each resource. What is
    compared are findings: what ten people said of one tells no more of its group than one word.
    """
    first, y, new, old = _by_finding(held_out)
    shown, before = new >= threshold(y, new), old >= threshold(y, old)
    resources = [held_out.resources[row] for row in first]
    return tuple(
        _fair(kind, np.array([member.get(uid, "") for uid in resources]), y, shown, before)
        for kind, member in groups.items()
    )


def _by_finding(held_out: HeldOut) -> tuple[NDArray[np.intp], Array, Array, Array]:
    """Return a row of each finding, what most said of it (real where they are even), and both scores."""
    y, new, old = _arrays(held_out)
    uids = held_out.findings or tuple(map(str, range(len(y))))
    _, first, finding = np.unique(np.array(uids), return_index=True, return_inverse=True)
    truth = np.bincount(finding, y) / np.bincount(finding) >= 0.5
    return first, truth.astype(np.float64), new[first], old[first]


def _fair(kind: str, of: NDArray[np.str_], y: Array, shown: Flags, before: Flags) -> Criterion:
    told, small, standing = [], [], Standing.UNKNOWN
    there = sorted({*of.tolist()} - {""})
    for name in there:
        inside = of == name
        known = []
        for what, of_class, sign, bound in (
            ("recall", y > 0, -1, RECALL_GAP),
            ("alert burden", y == 0, 1, BURDEN_GAP),
        ):
            rows = inside & of_class
            gap = _gap(shown, rows, ~inside & of_class, sign=sign, bound=bound)
            if gap:
                known.append((what, replace(gap, in_force=float(before[rows].mean()))))
        if min((inside & (y > 0)).sum(), (inside & (y == 0)).sum()) < GROUP_LEAST:
            small.append(name)
        for what, gap in known:
            # Unequal burden annoys, unequal recall endangers: only the latter blocks. More alerts are
            # no burden where what is shown is real as often as elsewhere.
            wrong = Standing.BLOCKS if what == "recall" else Standing.ASKS
            bad = gap.is_wide and gap.is_sure and gap.is_new
            bad = bad and (what == "recall" or _in_vain(y, shown, inside))
            standing = _worse(standing, wrong if bad else Standing.HOLDS)
            told.append((gap.excess, f"{what} of {name} {gap.words}"))
    worst = [words for _, words in sorted(told, reverse=True)[:3]]
    parts = [f"Worst first: {'; '.join(worst)}"] if worst else []
    if small:
        shown_small = ", ".join(small[:5]) + (
            f" and {len(small) - 5} more" if len(small) > 5 else ""
        )
        parts.append(f"too small to compare (under {GROUP_LEAST} of a class): {shown_small}")
    nobody = f"There is no other {kind} than {there[0]}" if there else f"No {kind} is known"
    said = "; ".join(parts) or nobody
    return Criterion(f"fairness by {kind}", standing, f"{said[:1].upper()}{said[1:]}.")


def _in_vain(y: Array, shown: Flags, inside: Flags) -> bool:
    """Whether what a group is shown is real less often than elsewhere, beyond chance."""
    gap = _gap(y > 0, inside & shown, ~inside & shown, sign=-1, bound=RECALL_GAP)
    return gap is not None and gap.is_sure


@dataclass(frozen=True, slots=True)
class _Gap:
    """By how much a group is worse off than the others, its 95 % interval, and the bound.

    `in_force` is the group's share by the model in force.
    """

    inside: float
    outside: float
    low: float
    high: float
    bound: float
    sign: int
    in_force: float = math.nan

    @property
    def excess(self) -> float:
        return self.sign * (self.inside - self.outside) / self.bound

    @property
    def is_wide(self) -> bool:
        return self.excess > 1

    @property
    def is_sure(self) -> bool:
        """Whether the group is worse off beyond chance."""
        return self.low > 0

    @property
    def is_new(self) -> bool:
        """Whether the group is worse off than by the model in force, and not only others better."""
        return self.sign * (self.inside - self.in_force) > 0

    @property
    def words(self) -> str:
        return (
            f"{self.inside:.0%} (in force {self.in_force:.0%}) against {self.outside:.0%} elsewhere (worse by "
            f"{100 * self.low:+.0f} to {100 * self.high:+.0f} points, 95 %; bound {100 * self.bound:.0f})"
        )


def _gap(shown: Flags, inside: Flags, outside: Flags, *, sign: int, bound: float) -> _Gap | None:
    """Compare two shares by Newcombe's score interval (Statistics in Medicine 17, 1998, method 10)."""
    n, m = int(inside.sum()), int(outside.sum())
    if min(n, m) < GROUP_LEAST:
        return None
    p, q = float(shown[inside].mean()), float(shown[outside].mean())
    (p_low, p_high), (q_low, q_high) = wilson(p, n), wilson(q, m)
    low = p - q - math.hypot(p - p_low, q_high - q)
    high = p - q + math.hypot(p_high - p, q - q_low)
    if sign < 0:
        low, high = -high, -low
    return _Gap(p, q, low, high, bound, sign)


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `n` (Wilson 1927)."""
    z2 = _Z * _Z / n
    middle, half = share + z2 / 2, _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n))
    return (middle - half) / (1 + z2), (middle + half) / (1 + z2)


def stability(contributions: Mapping[str, tuple[Array, Array]]) -> tuple[Criterion, ...]:
    """Compare explanations of the same rows: how alike the strengths of reasons are ordered.

    `contributions` holds under "in force" and "reseeded" those of the other model and of the new
    one, rows x features. A new model may have learned other reasons, so a low figure only asks.
    """
    bounds = {"in force": OLD_CORRELATION, "reseeded": RESEEDED_CORRELATION}
    out = []
    for name, (other, new) in contributions.items():
        found = rank_correlation(np.abs(other), np.abs(new))
        holds = found >= bounds[name]
        whom = "the model in force" if name == "in force" else "itself under another seed"
        out.append(
            Criterion(
                f"stable explanations, {name}",
                Standing.HOLDS if holds else Standing.ASKS,
                f"Median rank correlation of the reasons with {whom} is {found:.2f} on {len(new)} "
                f"findings; at least {bounds[name]} is expected.",
            )
        )
    return tuple(out)


def rank_correlation(one: Array, other: Array) -> float:
    """Return the median over the rows of Spearman's rank correlation, ties by mean rank."""
    a, b = _ranks(one), _ranks(other)
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    spread = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    return float(np.median((a * b).sum(axis=1) / np.where(spread > 0, spread, 1.0)))


def _ranks(values: Array) -> Array:
    """Return each value's rank in its row; equal values share their mean rank."""
    below = (values[:, None, :] < values[:, :, None]).sum(axis=2)
    up_to = (values[:, None, :] <= values[:, :, None]).sum(axis=2)
    return np.asarray((below + up_to) / 2.0, dtype=np.float64)


def _worse(one: Standing, other: Standing) -> Standing:
    order = (Standing.UNKNOWN, Standing.HOLDS, Standing.ASKS, Standing.BLOCKS)
    return max(one, other, key=order.index)


def overall(criteria: Sequence[Criterion]) -> Standing:
    """Return the worst standing of all; what could not be measured counts for nothing."""
    standing = Standing.UNKNOWN
    for each in criteria:
        standing = _worse(standing, each.standing)
    return standing


def _arrays(held_out: HeldOut) -> tuple[Array, Array, Array]:
    return (
        np.array(held_out.truth, dtype=np.float64),
        np.array(held_out.candidate, dtype=np.float64),
        np.array(held_out.reference, dtype=np.float64),
    )
