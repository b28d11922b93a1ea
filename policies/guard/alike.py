"""Judges live resources once that are the same in all that the rules about their type read.

cfn-guard takes milliseconds for a resource and its rules. Thousands of buckets differ in their names
and in little else: a document with one of each kind of bucket says the same of all.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from core.types import Resource
from policies.document import plain
from policies.guard.said import Said
from policies.model import ITSELF, RELATED, Policy

Kinds = Mapping[str, Sequence[Resource]]
"""By uid of the resource that stands for them: all that look like it."""


def kinds(
    resources: Sequence[Resource], policies: Sequence[Policy]
) -> tuple[list[Resource], Kinds]:
    """Return one resource of each kind, with what the rules read, and who is of its kind.

    Declared resources stand for themselves: their templates are judged as they are.
    """
    chosen: dict[str, Resource] = {}
    members: dict[str, list[Resource]] = {}
    read: dict[str, frozenset[str]] = {}
    for resource in resources:
        if resource.type not in read:
            read[resource.type] = _read(resource.type, policies)
        seen = resource if not resource.is_live else _seen(resource, read[resource.type])
        key = _key(seen) if resource.is_live else resource.uid
        chosen.setdefault(key, seen)
        members.setdefault(chosen[key].uid, []).append(resource)
    return list(chosen.values()), members


def of_all(said: Iterable[Said], members: Kinds) -> Iterator[Said]:
    """Yield of every resource what was said of the one that stands for it."""
    for each in said:
        for resource in members[each.resource.uid]:
            yield replace(each, resource=resource)


def _read(resource_type: str, policies: Sequence[Policy]) -> frozenset[str]:
    paths = (p for each in policies if each.applies_to(resource_type) for p in each.reads)
    return frozenset(
        p.split(".")[0].removesuffix(ITSELF) for p in paths if not p.startswith(RELATED)
    )


def _seen(resource: Resource, read: frozenset[str]) -> Resource:
    return replace(resource, properties={k: v for k, v in resource.properties.items() if k in read})


def _key(seen: Resource) -> str:
    told = [seen.type, seen.properties, seen.metadata, seen.unreadable]
    return json.dumps(told, default=plain, sort_keys=True)
