"""What the rule itself says of a finding."""

import math

from core.types import Finding, Severity
from explain.feature import Column, Direction, Scope, feature
from explain.scene import Scene
from explain.sentence import counted, levels, share


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


@feature(
    label="controls touched",
    unit="controls",
    direction=Direction.FREE,
    source="the frameworks that the rule maps to",
    scope=Scope.FINDING,
    says=counted(
        none="no control of a framework asks for it",
        one="1 control of a framework asks for it",
        many="{n} controls of frameworks ask for it",
    ),
)
def controls(scene: Scene) -> Column:
    """How many controls of all frameworks the rule stands for."""
    return scene.per_finding(lambda f: float(sum(map(len, f.compliance.values()))))


@feature(
    label="frameworks touched",
    unit="frameworks",
    direction=Direction.FREE,
    source="the frameworks that the rule maps to",
    scope=Scope.FINDING,
    says=counted(
        none="no framework asks for it",
        one="1 framework asks for it",
        many="{n} frameworks ask for it",
    ),
)
def frameworks(scene: Scene) -> Column:
    """How many frameworks have a control that the rule stands for."""
    return scene.per_finding(lambda f: float(sum(map(bool, f.compliance.values()))))


@feature(
    label="places",
    unit="places in the configuration",
    direction=Direction.FREE,
    source="the check's evidence",
    scope=Scope.FINDING,
    says=counted(
        none="the check names no single place",
        one="it is wrong in 1 place",
        many="it is wrong in {n} places",
    ),
    speaks=bool,
)
def places(scene: Scene) -> Column:
    """In how many places of the configuration the check found it."""
    return scene.per_finding(lambda f: float(len(f.evidence.locations)))


def counts_as_risk(finding: Finding) -> bool:
    """Whether another finding of the same resource says something of this one's risk."""
    return not finding.hygiene and finding.anomaly_score is None
