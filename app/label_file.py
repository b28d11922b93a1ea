"""Labels as JSON lines: past triage coming in, and everything going out."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.identity import finding_uid, sha256
from core.types import Label, LabelOrigin, Verdict

_SHOWN = 20
UNNAMED = "unnamed"
"""Who said what an import names nobody for: one person, however many they were."""
_FINDING_UID = re.compile(r"[0-9a-f]{24}")
_HALF = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: JSON can spell one, and no file can hold it."""


def read(path: Path) -> tuple[Label, ...]:
    """Read a file of labels; blank lines are passed over.

    Raises: UsageError that names each line that cannot be read, with the reason. A file is taken
    whole or not at all, since nobody would go looking for the half that is missing.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is not UTF-8 text. Nothing was imported.") from error
    labels, refused = [], []
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    for number, line in lines:
        try:
            labels.append(_label(line))
        except UsageError as error:
            refused.append(f"Line {number}: {error}")
    if refused:
        raise UsageError(_refusal(refused, lines=len(lines)))
    return tuple(labels)


def record(label: Label) -> dict[str, Any]:
    """Return a label as it stands in a file."""
    return {
        "finding_uid": label.finding_uid,
        "check_id": label.check_id,
        "resource_uid": label.resource_uid,
        "verdict": label.verdict.value,
        "reason": label.reason,
        "person": label.person,
        "time": label.labelled_at.isoformat(),
        "origin": label.origin.value,
        "features": dict(label.features),
    }


def _refusal(refused: list[str], *, lines: int) -> str:
    verb = "is" if len(refused) == 1 else "are"
    left_out = len(refused) - _SHOWN
    more = [f"{left_out} more not shown."] if left_out > 0 else []
    head = f"{len(refused)} of {lines} lines {verb} refused. Nothing was imported."
    return "\n".join([head, *refused[:_SHOWN], *more])


def _label(line: str) -> Label:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError("not JSON.") from error
    if not isinstance(row, dict):
        raise UsageError("not a JSON object.")
    check_id, resource_uid = _text(row, "check_id"), _text(row, "resource_uid")
    uid, person = _finding(row, check_id, resource_uid), _text(row, "person") or UNNAMED
    return Label(
        uid=sha256(f"{uid}\n{person}")[:24],
        finding_uid=uid,
        check_id=check_id,
        resource_uid=resource_uid,
        verdict=_verdict(row),
        person=person,
        labelled_at=_time(row),
        origin=_origin(row),
        reason=_text(row, "reason"),
        features=_features(row),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or _HALF.search(value):
        raise UsageError(f"{name} is not a text.")
    return value


def _finding(row: Mapping[str, Any], check_id: str, resource_uid: str) -> str:
    given = _text(row, "finding_uid")
    if not given and not (check_id and resource_uid):
        raise UsageError("names no finding: give finding_uid, or check_id and resource_uid.")
    if given and not _FINDING_UID.fullmatch(given):
        raise UsageError("finding_uid is not the 24 hexadecimal digits of a finding.")
    known = finding_uid(check_id, resource_uid) if check_id and resource_uid else given
    if given and given != known:
        raise UsageError("finding_uid is not that of check_id and resource_uid.")
    return known


def _verdict(row: Mapping[str, Any]) -> Verdict:
    given = _text(row, "verdict")
    if given not in set(Verdict):
        raise UsageError(f"verdict is none of {', '.join(Verdict)}.")
    return Verdict(given)


def _origin(row: Mapping[str, Any]) -> LabelOrigin:
    given = _text(row, "origin") or LabelOrigin.IMPORTED
    if given not in set(LabelOrigin):
        raise UsageError(f"origin is none of {', '.join(LabelOrigin)}.")
    return LabelOrigin(given)


def _time(row: Mapping[str, Any]) -> datetime:
    try:
        when = datetime.fromisoformat(_text(row, "time"))
        if when.tzinfo is None:
            raise UsageError("time has no zone; end it with Z for UTC.")
        return when.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError("time is missing or not ISO 8601 (2026-11-01T10:00:00Z).") from error


def _features(row: Mapping[str, Any]) -> dict[str, float]:
    given = row.get("features") or {}
    if not isinstance(given, dict):
        raise UsageError("features is not an object.")
    return {name: _number(name, value) for name, value in given.items()}


def _number(name: str, value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        number = float(value) if is_number else math.nan  # type: ignore[arg-type]  # it is one
    except OverflowError:  # an integer of four hundred digits
        number = math.inf
    if not math.isfinite(number) or _HALF.search(name):
        raise UsageError("features holds something that is not a number.")
    return number
