"""Where a finding stands: whose configuration, and which part of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.types import Finding

_HOLDER, _STATEMENT, _POLICY = "holder", "statement", "policy"
"""Facts of policies about a role that something else has: whose statement, where, or which policy."""


def places(finding: Finding) -> tuple[tuple[str, str], ...]:
    """Return (resource uid, property path) of each place that makes a finding true, once each.

    Where a check on one resource is about a statement of another, the statement comes first. An
    attack path's places are those of its steps, which it tells itself.
    """
    if finding.evidence.ways:
        return ()
    found = [*_elsewhere(finding.evidence.facts)]
    found += [(finding.resource_uid, location) for location in finding.evidence.locations]
    return tuple(dict.fromkeys(found))


def _elsewhere(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed = facts.get("places")
    for each in listed if isinstance(listed, list | tuple) else [facts]:
        holder = each.get(_HOLDER) if isinstance(each, Mapping) else None
        if isinstance(holder, str):
            if isinstance(each.get(_STATEMENT), str):
                yield holder, each[_STATEMENT]
            elif _POLICY in each:
                yield holder, "ManagedPolicyArns"


def unit(location: str) -> tuple[str, ...]:
    """Return the path of the statement that a location lies in, else of the list item; else nothing."""
    steps = location.split(".")
    numbers = [n for n, step in enumerate(steps) if step.isdigit()]
    of_statements = [n for n in numbers if n and steps[n - 1] == "Statement"]
    chosen = of_statements or numbers
    return tuple(steps[: chosen[-1] + 1]) if chosen else ()
