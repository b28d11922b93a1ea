"""How records are printed for programs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.output import write_json


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"findings": [], "gaps": [{}], "summary": {}},
        {"findings": [{"uid": "a", "facts": {"x": [1, None]}}, {"uid": "b"}], "summary": {"n": 2}},
        [{"class_uid": 2003}, {"class_uid": 2003}],
        {"name": "Zähler “eins”", "features": ("a", "b"), "risk": 1.5},
    ],
)
def test_what_is_printed_is_the_document(document: Any, capsys: pytest.CaptureFixture[str]) -> None:
    write_json(document)

    printed = capsys.readouterr().out
    assert json.loads(printed) == json.loads(json.dumps(document))
    assert printed.endswith("\n")


def test_each_record_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    output = tmp_path / "o.json"

    write_json({"findings": [{"uid": "ä", "at": [1, 2]}, {"uid": "b"}], "summary": {}}, output)

    assert output.read_text(encoding="utf-8").splitlines() == [
        "{",
        '  "findings": [',
        '    {"uid": "ä", "at": [1, 2]},',
        '    {"uid": "b"}',
        "  ],",
        '  "summary": {}',
        "}",
    ]


def test_a_record_is_written_before_the_next_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    seen = []

    def records() -> Iterator[dict[str, int]]:
        for n in range(3):
            seen.append(capsys.readouterr().out)
            yield {"n": n}

    write_json({"records": records()})

    assert ['{"n": ' in each for each in seen] == [False, True, True]


def test_what_is_no_number_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json({"risk": float("nan")})
