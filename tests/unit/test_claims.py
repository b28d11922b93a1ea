"""The review and the pull request say the same of a plan, and each says everything."""

import html
import json
import math
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot import review
from core import claim, usage
from core.types import Card, Contribution, Decision, DecisionKind, Explanation, FileChange, FixPlan
from explain import feature
from remediation import FakeForge, pull_request
from tests.remediation_world import DANA, LIVE, NOW, PATH, TEMPLATE, finding_of, planned
from tests.store_world import card

ANSWER = Decision(
    "d1", finding_of(LIVE).uid, DecisionKind.APPROVE_FIX, DANA, NOW,
    answers={"who_calls": "signed_clients"},
)  # fmt: skip


def plan(**changes: object) -> FixPlan:
    made, _ = planned(FakeForge("shop", {PATH: TEMPLATE}))
    told = replace(
        made,
        may_break=("Readers in other accounts need the key",),
        callers="it is called 1,284 times a day",
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
        "it is called 1,284 times a day",
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


def called(times_a_day: float | None) -> str:
    usual = card("logs").assessment
    assert usual
    known = () if times_a_day is None else (Contribution(usage.CALLS, times_a_day, 0.1),)
    return usage.told(replace(usual, explanation=Explanation(0.4, -0.6, known)))


def test_calls_are_counted_and_a_resource_that_is_not_called_is_said_not_to_be() -> None:
    assert called(1284.4) == "it is called 1,284 times a day; its metrics do not say by whom"
    assert called(0.2).startswith("it is called less than once a day")
    assert called(0).startswith("nobody, as far as its metrics")
    assert called(math.nan) == called(None) == ""


def test_the_feature_that_counts_calls_is_one_that_is_computed() -> None:
    assert usage.CALLS in {each.name for each in feature.declared()}
