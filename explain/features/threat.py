"""What is publicly known of attackers: what they exploit, and how many use what a check leaves open."""

import math
from functools import cache

import numpy as np

from core.types import Finding
from explain.feature import Column, Direction, Scope, feature
from explain.scene import Scene
from explain.sentence import counted
from explain.threat.attack import techniques_of


@feature(
    label="exploited since its last update",
    unit="vulnerabilities",
    direction=Direction.RISES,
    source="CISA's catalogue of known exploited vulnerabilities, for the runtime of a function and "
    "what AWS patches in it, since its deprecation; layers and images are not known",
    says=counted(
        none="nothing in its runtime is known to be exploited since its last security update",
        one="1 vulnerability of its runtime is known to be exploited since its last security update",
        many="{n} vulnerabilities of its runtime are known to be exploited since its last security "
        "update",
    ),
    peers=counted(
        none="run on any runtime",
        one="run on a runtime with a vulnerability that is known to be exploited",
        many="run on a runtime with {n} or more vulnerabilities that are known to be exploited",
    ),
    evidence="exploited",
    speaks=bool,
)
def exploited_since(scene: Scene) -> Column:
    """How many exploited vulnerabilities came after its last patches; not known without catalogue."""
    if scene.knowledge.exploited is None:
        return np.full(len(scene.resources), np.nan)
    return np.array(
        [math.nan if found is None else len(found) for found in scene.exploited], dtype=np.float64
    )


@feature(
    label="use by attackers",
    unit="groups and campaigns",
    direction=Direction.RISES,
    source="MITRE ATT&CK: those who are documented to use the techniques that the check's weakness "
    "opens the door to ([which](threat.md))",
    scope=Scope.FINDING,
    says=counted(
        none="no group or campaign of ATT&CK is documented to use what it opens",
        one="1 group or campaign of ATT&CK is documented to use what it opens",
        many="{n} groups and campaigns of ATT&CK are documented to use what it opens",
    ),
    evidence="techniques",
)
def actors(scene: Scene) -> Column:
    """How many use the techniques that the check guards against; not known where none fits."""
    return scene.per_finding(_actors)


def _actors(finding: Finding) -> float:
    return _actors_of(finding.control)


@cache
def _actors_of(control: str) -> float:
    found = techniques_of(control)
    return float(len({actor for each in found for actor in each.used_by})) if found else math.nan
