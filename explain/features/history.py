"""What else was found, and what people decided before; never anything decided later."""

import math
from collections import Counter, defaultdict

import numpy as np

from core.types import Finding, Label, Severity, Verdict
from explain.feature import Column, Direction, Scope, Words, feature
from explain.features.rule import counts_as_risk
from explain.memory import remembered
from explain.scene import Scene
from explain.sentence import counted, levels, share


@feature(
    label="other findings on it",
    unit="findings",
    direction=Direction.RISES,
    source="the other findings of this scan on the same resource, hygiene apart",
    scope=Scope.FINDING,
    says=counted(
        none="nothing else was found on it",
        one="1 other finding is open on it",
        many="{n} other findings are open on it",
    ),
    speaks=bool,
)
def other_findings(scene: Scene) -> Column:
    """How many other findings the same resource has."""
    counts = Counter(f.resource_uid for f in scene.findings if counts_as_risk(f))
    return scene.per_finding(lambda f: float(counts[f.resource_uid] - counts_as_risk(f)))


@feature(
    label="worst other finding",
    unit="rank 0 (none, or info) to 4 (critical)",
    direction=Direction.RISES,
    source="the other findings of this scan on the same resource, hygiene apart",
    scope=Scope.FINDING,
    says=levels(
        {s.rank: f"another finding on it is {s.value}" for s in Severity}
        | {0: "no other finding on it is serious"}
    ),
    speaks=bool,
)
def worst_other(scene: Scene) -> Column:
    """The highest severity among the resource's other findings."""
    ranks: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for f in scene.findings:
        if counts_as_risk(f):
            ranks[f.resource_uid].append((f.severity.rank, f.uid))

    def value(finding: Finding) -> float:
        return float(
            max((r for r, uid in ranks[finding.resource_uid] if uid != finding.uid), default=0)
        )

    return scene.per_finding(value)


@feature(
    label="how common it is",
    unit="share 0 to 1",
    direction=Direction.FREE,
    source="the findings of the same check over the resources of the same type",
    scope=Scope.FINDING,
    says=share("{x} of its kind here have this finding"),
)
def prevalence(scene: Scene) -> Column:
    """Which share of the resources of its type have the same finding."""
    of_type = Counter(r.type for r in scene.resources)
    found = Counter((f.check_id, f.resource_type) for f in scene.findings)

    def value(finding: Finding) -> float:
        population = of_type[finding.resource_type]
        if not population:
            return math.nan
        return min(found[finding.check_id, finding.resource_type] / population, 1.0)

    return scene.per_finding(value)


def _leaning(value: float) -> str:
    if abs(value - 0.5) < 0.05:
        return "earlier decisions on this check are split"
    verdict = "calling it real" if value > 0.5 else "dismissing it"
    return f"earlier decisions on this check lean towards {verdict}"


@feature(
    label="earlier decisions on this check",
    unit="share judged real, 0 to 1, drawn towards one half",
    direction=Direction.RISES,
    source="decisions made before on other findings of the same check",
    scope=Scope.FINDING,
    says=_leaning,
)
def judged_real(scene: Scene) -> Column:
    """Share of earlier decisions on this check that called it real, drawn towards one half.

    A finding's own decisions are left out, so that a label never predicts itself.
    """
    history = History()
    for label in scene.labels:
        if label.labelled_at <= scene.now:
            history.add(label)
    return scene.per_finding(lambda f: history.judged_real(f.check_id, f.uid))


class History:
    """Counts what was decided so far, by check and by finding."""

    def __init__(self) -> None:
        self._of_check: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self._of_finding: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, label: Label) -> None:
        """Count a decision."""
        for tally in (self._of_check[label.check_id], self._of_finding[label.finding_uid]):
            tally[0] += 1
            tally[1] += label.verdict is Verdict.APPROVE

    def judged_real(self, check_id: str, finding_uid: str) -> float:
        """Return the share of decisions that called a check real, without one finding's own."""
        total, real = self._of_check.get(check_id, (0, 0))
        own_total, own_real = self._of_finding.get(finding_uid, (0, 0))
        n = total - own_total
        return (real - own_real + 1) / (n + 2) if n > 0 else math.nan


def _leans(of: str) -> Words:
    def says(value: float) -> str:
        verdict = "calling it real" if value > 0 else "dismissing it"
        return f"what people here said of {of} leans towards {verdict} ({value:+.1f} log-odds)"

    return says


def _remembered(scene: Scene, name: str) -> Column:
    """Build a column from what the model remembers; NaN without look-alikes that were judged."""
    if not scene.memory:
        return np.full(len(scene.findings), np.nan)
    return np.array([remembered(scene.memory, keys, name) for keys in scene.keys], dtype=np.float64)


_LEAST_SAID = 0.1  # log-odds; a smaller leaning is no reason


@feature(
    label="what people said of this check",
    unit="log-odds",
    direction=Direction.RISES,
    source="the model's memory of decisions: check and type of resource",
    scope=Scope.FINDING,
    says=_leans("this check and this kind of resource"),
    speaks=lambda value: abs(value) >= _LEAST_SAID,
)
def judged_check(scene: Scene) -> Column:
    """How past decisions on the check and the type of resource lean, in log-odds."""
    return _remembered(scene, "judged_check")


@feature(
    label="what this owner's things were called",
    unit="log-odds",
    direction=Direction.RISES,
    source="the model's memory of decisions: owner, with check and type of resource",
    scope=Scope.FINDING,
    says=_leans("this owner's findings, this check among them,"),
    speaks=lambda value: abs(value) >= _LEAST_SAID,
)
def judged_owner(scene: Scene) -> Column:
    """How past decisions on findings of the same owner lean, in log-odds."""
    return _remembered(scene, "judged_owner")


@feature(
    label="what look-alikes were called",
    unit="log-odds",
    direction=Direction.RISES,
    source="the model's memory of decisions: the resource, tags and words of names that it shares",
    scope=Scope.FINDING,
    says=_leans("resources with the same tags or names"),
    speaks=lambda value: abs(value) >= _LEAST_SAID,
)
def judged_alike(scene: Scene) -> Column:
    """How past decisions on look-alike resources lean, in log-odds."""
    return _remembered(scene, "judged_alike")
