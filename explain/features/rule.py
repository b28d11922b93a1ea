"""What the rule itself says of a finding."""

import math

from core.types import Finding, Severity
from explain.feature import Column, Direction, Scope, feature
from explain.scene import Scene
from explain.sentence import levels, share


@feature(
    label="severity",
    unit="rank 0 (info) to 4 (critical)",
    direction=Direction.RISES,
    source="the rule's severity",
    scope=Scope.FINDING,
    says=levels({s.rank: f"{s.value} by rule" for s in Severity}),
)
def severity(scene: Scene) -> Column:
    """How bad the harm could be, by rule."""
    return scene.per_finding(lambda f: float(f.severity.rank))


@feature(
    label="confidence",
    unit="share 0 to 1",
    direction=Direction.RISES,
    source="the check that found it",
    scope=Scope.FINDING,
    says=share("the check is {x} sure of what it saw"),
    speaks=lambda value: value < 1,
)
def confidence(scene: Scene) -> Column:
    """How sure the check is of what it saw."""
    return scene.per_finding(lambda f: f.confidence)


@feature(
    label="hygiene",
    unit="0 or 1",
    direction=Direction.FALLS,
    source="the rule's metadata",
    scope=Scope.FINDING,
    says=levels({0: "it is more than housekeeping", 1: "it is housekeeping, no harm by itself"}),
    speaks=bool,
)
def hygiene(scene: Scene) -> Column:
    """Whether the rule is about order rather than about harm."""
    return scene.per_finding(lambda f: float(f.hygiene))


@feature(
    label="unusual here",
    unit="score 0 to 1",
    direction=Direction.RISES,
    source="the detector of unusual configurations: the highest score on the resource",
    scope=Scope.FINDING,
    says=share("its configuration is unusual for this estate (score {x})"),
    speaks=bool,
)
def anomaly_score(scene: Scene) -> Column:
    """How unusual the resource's configuration is among its peers; 0 where nothing was seen."""
    highest: dict[str, float] = {}
    for f in scene.findings:
        if f.anomaly_score is not None:
            highest[f.resource_uid] = max(highest.get(f.resource_uid, 0.0), f.anomaly_score)
    return scene.per_finding(lambda f: highest.get(f.resource_uid, 0.0 if highest else math.nan))


def counts_as_risk(finding: Finding) -> bool:
    """Whether another finding of the same resource says something of this one's risk."""
    return not finding.hygiene and finding.anomaly_score is None
