"""What else was found, and what people decided before; never anything decided later."""

import math
from collections import Counter, defaultdict

from core.types import Finding, Severity, Verdict
from explain.feature import Column, Direction, Scope, feature
from explain.features.rule import counts_as_risk
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
    real: Counter[str] = Counter()
    total: Counter[str] = Counter()
    own_real: Counter[str] = Counter()
    own_total: Counter[str] = Counter()
    for label in scene.labels:
        if label.labelled_at > scene.now:
            continue
        approved = label.verdict is Verdict.APPROVE
        total[label.check_id] += 1
        real[label.check_id] += approved
        own_total[label.finding_uid] += 1
        own_real[label.finding_uid] += approved

    def value(finding: Finding) -> float:
        n = total[finding.check_id] - own_total[finding.uid]
        if n <= 0:
            return math.nan
        return (real[finding.check_id] - own_real[finding.uid] + 1) / (n + 2)

    return scene.per_finding(value)
