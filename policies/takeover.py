"""Takes over what a team decided in another tool, as exceptions whose end is to be confirmed.

Prowler's mute list: https://docs.prowler.com/user-guide/cli/tutorials/mutelist. Security Hub's
suppressed findings: `aws securityhub get-findings`, in AWS's finding format
(https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from policies.foreign_id import controls_of

DAYS = 90
"""The end that is proposed for what had none."""

_NO_REASON = "no reason was given"
_ANY = ("", "*", ".*", ".+")


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken over: exceptions as they stand in a file, and ids that nothing of ours answers."""

    exceptions: tuple[Mapping[str, Any], ...]
    unanswered: tuple[str, ...]


def foreign_rows(path: Path) -> "list[Row] | None":
    """Read a Prowler mute list or suppressed Security Hub findings; None for any other file."""
    try:
        text = path.read_text(encoding="utf-8")
        parsed = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError):
        return None
    if isinstance(parsed, dict) and isinstance(_mute_list(parsed), dict):
        return list(_prowler(_mute_list(parsed)))
    findings = _findings(parsed)
    return list(_security_hub(findings)) if findings else None


@dataclass(frozen=True, slots=True)
class Row:
    """One decision found elsewhere: whose id it names, what it covers, why."""

    foreign_id: str
    scope: Mapping[str, Any]
    reason: str
    owner: str = ""


def taken(rows: Sequence[Row], *, today: date, known: Mapping[str, Sequence[str]]) -> Taken:
    """Put decisions into the form of exceptions, numbered, unconfirmed, ending in 90 days.

    `known` maps ids in our checks' references to controls; the table of ids adds to them.
    """
    made: list[Mapping[str, Any]] = []
    unanswered: dict[str, None] = {}
    for row in rows:
        controls = {*known.get(row.foreign_id, ()), *controls_of(row.foreign_id)}
        if not controls:
            unanswered[row.foreign_id] = None
            continue
        made.append(
            {
                "id": f"TAKEN-{len(made) + 1}",
                "checks": sorted(controls),
                "scope": dict(row.scope),
                "owner": row.owner or "to be named",
                "reason": row.reason or _NO_REASON,
                "expires": today + timedelta(days=DAYS),
                "unconfirmed": True,
            }
        )
    return Taken(tuple(made), tuple(unanswered))


def as_yaml(exceptions: Sequence[Mapping[str, Any]]) -> str:
    """Return exceptions as the text of a file."""
    return yaml.safe_dump(
        {"exceptions": [dict(each) for each in exceptions]}, sort_keys=False, allow_unicode=True
    )


def _mute_list(parsed: Mapping[str, Any]) -> Any:
    return parsed.get("Mutelist") or parsed.get("Mute List") or parsed.get("Allowlist")


def _prowler(mute_list: Mapping[str, Any]) -> Iterator[Row]:
    for account, body in _map(mute_list.get("Accounts")).items():
        for check, entry in _map(_map(body).get("Checks")).items():
            entry_map = _map(entry)
            scope: dict[str, Any] = {}
            if str(account) not in _ANY:
                scope["accounts"] = [str(account)]
            if regions := _patterns(entry_map.get("Regions")):
                scope["regions"] = regions
            if resources := _patterns(entry_map.get("Resources")):
                scope["resources"] = [
                    pattern for name in resources for pattern in (name, f"*[:/]{name}")
                ]
            yield Row(
                str(check), scope or {"regions": ["?*"]}, str(entry_map.get("Description") or "")
            )


def _patterns(values: Any) -> list[str]:
    """Return Prowler's regular expressions as file-name patterns, none where all match."""
    listed = [str(each) for each in values] if isinstance(values, list) else []
    if any(each in _ANY for each in listed):
        return []
    return [each.replace(".*", "*").replace(".+", "?*").strip("^$") for each in listed]


def _findings(parsed: Any) -> list[Mapping[str, Any]]:
    listed = parsed.get("Findings") if isinstance(parsed, dict) else parsed
    found: list[Mapping[str, Any]] = (
        [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    )
    return found if any("Resources" in each and "Workflow" in each for each in found) else []


def _security_hub(findings: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    for finding in findings:
        if _map(finding.get("Workflow")).get("Status") != "SUPPRESSED":
            continue
        note = _map(finding.get("Note"))
        resources = [
            str(each["Id"]) for each in finding.get("Resources") or () if _map(each).get("Id")
        ]
        if resources:
            control = _map(finding.get("Compliance")).get("SecurityControlId")
            yield Row(
                str(control or finding.get("GeneratorId") or "").rpartition("/")[2],
                {"resources": resources},
                str(note.get("Text") or ""),
                str(note.get("UpdatedBy") or ""),
            )


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
