"""Judges resources once that are the same in all that the rules about their type read.

cfn-guard takes milliseconds for a resource and its rules. Thousands of buckets differ in their names
and in little else: what is said of one of each kind of bucket holds for all.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from core.types import Resource
from policies.document import plain
from policies.guard.document import GuardDocument, alone
from policies.model import ITSELF, RELATED, Policy
from policies.said import Said

Kinds = Mapping[str, Sequence[Resource]]
"""By uid of the resource that stands for them: all that look like it."""


def kinds(
    resources: Iterable[Resource], policies: Sequence[Policy]
) -> tuple[list[GuardDocument], Kinds]:
    """Return a document for each kind of resource that policies are about, and who is of its kind."""
    documents: dict[tuple[str, ...], GuardDocument] = {}
    members: dict[tuple[str, ...], list[Resource]] = {}
    about = cache(lambda kind: any(policy.applies_to(kind) for policy in policies))
    concerned = [each for each in resources if about(each.type)]
    for resource, document in alone(concerned, cache(lambda kind: _read(kind, policies))):
        key = _key(resource, document)
        documents.setdefault(key, document)
        members.setdefault(key, []).append(resource)
    return list(documents.values()), {found[0].uid: found for found in members.values()}


def of_all(said: Iterable[Said], members: Kinds) -> Iterator[Said]:
    """Yield of every resource what was said of the one that stands for it."""
    for each in said:
        for resource in members[each.resource.uid]:
            yield Said(each.policy, resource, each.violations, each.not_known)


def _read(resource_type: str, policies: Sequence[Policy]) -> frozenset[str]:
    paths = (p for each in policies if each.applies_to(resource_type) for p in each.reads)
    return frozenset(
        p.split(".")[0].removesuffix(ITSELF) for p in paths if not p.startswith(RELATED)
    )


def _key(resource: Resource, document: GuardDocument) -> tuple[str, ...]:
    """Return all that a verdict depends on: the document, and what makes its silence no proof."""
    unreadable = (
        json.dumps(resource.unreadable, default=plain, sort_keys=True)
        if resource.unreadable
        else ""
    )
    return (document.text, unreadable, str(resource.partial))
