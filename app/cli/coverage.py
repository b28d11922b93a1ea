"""What baselines cover, as records and rows: how many requirements have checks, and why others have none."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from core.compliance import Baseline, DecidedBy, Requirement

if TYPE_CHECKING:
    from policies import PolicySet

EVERY = (
    "framework", "version", "requirements", "with checks", "people decide", "no check yet",
    "not serverless", "checks",
)  # fmt: skip
ONE = ("requirement", "decided by", "checks", "title", "reason")


def record(baseline: Baseline, policy_set: "PolicySet") -> dict[str, Any]:
    """Return a baseline with the check ids of each requirement."""
    counted = _counted(baseline)
    checks = {each.id: _checks(each, policy_set) for each in baseline.requirements}
    return {
        "framework": baseline.framework,
        "title": baseline.title,
        "version": baseline.version,
        "source": baseline.source,
        "scope": baseline.scope,
        "counts": {by.value: counted[by] for by in DecidedBy},
        "requirements": [
            {
                "id": each.id,
                "title": each.title,
                "decided_by": each.decided_by.value,
                "controls": list(each.controls),
                "checks": checks[each.id],
                "reason": each.reason,
                "besides": each.besides,
            }
            for each in baseline.requirements
        ],
    }


def row(baseline: Baseline, policy_set: "PolicySet") -> list[str]:
    """Return a framework's line."""
    counted = _counted(baseline)
    checks = {check for each in baseline.requirements for check in _checks(each, policy_set)}
    numbers = (len(baseline.requirements), *(counted[by] for by in DecidedBy), len(checks))
    return [baseline.framework, baseline.version, *map(str, numbers)]


def rows(baseline: Baseline, policy_set: "PolicySet") -> list[list[str]]:
    """Return a line for each requirement."""
    return [
        [
            each.id,
            each.decided_by.value.replace("_", " "),
            str(len(_checks(each, policy_set)) or ""),
            each.title,
            each.reason or (f"left to people: {each.besides}" if each.besides else ""),
        ]
        for each in baseline.requirements
    ]


def _counted(baseline: Baseline) -> Counter[DecidedBy]:
    return Counter(each.decided_by for each in baseline.requirements)


def _checks(each: Requirement, policy_set: "PolicySet") -> list[str]:
    asked = set(each.controls)
    return [policy.check_id for policy in policy_set.policies if policy.control in asked]
