"""OCSF 1.5 Compliance Finding (class 2003).

Source: https://schema.ocsf.io/1.5.0/classes/compliance_finding
"""

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

from core.types import Card, Finding, Severity, Status

_SEVERITY_ID = {
    Severity.INFO: 1,
    Severity.LOW: 2,
    Severity.MEDIUM: 3,
    Severity.HIGH: 4,
    Severity.CRITICAL: 5,
}
_STATUS_ID = {  # 1 new, 3 suppressed, 4 resolved
    Status.OPEN: (1, "New"),
    Status.UNKNOWN: (1, "New"),
    Status.SNOOZED: (3, "Suppressed"),
    Status.SUPPRESSED: (3, "Suppressed"),
    Status.ACCEPTED: (3, "Suppressed"),
    Status.FIXED: (4, "Resolved"),
}


def document(cards: Sequence[Card], *, at: datetime) -> list[dict[str, Any]]:
    """Return one Compliance Finding a card."""
    return [_finding(card, at) for card in cards]


def _finding(card: Card, at: datetime) -> dict[str, Any]:
    found = card.finding
    status_id, status = _STATUS_ID[found.status]
    activity_id, activity = _activity(found)
    failed = found.status not in (Status.FIXED, Status.UNKNOWN)
    return {
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "activity_id": activity_id,
        "activity_name": activity,
        "type_uid": 200300 + activity_id,
        "time": int(at.timestamp() * 1000),
        "severity_id": _SEVERITY_ID[found.severity],
        "severity": found.severity.value.capitalize(),
        "status_id": status_id,
        "status": status,
        "message": found.evidence.message,
        "metadata": {
            "version": "1.5.0",
            "profiles": ["cloud"],  # the profile that brings the `cloud` object
            "product": {
                "name": "Plumbline",
                "vendor_name": "Plumbline",
                "version": version("plumbline"),
            },
        },
        "finding_info": {
            "uid": found.uid,
            "title": found.title,
            "desc": found.evidence.message,
            "types": [found.check_id],
            **({"first_seen_time": _ms(found.first_seen)} if found.first_seen else {}),
            **({"last_seen_time": _ms(found.last_seen)} if found.last_seen else {}),
        },
        "compliance": {
            "control": found.control,
            "standards": sorted(found.compliance),
            "requirements": [each for ids in found.compliance.values() for each in ids],
            "status_id": 3 if failed else 1 if found.status is Status.FIXED else 0,
        },
        "resources": [
            {
                "uid": found.resource_uid,
                "name": found.resource_name,
                "type": found.resource_type,
                **({"region": found.region} if found.region else {}),
                "cloud_partition": found.partition,
                **({"owner": {"name": found.owner}} if found.owner else {}),
            }
        ],
        "cloud": {
            "provider": found.provider.upper(),
            **({"region": found.region} if found.region else {}),
            **({"account": {"uid": found.account}} if found.account else {}),
        },
        "remediation": {"desc": found.remediation},
        "unmapped": {"risk": card.assessment.risk if card.assessment else None},
    }


def _activity(found: Finding) -> tuple[int, str]:
    if found.status is Status.FIXED:
        return 3, "Close"
    return (1, "Create") if found.first_seen == found.last_seen else (2, "Update")


def _ms(when: datetime) -> int:
    return int(when.timestamp() * 1000)
