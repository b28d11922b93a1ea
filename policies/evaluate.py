"""Evaluates policies on resources; Rego in this process, without limits: for what is trusted."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from core.types import Estate, Finding, Gap, Resource
from policies.document import Documents, may_hold_unknown, related_types
from policies.guard.engine import session
from policies.model import PolicySet
from policies.rego import evaluator_of
from policies.twins import listen, together
from policies.verdict import Heard, Worst, verdicts


def evaluate(
    policy_set: PolicySet, resources: Sequence[Resource], *, estate: Estate, now: datetime
) -> Iterator[Finding | Gap]:
    """Yield what the policies say of resources; each is seen together with its relatives.

    Nothing is yielded for a check that a resource passes. A policy that fails on a resource is a
    gap naming both.
    """
    yield from evaluate_each(policy_set, [resources], estate=estate, now=now)


def evaluate_each(
    policy_set: PolicySet,
    groups: Sequence[Sequence[Resource]],
    *,
    estate: Estate,
    now: datetime,
) -> Iterator[Finding | Gap]:
    """Yield what the policies say of groups of resources that know nothing of each other.

    Guard rules run in a process: asking about all groups at once spares one for each.
    """
    relatives = [Documents(group, estate=estate, now=now) for group in groups]
    everything = [resource for group in groups for resource in group]
    home = {
        resource.uid: documents
        for group, documents in zip(groups, relatives, strict=True)
        for resource in group
    }
    heard = listen(
        policy_set,
        everything,
        session(),
        relatives=lambda resource: home[resource.uid].related(resource),
        estate=estate,
    )
    said = (
        each
        for group, documents in zip(groups, relatives, strict=True)
        for each in _rego(policy_set, group, documents, estate=estate)
    )
    yield from together(said, heard, policy_set)


def _rego(
    policy_set: PolicySet, resources: Sequence[Resource], documents: Documents, *, estate: Estate
) -> Iterator[Finding | Gap]:
    evaluator = evaluator_of(policy_set)
    for resource_type, members in by_type(resources).items():
        policies = policy_set.for_type(resource_type)
        if not policies:
            continue
        types = related_types(policies)
        for resource in members:
            document = documents.document(resource, types)
            outcomes = evaluator.outcomes(resource_type, document, policies)
            unsure = bool(resource.unreadable) or may_hold_unknown(document)
            if not outcomes and not unsure:
                continue
            supposed = documents.at_worst(resource, types) if unsure else None
            worst = None
            if supposed is not None:
                said = evaluator.outcomes(resource_type, supposed.document, policies)
                worst = Worst(supposed, said)
            heard = Heard(resource, documents.related(resource), outcomes, unsure, worst)
            yield from verdicts(heard, policies, estate=estate)


def by_type(resources: Sequence[Resource]) -> dict[str, list[Resource]]:
    """Group resources by type, in the order they come."""
    groups: dict[str, list[Resource]] = {}
    for resource in resources:
        groups.setdefault(resource.type, []).append(resource)
    return groups
