"""The review and the pull request say the same of a plan, and each says everything."""

import html
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot import review
from core import claim, usage
from core.types import Card, Decision, DecisionKind, FileChange, FixPlan, Resource, Usage
from remediation import FakeForge, pull_request
from tests.remediation_world import DANA, LIVE, NOW, PATH, TEMPLATE, finding_of, planned

ANSWER = Decision(
    "d1", finding_of(LIVE).uid, DecisionKind.APPROVE_FIX, DANA, NOW,
    answers={"who_calls": "signed_clients"},
)  # fmt: skip


def plan(**changes: object) -> FixPlan:
    made, _ = planned(FakeForge("shop", {PATH: TEMPLATE}))
    told = replace(
        made,
        may_break=("Readers in other accounts need the key",),
        callers="1,284 requests in 14 days; metrics do not say whose",
        cost_delta=Decimal("1.25"),
        currency="EUR",
        risk_before=87.0,
        risk_after=12.0,
    )
    return claim.with_answers(replace(told, **changes), [ANSWER])  # type: ignore[arg-type]


def in_the_review(shown: FixPlan) -> str:
    view = review.view(Card(finding_of(LIVE), None), shown, "", zone=ZoneInfo("UTC"), now=NOW)
    return html.unescape(json.dumps(view, ensure_ascii=False))


def in_the_pull_request(shown: FixPlan) -> str:
    return pull_request.body_of(shown, approvers=[DANA])


def in_a_grouped_pull_request(shown: FixPlan) -> str:
    return pull_request.group_body_of([shown, shown], approvers={shown.digest: [DANA]})


PLACES = (in_the_review, in_the_pull_request, in_a_grouped_pull_request)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "said",
    [
        "PL-S3-001 passes on Uploads",
        "no other finding appears",
        "every resource and output is kept",
        "template lints",
        "no new error",
        "the fix adds 1.25 EUR a month",
        "Readers in other accounts need the key",
        "our signed clients, says Dana",
        "1,284 requests in 14 days",
        "87 of 100 now, 12 after",
        "undo is exact",
        "Revert fix in the finding's thread, or git revert of the commit",
    ],
)
def test_everything_is_said_wherever_a_fix_is_reviewed(
    place: Callable[[FixPlan], str], said: str
) -> None:
    assert said in place(plan())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"may_break": ()}, "nothing known"),
        ({"cost_delta": None, "alternatives": ()}, "what the fix changes is not known"),
        ({"risk_before": None}, "not known"),
        ({"risk_before": 48.0, "risk_after": 48.0}, "stays at 48 of 100: another finding on it"),
        ({"changes": (FileChange("main.tf", "a", "b", ()),)}, "no linter is run on Terraform"),
    ],
)
def test_what_is_not_known_is_said_too(
    place: Callable[[FixPlan], str], changes: dict[str, object], said: str
) -> None:
    assert said in place(plan(**changes))


@pytest.mark.parametrize("place", PLACES)
def test_a_fix_that_may_cut_off_callers_says_that_nobody_counted_them(
    place: Callable[[FixPlan], str],
) -> None:
    asking = replace(plan(), callers="", asks_who_calls=True)

    assert "not known: nothing that was read counts its calls" in place(asking)
    assert "Who calls:" not in place(replace(asking, asks_who_calls=False))


def used(*counted: Usage) -> str:
    return usage.told(Resource("arn:q", "AWS::SQS::Queue", "q", {}, usage=counted))


def test_use_is_counted_and_an_idle_resource_is_said_to_be_idle() -> None:
    sent = Usage("NumberOfMessagesSent", 8400, "Count", 14.0)

    assert used(sent) == "8,400 messages sent in 14 days; metrics do not say whose"
    assert used(replace(sent, quantity=0)) == "nobody in 14 days, by its metrics"
    assert used(Usage("BucketSizeBytes", 9, "Bytes", 14.0)) == ""
