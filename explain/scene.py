"""Everything the features look at, read once per snapshot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import numpy as np

import graph
from core import alike
from core.types import CostImpact, Estate, Finding, Label, Resource, Snapshot
from explain.feature import Column, Scope, declared
from explain.knowledge import NOTHING, Knowledge
from explain.memory import Memory
from explain.runtime import deprecated_on
from explain.threat import attack
from explain.threat.kev import Exploited
from graph import Exposure, Reach, iam
from graph.iam import Permissions
from graph.path import Paths, attack_paths

FUNCTION = "AWS::Lambda::Function"
ROLE = "AWS::IAM::Role"
_IDENTITIES = (ROLE, "AWS::IAM::User")

_WHOLE: Mapping[str, str] = {
    "AWS::ApiGateway::Method": "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage": "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Route": "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage": "AWS::ApiGatewayV2::Api",
    "AWS::Lambda::Alias": FUNCTION,
    "AWS::Lambda::EventInvokeConfig": FUNCTION,
    "AWS::Lambda::EventSourceMapping": FUNCTION,
    "AWS::Lambda::Permission": FUNCTION,
    "AWS::Lambda::Url": FUNCTION,
    "AWS::S3::BucketPolicy": "AWS::S3::Bucket",
    "AWS::SNS::TopicPolicy": "AWS::SNS::Topic",
    "AWS::SQS::QueuePolicy": "AWS::SQS::Queue",
}
"""Types that configure another resource, and what they configure."""

_FOREIGN = 2  # from this level on somebody outside the account gets in, and why is worth quoting


def known(exposure: Exposure) -> bool:
    """Whether an exposure was decided: nobody found, by policies that could all be read."""
    return exposure.level > 0 or exposure == graph.UNREACHED or exposure.authenticated is not None


@dataclass(frozen=True)
class Scene:
    """Findings and the estate they stand in. Rows of `Scope.RESOURCE` follow `resources`."""

    findings: Sequence[Finding]
    snapshot: Snapshot
    costs: Mapping[str, CostImpact]
    labels: Sequence[Label]
    estate: Estate
    now: datetime
    memory: Memory = field(default_factory=dict)
    knowledge: Knowledge = NOTHING

    @property
    def resources(self) -> tuple[Resource, ...]:
        """The snapshot's resources."""
        return self.snapshot.resources

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Row of each resource by uid."""
        return {r.uid: row for row, r in enumerate(self.resources)}

    @cached_property
    def rows(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """For each finding the row of its resource, -1 where the snapshot lacks it."""
        return np.array([self.row_of.get(f.resource_uid, -1) for f in self.findings], dtype=np.intp)

    @cached_property
    def whole_rows(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """For each finding the row of the whole that its resource is a part of, -1 for none."""
        return np.array(
            [self._whole_row(self.resources[row]) if row >= 0 else -1 for row in self.rows],
            dtype=np.intp,
        )

    def _whole_row(self, resource: Resource) -> int:
        whole = _WHOLE.get(resource.type)
        for edge in self.relations.outgoing(resource) if whole else ():
            if edge.target.type == whole:
                return self.row_of[edge.target.uid]
        return -1

    @cached_property
    def keys(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """By what look-alikes of each finding are found."""
        return tuple(
            alike.keys(self.about(row), check_id=f.check_id, resource_uid=f.resource_uid)
            for row, f in enumerate(self.findings)
        )

    def about(self, row: int) -> Mapping[str, str]:
        """Return what a finding belongs to, as its label would keep it."""
        finding = self.findings[row]
        own, whole = self.rows[row], self.row_of.get(finding.resource_uid.partition("|")[0], -1)
        tags = self.resources[own].tags if own >= 0 else {}
        if not tags and whole >= 0:
            tags = self.resources[whole].tags
        return alike.about(
            owner=finding.owner,
            resource_type=finding.resource_type,
            tags=tags,
        )

    @cached_property
    def relations(self) -> graph.Relations:
        """Who refers to whom."""
        return graph.relate(self.resources)

    @cached_property
    def exposures(self) -> tuple[Exposure, ...]:
        """Who can reach each resource."""
        return tuple(graph.exposure(r, self.relations) for r in self.resources)

    @cached_property
    def reach(self) -> Mapping[str, Reach]:
        """What each resource can reach through its role."""
        return graph.reach(self.snapshot, estate=self.estate)

    @cached_property
    def paths(self) -> Paths:
        """The ways from outside to sensitive data and administrator rights."""
        return attack_paths(self.snapshot, estate=self.estate, relations=self.relations)

    @cached_property
    def permissions(self) -> tuple[Permissions | None, ...]:
        """What each resource may do, itself or through its role; None where it has no identity."""
        known: dict[str, Permissions] = {}
        return tuple(self._permissions(r, known) for r in self.resources)

    def _permissions(self, resource: Resource, known: dict[str, Permissions]) -> Permissions | None:
        role = resource if resource.type in _IDENTITIES else self._role(resource)
        if role is None:
            return None
        if role.uid not in known:
            known[role.uid] = iam.permissions(role, self.relations)
        return known[role.uid]

    def _role(self, resource: Resource) -> Resource | None:
        edges = self.relations.outgoing(resource)
        return next((e.target for e in edges if e.target.type == ROLE), None)

    @cached_property
    def evidence(self) -> Mapping[str, tuple[str, ...]]:
        """Texts that features quote, one a row of theirs; empty where there is nothing to add."""
        told = (e.level >= _FOREIGN or not known(e) for e in self.exposures)
        return {
            "exposure": tuple(
                e.why if t else "" for e, t in zip(self.exposures, told, strict=True)
            ),
            "exploited": tuple(map(self._exploited_words, self.exploited)),
            "techniques": tuple(attack.words(f.control) for f in self.findings),
        }

    def _exploited_words(self, found: tuple[Exploited, ...] | None) -> str:
        catalogue = self.knowledge.exploited
        return catalogue.words(found) if catalogue and found else ""

    @cached_property
    def exploited(self) -> tuple[tuple[Exploited, ...] | None, ...]:
        """What is known to be exploited of each function's runtime since AWS stopped patching it."""
        today, known = self.now.astimezone(UTC).date(), self.knowledge.exploited
        return tuple(
            None
            if known is None or (ended := deprecated_on(r)) is None
            else known.since(str(r.properties["Runtime"]), patched_until=ended, today=today)
            for r in self.resources
        )

    def per_resource(self, value: Callable[[Resource], float]) -> Column:
        """Build a column from a function of one resource."""
        return np.fromiter(map(value, self.resources), dtype=np.float64, count=len(self.resources))

    def per_resource_row(self, value: Callable[[int], float]) -> Column:
        """Build a column from a function of a resource's row."""
        n = len(self.resources)
        return np.fromiter(map(value, range(n)), dtype=np.float64, count=n)

    def per_finding(self, value: Callable[[Finding], float]) -> Column:
        """Build a column from a function of one finding."""
        return np.fromiter(map(value, self.findings), dtype=np.float64, count=len(self.findings))

    def gather(self, column: Column) -> Column:
        """Spread a column over resources onto the findings; NaN where the resource is missing.

        What a part does not say (a function URL has no role) is what its whole says.
        """
        padded = np.append(column, np.nan)
        own = padded[self.rows]
        return np.where(np.isnan(own), padded[self.whole_rows], own)

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Every declared feature's own column, in its own scope."""
        return {f.name: f.compute(self) for f in declared()}

    @cached_property
    def matrix(self) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """Findings x features, float64, NaN for what is not known."""
        columns = [
            self.columns[f.name] if f.scope is Scope.FINDING else self.gather(self.columns[f.name])
            for f in declared()
        ]
        return np.ascontiguousarray(np.column_stack(columns))
