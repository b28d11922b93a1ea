"""SARIF 2.1.0, for code review tools.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from core.types import Card, Exemption, Severity, Status

_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SECURITY_SEVERITY = {  # GitHub's bands: over 9.0 critical, 7.0 high, 4.0 medium
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "1.0",
}

_KIND = {Status.UNKNOWN: "review", Status.FIXED: "pass"}


def document(cards: Sequence[Card], *, at: datetime) -> dict[str, Any]:
    """Return one run with a rule for each check and a result for each finding."""
    rules = {card.finding.check_id: _rule(card) for card in cards}
    index = {check_id: number for number, check_id in enumerate(rules)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "Plumbline",
                        "version": version("plumbline"),
                        "rules": list(rules.values()),
                    }
                },
                "invocations": [
                    {
                        "executionSuccessful": True,
                        "endTimeUtc": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    }
                ],
                "results": [_result(card, index) for card in cards],
            }
        ],
    }


def _rule(card: Card) -> dict[str, Any]:
    found = card.finding
    return {
        "id": found.check_id,
        "name": found.control,
        "shortDescription": {"text": found.title},
        "help": {"text": found.remediation or found.title},
        "defaultConfiguration": {"level": _LEVEL[found.severity]},
        "properties": {
            "tags": ["security"],
            "security-severity": _SECURITY_SEVERITY[found.severity],
        },
    }


def _result(card: Card, index: dict[str, int]) -> dict[str, Any]:
    found = card.finding
    result: dict[str, Any] = {
        "ruleId": found.check_id,
        "ruleIndex": index[found.check_id],
        "level": _LEVEL[found.severity],
        "kind": _KIND.get(found.status, "fail"),
        "message": {"text": found.evidence.message or found.title},
        "partialFingerprints": {"plumblineFinding/v1": found.uid},
        "locations": [_location(card)],
    }
    if found.status in _KIND:
        result["level"] = "none"  # SARIF 3.27.10: a result that is not "fail" has level none
    if found.status in (Status.SUPPRESSED, Status.ACCEPTED, Status.SNOOZED):
        result["suppressions"] = [_suppression(found.exemption)]
    if card.assessment:
        result["rank"] = round(card.assessment.risk, 2)
    return result


def _suppression(exemption: Exemption | None) -> dict[str, Any]:
    if exemption is None:
        return {"kind": "external"}
    in_source = exemption.until is None
    said = f"{exemption.uid}: {exemption.reason}"
    return {"kind": "inSource" if in_source else "external", "justification": said}


def _location(card: Card) -> dict[str, Any]:
    span = card.finding.source
    logical = [{"fullyQualifiedName": card.finding.resource_uid}]
    if span is None:
        return {"logicalLocations": logical}
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(span.file.replace("\\", "/"))},
            "region": {"startLine": span.start_line, "endLine": span.end_line},
        },
        "logicalLocations": logical,
    }
