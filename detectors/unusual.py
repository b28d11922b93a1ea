"""Configurations unusual for this estate, each with the facts that make it so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.identity import finding_uid
from core.ports import Check
from core.types import Estate, Evidence, Finding, Gap, Resource, Severity, Snapshot
from detectors.fact import Fact, View
from detectors.owner import owner_of
from detectors.population import Peers, Population, build

# Below this a single resource is more than 3 % of its peers, and "unusual" means little.
MINIMUM_POPULATION = 30
# Score from which a resource is worth a look: 8.25 nats, two or three facts out of place.
MINIMUM_SCORE = 0.6
MOST_OF_A_TYPE = 0.03  # share of its peers that may be called unusual in one scan
MOST_FINDINGS = 20  # of one type in one scan
_FACTS_SHOWN = 3
_LEAST_EFFECT = 1.0  # nats; a fact that adds less explains nothing
_SURE_AT = 50.0  # peers at which half of the doubt about what is usual is gone


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource type that is looked at. Check ids are permanent."""

    check_id: str
    resource_type: str
    noun: str


KINDS: tuple[Kind, ...] = (
    Kind("PL-ANOMALY-001", "AWS::Lambda::Function", "function"),
    Kind("PL-ANOMALY-002", "AWS::IAM::Role", "role"),
    Kind("PL-ANOMALY-003", "AWS::S3::Bucket", "bucket"),
    Kind("PL-ANOMALY-004", "AWS::DynamoDB::Table", "table"),
    Kind("PL-ANOMALY-005", "AWS::SQS::Queue", "queue"),
    Kind("PL-ANOMALY-006", "AWS::SNS::Topic", "topic"),
)


def unusual_configurations(*, estate: Estate) -> Check:
    """Return a check for resources configured unlike the others of their type.

    Per type, how rare each declared fact is and how surprising given the resource's other facts
    and tags; the same snapshot gives the same findings. A type with too few resources gives one gap; a type without resources says nothing.
    """

    def check(snapshot: Snapshot) -> Iterator[Finding | Gap]:
        view = View(snapshot)
        for kind in KINDS:
            resources = [r for r in snapshot.resources if r.type == kind.resource_type]
            if 0 < len(resources) < MINIMUM_POPULATION:
                yield _too_few(kind, len(resources))
            elif resources:
                yield from _unusual(kind, resources, view, estate)

    return check


def _too_few(kind: Kind, count: int) -> Gap:
    is_one = count == 1
    return Gap(
        scope=kind.check_id,
        reason="unsupported",
        detail=(
            f"{count} {kind.noun}{'' if is_one else 's'} {'is' if is_one else 'are'} too few to say what "
            f"is usual here; {MINIMUM_POPULATION} are needed."
        ),
        resource_type=kind.resource_type,
    )


def ranked(resources: Sequence[Resource], resource_type: str, view: View) -> tuple[Population, Any]:
    """Return the population of a type and the scores of its rows."""
    from detectors.facts import ALL

    facts = [f for f in ALL if f.resource_type == resource_type]
    population = build(resources, facts, view)
    return population, population.scores


def _unusual(
    kind: Kind, resources: Sequence[Resource], view: View, estate: Estate
) -> Iterator[Finding]:
    population, scores = ranked(resources, kind.resource_type, view)
    most = min(max(int(MOST_OF_A_TYPE * len(population)), 1), MOST_FINDINGS)
    for row in np.argsort(-scores, kind="stable")[:most].tolist():
        if scores[row] < MINIMUM_SCORE:
            return
        reasons = _reasons(population, row)
        if _worth_telling(reasons):
            yield _finding(
                kind, population, row, score=float(scores[row]), reasons=reasons, estate=estate
            )


@dataclass(frozen=True, slots=True)
class _Reason:
    fact: Fact
    value: float | str
    peers: Peers

    @property
    def is_safe(self) -> bool:
        """Whether the value is on the safe side."""
        return self.value in self.fact.safe

    def says(self) -> str:
        others, count = self.peers.alike - 1, self.peers.count - 1
        among = f" {self.peers.among}" if self.peers.among else ""
        told = (
            f"no other{among} has" if not others else f"{others:,} of {count:,} others{among} have"
        )
        further = " or more extreme" if isinstance(self.value, float) else ""
        return f"{self.fact.says(self.value)} ({told} this{further})"


def _worth_telling(reasons: Sequence[_Reason]) -> bool:
    """Whether this is more than an unusual precaution."""
    told = [reason for reason in reasons if not reason.is_safe]
    return bool(told) and (told[0] is reasons[0] or any(reason.fact.matters for reason in told))


def _reasons(population: Population, row: int) -> list[_Reason]:
    """Return the facts whose value makes the row unusual, strongest first."""
    effects = population.effects[row]
    found = []
    for column in np.argsort(-effects, kind="stable")[:_FACTS_SHOWN].tolist():
        value = population.values[row][column]
        if effects[column] >= _LEAST_EFFECT and value is not None:
            found.append(_Reason(population.facts[column], value, population.peers(row, column)))
    return found


def _finding(  # noqa: PLR0913  # a finding joins what all of these know
    kind: Kind,
    population: Population,
    row: int,
    *,
    score: float,
    reasons: Sequence[_Reason],
    estate: Estate,
) -> Finding:
    resource = population.resources[row]
    peers = len(population)
    told = [reason.says() for reason in reasons]
    matters = any(reason.fact.matters and not reason.is_safe for reason in reasons)
    sure = population.known_share(row) * peers / (peers + _SURE_AT)
    return Finding(
        uid=finding_uid(kind.check_id, resource.uid),
        check_id=kind.check_id,
        control="unusual-configuration",
        title=f"{kind.noun.capitalize()} configured unlike its peers",
        severity=Severity.LOW if matters else Severity.INFO,
        resource_uid=resource.uid,
        resource_type=resource.type,
        resource_name=resource.name,
        evidence=Evidence(
            message=f"Unusual among {peers:,} {kind.noun}s here: {'; '.join(told)}.",
            facts=_facts(reasons, peers, score),
            locations=tuple(dict.fromkeys(r.fact.path for r in reasons)),
        ),
        provider=resource.provider,
        partition=resource.partition,
        account=resource.account,
        region=resource.region,
        owner=owner_of(resource, estate),
        confidence=round(sure, 2),
        remediation=(
            "Check that these settings are meant. If they are, accept the finding with the reason; "
            "the model learns from it."
        ),
        anomaly_score=round(score, 4),
        source=resource.source,
    )


def _facts(reasons: Sequence[_Reason], peers: int, score: float) -> Mapping[str, Any]:
    return {
        "peers": peers,
        "score": round(score, 4),
        "unusual": [
            {
                "fact": r.fact.name,
                "value": r.value,
                "shared_by": r.peers.alike,
                "peers": r.peers.count,
                "among": r.peers.among,
            }
            for r in reasons
        ],
    }
