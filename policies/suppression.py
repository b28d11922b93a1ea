"""Reads which checks a template switches off for one resource, in the resource's Metadata.

    Metadata: {guard: {SuppressedRules: [S3_BUCKET_LOGGING_ENABLED]}}
    Metadata: {guard: {SuppressedRules: [{S3_BUCKET_LOGGING_ENABLED: logs would log themselves}]}}
    Metadata: {cfn_nag: {rules_to_suppress: [{id: W35, reason: logs would log themselves}]}}

An id is that of a check here or one that a check names in its references; it holds for all checks
of the same control, whatever their language.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.types import Resource
from policies.model import Policy


def suppressed(policy: Policy, resource: Resource) -> bool:
    """Whether a template asks not to hear of a policy's control for a resource."""
    return bool(resource.metadata) and not policy.suppressed_by.isdisjoint(_ids(resource.metadata))


def with_suppressors(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    """Return policies that know by which ids each can be switched off."""
    names: dict[str, set[str]] = {}
    for policy in policies:
        names.setdefault(policy.control, set()).update((policy.check_id, *policy.references))
    return tuple(replace(each, suppressed_by=frozenset(names[each.control])) for each in policies)


def _ids(metadata: Mapping[str, Any]) -> Iterator[str]:
    for each in _items(metadata, "guard", "SuppressedRules"):
        if isinstance(each, Mapping):
            yield from map(str, each)
        else:
            yield str(each)
    for each in _items(metadata, "cfn_nag", "rules_to_suppress"):
        if isinstance(each, Mapping) and "id" in each:
            yield str(each["id"])


def _items(metadata: Mapping[str, Any], tool: str, key: str) -> Sequence[Any]:
    section = metadata.get(tool)
    found = section.get(key) if isinstance(section, Mapping) else None
    return found if isinstance(found, list | tuple) else []
