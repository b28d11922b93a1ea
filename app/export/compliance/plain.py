"""The compliance report as JSON and as CSV rows, one a requirement."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from app import record
from app.store.codec import to_plain
from core.compliance import Assessed, Due, Excuse, Report, Standing

COLUMNS = (
    "framework", "version", "requirement", "title", "state", "decided_by", "reason", "besides",
    "violations", "finding_ids", "resources", "undecided_ids", "exceptions", "gaps", "controls",
    "not_read", "due", "scanned_at", "reported_at", "policy_commit", "tool_version",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection"""


def document(report: Report) -> Mapping[str, Any]:
    """Return the report as one JSON-ready object."""
    return {
        "frameworks": [_framework(each, report) for each in report.frameworks],
        "gaps": [record.gap(each) for each in report.gaps],
        "summary": {
            "reported_at": report.made_at.isoformat(),
            "scanned_at": report.scanned_at.isoformat(),
            "scan": report.scan_uid,
            "resources": report.resources,
            "coverage": to_plain(report.coverage),
            "policy_commit": report.policy_commit,
            "scanned_with_policy_commit": report.scanned_with or None,
            "rules_changed_since_scan": report.rules_changed,
            "tool_version": report.version,
            "due_within_days": report.due_within_days,
        },
    }


def _framework(assessed: Assessed, report: Report) -> Mapping[str, Any]:
    baseline = assessed.baseline
    due = report.due_for(baseline.framework)
    return {
        "framework": baseline.framework,
        "title": baseline.title,
        "version": baseline.version,
        "source": baseline.source,
        "scope": baseline.scope,
        "counts": {state.value: count for state, count in assessed.counts.items()},
        "requirements": [
            _requirement(each, due.get(each.requirement.id, ())) for each in assessed.standings
        ],
    }


def _requirement(each: Standing, due: tuple[Due, ...]) -> Mapping[str, Any]:
    asked = each.requirement
    return {
        "id": asked.id,
        "title": asked.title,
        "state": each.state.value,
        "decided_by": asked.decided_by.value,
        "reason": asked.reason,
        "besides": asked.besides,
        "findings": [card.finding.uid for card in each.violations],
        "undecided": [finding.uid for finding in each.doubts],
        "exceptions": [_excuse(excuse) for excuse in each.excuses],
        "gaps": [f"{gap.scope} {gap.reason}" for gap in each.gaps],
        "controls": list(asked.controls),
        "applied": list(each.applied),
        "not_read": list(each.unread),
        "due": [
            {
                "check_id": one.finding.check_id,
                "resource_uid": one.finding.resource_uid,
                "on": one.on.date().isoformat(),
            }
            for one in due
        ],
    }


def _excuse(each: Excuse) -> Mapping[str, Any]:
    return {
        "finding": each.finding.uid,
        "reason": each.reason,
        "by": each.by,
        "until": each.until.isoformat() if each.until else None,
    }


def rows(report: Report) -> str:
    """Return the report as CSV with a header, one row a requirement. Formulas are defused."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    for assessed in report.frameworks:
        for cells in _rows(assessed, report):
            writer.writerow([_inert(str(cells[column])) for column in COLUMNS])
    return text.getvalue()


def _rows(assessed: Assessed, report: Report) -> Iterator[Mapping[str, Any]]:
    due = report.due_for(assessed.baseline.framework)
    for each in assessed.standings:
        asked = each.requirement
        yield {
            "framework": assessed.baseline.framework,
            "version": assessed.baseline.version,
            "requirement": asked.id,
            "title": asked.title,
            "state": each.state.words,
            "decided_by": asked.decided_by.value,
            "reason": asked.reason,
            "besides": asked.besides,
            "violations": len(each.violations),
            "finding_ids": " ".join(card.finding.uid for card in each.violations),
            "resources": _joined(card.finding.resource_uid for card in each.violations),
            "undecided_ids": " ".join(finding.uid for finding in each.doubts),
            "exceptions": _joined(map(_excused, each.excuses)),
            "gaps": _joined(f"{gap.scope} {gap.reason}" for gap in each.gaps),
            "controls": " ".join(asked.controls),
            "not_read": " ".join(each.unread),
            "due": _joined(
                f"{one.finding.check_id} {one.finding.resource_uid} on {one.on.date()}"
                for one in due.get(asked.id, ())
            ),
            "scanned_at": report.scanned_at.isoformat(),
            "reported_at": report.made_at.isoformat(),
            "policy_commit": report.policy_commit,
            "tool_version": report.version,
        }


def _excused(each: Excuse) -> str:
    until = f"until {each.until.date()}" if each.until else "without an end"
    return f"{each.finding.uid} {until}: {each.reason}"


def _joined(parts: Iterator[str]) -> str:
    return "; ".join(dict.fromkeys(parts))


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
