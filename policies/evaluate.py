"""Evaluates policies on resources; Rego in this process, without limits: for what is trusted."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from core.garbage import collection_paused
from core.types import Estate, Finding, Gap, Resource
from policies.guard.engine import session
from policies.hearing import Ask, Hearing, Wanted
from policies.model import Outcome, PolicySet
from policies.rego import evaluator_of
from policies.said import Said
from policies.twins import together

_BATCH = 1000


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
    with collection_paused():
        found = _evaluated(policy_set, groups, estate=estate, now=now)
    yield from found


def _evaluated(
    policy_set: PolicySet,
    groups: Sequence[Sequence[Resource]],
    *,
    estate: Estate,
    now: datetime,
) -> list[Finding | Gap]:
    hearings = [Hearing(policy_set, group, estate, now, _ask_here(policy_set)) for group in groups]
    everything = [resource for group in groups for resource in group]
    home = {
        id(resource): hearing
        for group, hearing in zip(groups, hearings, strict=True)
        for resource in group
    }
    said = (
        each
        for group, hearing in zip(groups, hearings, strict=True)
        for each in _rego(policy_set, group, hearing)
    )
    found = together(
        said,
        policy_set,
        everything,
        session(),
        judged=lambda resource: home[id(resource)].judged(resource),
    )
    return list(found)


def _rego(
    policy_set: PolicySet, resources: Sequence[Resource], hearing: Hearing
) -> Iterator[Said | Gap]:
    for resource_type, members in by_type(resources).items():
        if policy_set.for_type(resource_type):
            for start in range(0, len(members), _BATCH):
                yield from hearing.judge(members[start : start + _BATCH])


def _ask_here(policy_set: PolicySet) -> Ask:
    evaluator = evaluator_of(policy_set)

    def ask(wanted: Wanted) -> dict[tuple[str, str], Outcome]:
        return {
            (check_id, document): outcome
            for document, policies in wanted.items()
            for check_id, outcome in evaluator.outcomes(document, policies).items()
        }

    return ask


def by_type(resources: Sequence[Resource]) -> dict[str, list[Resource]]:
    """Group resources by type, in the order they come."""
    groups: dict[str, list[Resource]] = {}
    for resource in resources:
        groups.setdefault(resource.type, []).append(resource)
    return groups
