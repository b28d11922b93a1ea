"""Findings in other systems' formats: what their schemas ask for."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import export
from core.types import Card, SourceSpan, Status
from tests.store_world import card

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FORMATS = Path(__file__).parents[2].parent / "shared" / "data" / "formats"


def seen(status: Status = Status.OPEN, **facts: object) -> Card:
    base = card("logs")
    told = {"first_seen": NOW, "last_seen": NOW + timedelta(hours=1), **facts}
    return replace(base, finding=replace(base.finding, status=status, **told))  # type: ignore[arg-type]


def every() -> list[Card]:
    declared = SourceSpan("my stacks/shop #1.yaml", 3, 9, "Logs")
    role = seen(resource_type="AWS::IAM::Role", region="", owner=None)
    return [*(seen(status) for status in Status), seen(source=declared), role]


def results() -> list[Any]:
    found: list[Any] = export.document("sarif", every(), at=NOW)["runs"][0]["results"]
    return found


@pytest.mark.shared
def test_sarif_holds_against_its_schema() -> None:
    path = FORMATS / "sarif-schema-2.1.0.json"
    if not path.exists():
        pytest.skip("the development data is not beside the repository")
    jsonschema = pytest.importorskip("jsonschema")

    document = export.document("sarif", every(), at=NOW)

    schema = json.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_a_file_name_in_sarif_is_a_uri() -> None:
    places = [each["locations"][0].get("physicalLocation") for each in results()]
    uris = [place["artifactLocation"]["uri"] for place in places if place]
    assert uris == ["my%20stacks/shop%20%231.yaml"]


def test_only_what_fails_has_a_level_in_sarif() -> None:
    assert {each["kind"] for each in results()} == {"fail", "review", "pass"}
    assert all((each["kind"] == "fail") == (each["level"] != "none") for each in results())


def test_what_people_decided_is_a_suppression_in_sarif() -> None:
    assert sum("suppressions" in each for each in results()) == 3


def test_asff_has_what_security_hub_asks_for() -> None:
    findings = export.document("asff", every(), at=NOW)["Findings"]

    for each in findings:
        assert re.fullmatch(
            r"arn:aws:securityhub:[a-z0-9-]+:\d{12}:product/\d{12}/default", each["ProductArn"]
        )
        assert all(each["ProductFields"].values())
        assert all(each["Resources"][0].values())
        assert each["UpdatedAt"].endswith("Z")
    assert [each["Resources"][0]["Type"] for each in findings[-2:]] == ["AwsS3Bucket", "AwsIamRole"]
    parts = export.document("asff", [seen(resource_type="AWS::Lambda::Url")], at=NOW)
    assert parts["Findings"][0]["Resources"][0]["Type"] == "Other"


def test_ocsf_says_what_became_of_a_finding() -> None:
    said = export.document("ocsf", every(), at=NOW)

    for each in said:
        assert each["type_uid"] == each["class_uid"] * 100 + each["activity_id"]
        assert each["metadata"]["profiles"] == ["cloud"]
    closed = [each for each in said if each["activity_name"] == "Close"]
    assert [each["status"] for each in closed] == ["Resolved"]
    assert [each["compliance"]["status_id"] for each in closed] == [1]
    assert "region" not in said[-1]["cloud"]


@pytest.mark.shared
def test_ocsf_names_its_attributes_as_recorded_findings_do() -> None:
    path = FORMATS / "ocsf" / "aws.ocsf.json"
    if not path.exists():
        pytest.skip("the development data is not beside the repository")
    recorded = json.loads(path.read_text(encoding="utf-8"))[0]

    ours = export.document("ocsf", [seen()], at=NOW)[0]

    for part in ("finding_info", "cloud", "metadata"):
        shared = set(ours[part]) & set(recorded[part])
        assert all(type(ours[part][name]) is type(recorded[part][name]) for name in shared)
    assert isinstance(ours["time"], int)
    assert ours["category_uid"] == recorded["category_uid"]
