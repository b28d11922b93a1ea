"""The report for auditors: what it holds, and that no text from outside does anything in it."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

from app.export.compliance import document, page, rows
from app.export.compliance.plain import COLUMNS
from core.compliance import Assessed, Due, Observed, Report, stand
from core.types import Card, Coverage, Evidence, Exemption, Gap, Status
from tests.store_world import card
from tests.unit.test_compliance import ACME, BUCKET, CONTROLS, KEY

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EVIL = '=HYPERLINK("https://evil.example")<script>alert(1)</script>'


def evil(status: Status = Status.OPEN) -> Card:
    base = card("logs")
    end = NOW + timedelta(days=9)
    found = replace(
        base.finding,
        status=status,
        resource_name=EVIL,
        resource_uid=EVIL,
        evidence=Evidence(EVIL),
        exemption=Exemption("EX-1", EVIL, EVIL, end) if status is Status.SUPPRESSED else None,
        compliance={"ACME": ("R1",)},
        first_seen=NOW,
    )
    return replace(base, finding=found)


def report(*cards: Card, **facts: object) -> Report:
    gaps = (Gap("kms:ListKeys", "denied", EVIL, "111122223333", "eu-west-1", "", KEY),)
    seen = Observed(cards, gaps, frozenset({BUCKET}), frozenset({BUCKET, KEY}), CONTROLS, NOW)
    made = Report(
        made_at=NOW,
        scanned_at=NOW - timedelta(hours=2),
        scan_uid="scan-7",
        resources=12,
        coverage=(Coverage("111122223333", ("eu-west-1", "us-east-1")),),
        gaps=gaps,
        policy_commit="sha256:abc+0123456789ab",
        scanned_with="sha256:abc+0123456789ab",
        version="9.9.9",
        frameworks=(Assessed(ACME, stand(ACME, seen)),),
        due=(Due(evil().finding, NOW + timedelta(days=40)),),
    )
    return replace(made, **facts)  # type: ignore[arg-type]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.left: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.opened.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in ("meta", "br"):
            self.left.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.left.pop() == tag


def read(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    assert tags.left == []
    return tags


def test_the_page_names_date_places_rules_scan_and_version() -> None:
    text = page(report(evil()))

    for fact in (
        "2026-11-22 09:00 UTC", "2026-11-22 07:00 UTC", "111122223333: eu-west-1, us-east-1",
        "sha256:abc+0123456789ab", "scan-7", "9.9.9", "kms:ListKeys", "2027-01-01",
    ):  # fmt: skip
        assert fact in text, fact


def test_every_requirement_stands_on_the_page_with_its_state_or_its_reason() -> None:
    text = page(report(evil()))

    for each in ACME.requirements:
        assert f"<strong>{each.id}</strong>" in text
    assert "no configuration" in text
    assert not re.search(r"\bcompliant\b", text)


def test_no_text_from_outside_becomes_markup() -> None:
    tags = read(page(report(evil(), evil(Status.SUPPRESSED))))

    assert "script" not in tags.opened


def test_the_page_loads_nothing_and_its_links_lead_somewhere() -> None:
    tags = read(page(report(evil(), evil(Status.SUPPRESSED))))

    inner = {link.removeprefix("#") for link in tags.links if link.startswith("#")}
    assert inner <= set(tags.ids)
    assert {link for link in tags.links if not link.startswith("#")} == {ACME.source}
    assert len(tags.ids) == len(set(tags.ids))
    assert not {"img", "link", "iframe"} & set(tags.opened)


def test_an_exception_is_shown_with_reason_and_end() -> None:
    text = page(report(evil(Status.SUPPRESSED)))

    assert "excepted" in text
    assert "2026-12-01" in text


def test_rules_that_changed_after_the_scan_are_told() -> None:
    assert "rules changed after this scan" in page(report(scanned_with="sha256:old"))
    assert "not recorded" in page(report(scanned_with=""))
    assert 'class="warning"' not in page(report())


def test_the_rows_hold_each_requirement_once_and_no_formula() -> None:
    read_back = list(csv.reader(io.StringIO(rows(report(evil(), evil(Status.SUPPRESSED))))))

    assert tuple(read_back[0]) == COLUMNS
    assert [row[2] for row in read_back[1:]] == [each.id for each in ACME.requirements]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in read_back for cell in row)
    first = dict(zip(COLUMNS, read_back[1], strict=True))
    assert first["state"] == "violated"
    assert first["finding_ids"] == evil().finding.uid
    assert first["policy_commit"] == "sha256:abc+0123456789ab"
    assert "PL-S3-001" in first["due"]


def test_the_document_is_json_with_gaps_and_a_summary() -> None:
    made = json.loads(json.dumps(document(report(evil()))))

    [framework] = made["frameworks"]
    assert framework["counts"]["violated"] == 2
    assert framework["requirements"][0]["findings"] == [evil().finding.uid]
    assert framework["requirements"][3]["reason"] == "no configuration"
    assert made["gaps"][0]["scope"] == "kms:ListKeys"
    assert made["summary"]["policy_commit"] == "sha256:abc+0123456789ab"
    assert made["summary"]["rules_changed_since_scan"] is False
