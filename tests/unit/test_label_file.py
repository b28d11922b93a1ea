"""Labels as JSON lines: what is taken, and what each refusal says."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.label_file import read, record
from core.errors import UsageError
from core.identity import finding_uid
from core.types import LabelOrigin, Verdict

ROW = {
    "check_id": "PL-S3-001",
    "resource_uid": "arn:aws:s3:::a",
    "verdict": "false_positive",
    "reason": "public website",
    "person": "dana",
    "time": "2026-11-01T10:00:00Z",
}
UID = finding_uid(ROW["check_id"], ROW["resource_uid"])


def wrote(path: Path, *rows: Mapping[str, Any] | str) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    file = path / "labels.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_a_label_names_its_finding_by_check_and_resource(tmp_path: Path) -> None:
    [label] = read(wrote(tmp_path, "", ROW, "  "))

    assert (label.finding_uid, label.verdict) == (UID, Verdict.FALSE_POSITIVE)
    assert label.labelled_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert label.origin is LabelOrigin.IMPORTED


def test_a_label_names_its_finding_by_uid_alone(tmp_path: Path) -> None:
    row = {"finding_uid": UID, "verdict": "approve", "person": "dana", "time": ROW["time"]}

    [label] = read(wrote(tmp_path, row))

    assert (label.finding_uid, label.check_id, label.reason) == (UID, "", "")


@pytest.mark.parametrize("person", [None, ""])
def test_labels_of_nobody_are_all_of_one_person(tmp_path: Path, person: str | None) -> None:
    [label] = read(wrote(tmp_path, {**ROW, "person": person}))

    assert label.person == "unnamed"


def test_what_goes_out_comes_back_the_same(tmp_path: Path) -> None:
    [label] = read(wrote(tmp_path, {**ROW, "features": {"severity": 3, "age_days": 1.5}}))

    assert read(wrote(tmp_path, record(label))) == (label,)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"verdict": "maybe"}, "verdict is none of approve, false_positive"),
        ({"verdict": None}, "verdict is none of"),
        ({"person": 7}, "person is not a text"),
        ({"person": "\ud800"}, "person is not a text"),
        ({"time": "yesterday"}, "time is missing or not ISO 8601"),
        ({"time": "2026-11-01T10:00:00"}, "time has no zone"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "time is missing or not ISO 8601"),
        ({"resource_uid": None}, "names no finding"),
        ({"finding_uid": "0" * 24}, "not that of check_id and resource_uid"),
        ({"finding_uid": "ab12"}, "not the 24 hexadecimal digits"),
        ({"origin": "hearsay"}, "origin is none of"),
        ({"features": [1]}, "features is not an object"),
        ({"features": {"severity": "high"}}, "not a number"),
        ({"features": {"severity": True}}, "not a number"),
        ({"features": {"severity": 10**400}}, "not a number"),
        ({"features": {"severity": float("nan")}}, "not a number"),
    ],
)
def test_a_line_that_is_no_label_is_refused_with_its_reason(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UsageError, match=reason) as refused:
        read(wrote(tmp_path, ROW, {**ROW, **change}))

    assert "1 of 2 lines is refused. Nothing was imported.\nLine 2: " in str(refused.value)


def test_every_refused_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        read(wrote(tmp_path, "{", ROW, "[]", *["null"] * 30))

    said = str(refused.value).splitlines()
    assert said[:3] == [
        "32 of 33 lines are refused. Nothing was imported.",
        "Line 1: not JSON.",
        "Line 3: not a JSON object.",
    ]
    assert said[-1] == "12 more not shown."


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_bytes(b"\xff\xfe{")

    with pytest.raises(UsageError, match=r"labels.jsonl is not UTF-8 text. Nothing was imported."):
        read(file)


@given(st.text())
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    file.write_text(text, encoding="utf-8")

    try:
        assert read(file) == ()
    except UsageError as refused:
        assert "Nothing was imported." in str(refused)  # noqa: PT017  # either is right
