"""Live changes: off by default, offered only where switched on, and said plainly in review."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from app import live
from app.settings import LiveSettings
from bot import review
from core import join
from core.errors import Declined
from core.types import Finding, FixPlan, Link, LiveCall, LiveChange, LiveStep, Resource, StepState
from remediation.live import load, unfinished
from remediation.live.blueprint import LiveTarget
from remediation.live.blueprints.compute import CONCURRENCY, _granted
from remediation.live.blueprints.runtime import SUCCESSORS, successor
from remediation.live.policy import with_statement
from tests.store_world import NOW, card, plan

ROOT = Path(__file__).parents[2]
ON = LiveSettings(enabled=True, role_arn="arn:x", checks=("PL-S3-001",), accounts=("111122223333",))


def found(**facts: object) -> Finding:
    return replace(card("logs").finding, **facts)  # type: ignore[arg-type]


def live_plan() -> FixPlan:
    delete = LiveCall("logs:DeleteRetentionPolicy", {"logGroupName": "g"})
    put = LiveCall("logs:PutRetentionPolicy", {"logGroupName": "g", "retentionInDays": 365})
    read = LiveCall("logs:DescribeLogGroups", {"logGroupNamePrefix": "g"})
    step = LiveStep("log retention", "g", read, None, 365, put, delete)
    change = LiveChange("arn:g", "AWS::Logs::LogGroup", "111122223333", "eu-west-1", (step, step))
    made = replace(plan(found().uid), repository="", base_branch="", changes=(), live=change)
    return replace(made, diff="1. logs:PutRetentionPolicy {}\n+365\n")


def test_live_changes_are_off_until_switched_on() -> None:
    assert not live.is_offered(LiveSettings(), found(), None)
    assert live.is_offered(ON, found(), None)


@pytest.mark.parametrize("facts", [{"check_id": "PL-S3-002"}, {"account": "999999999999"}])
def test_a_check_or_account_that_is_not_named_is_not_offered(facts: dict[str, object]) -> None:
    assert not live.is_offered(ON, found(**facts), None)


def test_what_a_template_declares_is_never_changed_live() -> None:
    assert not live.is_offered(ON, found(), Link("arn", "infra", "t.yaml", "Logs", "stack tag"))


def test_live_changes_need_credentials_of_their_own() -> None:
    with pytest.raises(ValidationError, match=r"live\.role_arn"):
        LiveSettings(enabled=True)


def test_the_review_says_that_the_resource_itself_is_changed() -> None:
    shown = review.view(card("logs"), live_plan(), "", zone=ZoneInfo("UTC"), now=NOW)

    text = json.dumps(shown)
    assert "No template declares this; this changes the live resource directly" in text
    assert "logs:PutRetentionPolicy" in text
    assert shown["submit"]["text"] == "Change it live"
    assert "pull request" not in text


def test_a_live_change_carries_no_other_finding() -> None:
    assert not join.is_same_change(live_plan(), live_plan())


@pytest.mark.parametrize(
    ("known", "is_halfway"),
    [
        ({}, False),
        ({0: StepState.INTENDED}, True),
        ({0: StepState.DONE}, True),
        ({0: StepState.DONE, 1: StepState.DONE}, False),
        ({0: StepState.DONE, 1: StepState.UNDONE}, True),
        ({0: StepState.UNDONE, 1: StepState.LEFT}, False),
    ],
)
def test_a_journal_says_whether_a_change_is_halfway(
    known: dict[int, StepState], *, is_halfway: bool
) -> None:
    assert unfinished(live_plan(), known) is is_halfway


def test_a_statement_is_added_and_the_others_stay() -> None:
    text = json.dumps({"Version": "2008-10-17", "Id": "x", "Statement": {"Sid": "A"}})

    document = json.loads(with_statement(text, {"Sid": "B"}))

    assert document == {
        "Version": "2008-10-17",
        "Id": "x",
        "Statement": [{"Sid": "A"}, {"Sid": "B"}],
    }
    with pytest.raises(Declined, match="says something else"):
        with_statement(text, {"Sid": "A", "Effect": "Deny"})


def test_a_permission_that_could_not_be_put_back_is_not_removed() -> None:
    statement = {"Action": "lambda:InvokeFunction", "Principal": {"AWS": "*"}}
    assert _granted(statement) == {"Action": "lambda:InvokeFunction", "Principal": "*"}
    with pytest.raises(Declined, match="could not be put back"):
        _granted({**statement, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}})


def test_a_blueprint_reads_only_what_it_declares() -> None:
    bucket = Resource("arn:aws:s3:::a", "AWS::S3::Bucket", "a", {})
    target = LiveTarget(bucket, api=None, uses=())  # type: ignore[arg-type]  # not called
    with pytest.raises(ValueError, match="declares"):
        target.read(CONCURRENCY)


def test_every_live_blueprint_says_what_it_may_break_and_costs() -> None:
    for item in load().values():
        assert item.summary
        assert item.cost
        assert item.uses


def test_a_successor_of_a_runtime_is_supported_well_beyond_the_date_of_the_table() -> None:
    table = (ROOT / "policies/lib/runtime.rego").read_text(encoding="utf-8")
    dates = dict(re.findall(r'"([a-z0-9.]+)": "(\d{4}-\d\d-\d\d)"', table))
    [read] = re.findall(r'source_date := "(\d{4}-\d\d-\d\d)"', table)

    for runtime in SUCCESSORS.values():
        left = date.fromisoformat(dates[runtime]) - date.fromisoformat(read)
        assert left > timedelta(days=90), runtime
    assert successor("python3.9") == "python3.12"
    assert not successor("go1.x")
    assert not successor("python2.7")
