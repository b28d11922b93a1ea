"""AWS Security Finding Format, as BatchImportFindings takes it.

Source: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from core.types import Card, Severity, Status

_LABEL = {Severity.INFO: "INFORMATIONAL"}
_WORKFLOW = {Status.OPEN: "NEW", Status.UNKNOWN: "NEW", Status.FIXED: "RESOLVED"}
_COMPLIANCE = {Status.FIXED: "PASSED", Status.UNKNOWN: "NOT_AVAILABLE"}


def document(cards: Sequence[Card], *, at: datetime) -> dict[str, Any]:
    """Return `{"Findings": [...]}`; Security Hub takes at most 100 of them a call."""
    return {"Findings": [_finding(card, at) for card in cards]}


def _finding(card: Card, at: datetime) -> dict[str, Any]:
    found = card.finding
    product = f"{found.account}/default"
    types = {
        "Type": found.resource_type.replace("::", "").replace("AWS", "Aws", 1),
        "Id": found.resource_uid,
        "Partition": found.partition,
        "Region": found.region,
    }
    return {
        "SchemaVersion": "2018-10-08",
        "Id": found.uid,
        "ProductArn": (
            f"arn:{found.partition}:securityhub:{found.region}:{found.account}:product/{product}"
        ),
        "GeneratorId": found.check_id,
        "AwsAccountId": found.account,
        "Types": ["Software and Configuration Checks/AWS Security Best Practices"],
        "FirstObservedAt": _text(found.first_seen or at),
        "CreatedAt": _text(found.first_seen or at),
        "UpdatedAt": _text(found.last_seen or at),
        "Severity": {"Label": _LABEL.get(found.severity, found.severity.value.upper())},
        "Title": found.title[:256],
        "Description": (found.evidence.message or found.title)[:1024],
        "Remediation": {"Recommendation": {"Text": found.remediation[:512] or found.title[:512]}},
        "Resources": [types],
        "Compliance": {
            "Status": _COMPLIANCE.get(found.status, "FAILED"),
            "RelatedRequirements": [
                f"{name} {each}"[:64] for name, ids in found.compliance.items() for each in ids
            ][:32],
        },
        "Workflow": {"Status": _WORKFLOW.get(found.status, "SUPPRESSED")},
        "RecordState": "ACTIVE" if found.status is not Status.FIXED else "ARCHIVED",
        "ProductFields": {
            "plumbline/risk": f"{card.assessment.risk:.2f}" if card.assessment else "",
            "plumbline/owner": found.owner or "",
        },
    }


def _text(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
