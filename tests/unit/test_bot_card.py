"""What a finding's message says in each state."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import card as card_message
from bot import forms, review, summary, why
from bot.block import Message
from core.types import (
    Card,
    CostImpact,
    Coverage,
    Decision,
    DecisionKind,
    Evidence,
    Fix,
    FixState,
    Gap,
    Hop,
    LabelOrigin,
    Person,
    Proof,
    PullRequest,
    PullRequestState,
    Quote,
    Severity,
    Status,
    Stop,
    Verdict,
)
from core.why import Passage, Precedent, Why
from sandbox.slack import block_kit
from tests.bot_world import NOW, UID, assessment, finding_card, fix_plan, scan_summary

ZONE = ZoneInfo("Europe/Zurich")
PULL = PullRequest("acme/orders", 7, "https://forge.test/pulls/7", "b", PullRequestState.OPEN, "c")
OUTSIDE = st.one_of(
    st.text(max_size=400),
    st.builds(
        lambda text, times: text * times, st.text(min_size=1, max_size=30), st.integers(1, 200)
    ),
)


def render(card: Card, **kwargs: Any) -> Message:
    return card_message.message(card, zone=ZONE, now=NOW, **kwargs)


def said(message: Message) -> str:
    return json.dumps(message.blocks, ensure_ascii=False)


def decided(kind: DecisionKind, **changes: Any) -> Decision:
    return replace(
        Decision(
            "d", UID, kind, Person("T", "U0DANA", name="dana"), NOW, until=NOW + timedelta(days=3)
        ),
        **changes,
    )


def test_an_open_finding_says_what_is_open_why_and_what_it_costs() -> None:
    shown = said(render(finding_card()))
    for words in (
        "Critical: orders-export: anyone on the internet",
        "*Rule:* Function URLs require authentication",
        "Risk 87 (prior)",
        "New today",
        "*Why this risk:* nobody has to log in; personal data can be read; it is production",
        "*Cost:* runs at 4.10 USD a month (measured); the fix adds nothing",
        "*Not checked:* code may verify callers itself",
        "1 of 35 open for this owner",
    ):
        assert words in shown
    for action in (
        "finding.review",
        "finding.why",
        "finding.not_mine",
        "finding.false_positive",
        "finding.more",
    ):
        assert action in shown


def test_a_message_too_long_for_the_header_is_shown_whole_below_it() -> None:
    told = "a bucket policy statement admits everyone " * 8
    shown = said(render(finding_card(evidence=Evidence(told))))
    assert f"*Open:* {told.strip()}" in shown


def test_a_finding_without_a_fix_offers_none_and_says_why() -> None:
    shown = said(
        render(finding_card(fix_available=False, no_fix_reason="No template declares it."))
    )
    assert "finding.review" not in shown
    assert "No template declares it. Set AuthType to `AWS_IAM`." in shown


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (FixState.APPROVED, "Plan 9f3c..e1 approved"),
        (FixState.PULL_REQUEST, "Pull request <https://forge.test/pulls/7|#7> open"),
        (FixState.MERGED, "merged*, awaiting deployment"),
        (FixState.CLOSED, "closed without merging"),
        (FixState.FAILED, "Fix failed"),
    ],
)
def test_a_fix_under_way_shows_where_it_stands(state: FixState, words: str) -> None:
    fix = Fix(fix_plan().digest, UID, state, NOW, pull_request=PULL)
    shown = said(render(finding_card(fix=fix)))
    assert words in shown
    under_way = state in {FixState.APPROVED, FixState.PULL_REQUEST, FixState.MERGED}
    assert ("finding.review" in shown) is not under_way


def test_a_verified_fix_gives_the_time_in_the_teams_zone_and_offers_to_revert() -> None:
    fix = Fix(fix_plan().digest, UID, FixState.VERIFIED, NOW, pull_request=PULL)
    shown = said(render(finding_card(status=Status.FIXED, fix=fix)))
    assert "Fixed, verified 14:32" in shown
    assert "finding.revert" in shown
    assert "*Rule:*" not in shown


def test_a_fix_being_undone_is_not_offered_as_a_fix() -> None:
    inverse = fix_plan(digest="ab" * 32, reverts=fix_plan().digest)
    fix = Fix(inverse.digest, UID, FixState.PULL_REQUEST, NOW, pull_request=PULL)
    shown = said(render(finding_card(status=Status.FIXED, fix=fix, plan=inverse)))
    assert "Undoing the fix. *Pull request" in shown
    assert "finding.revert" not in shown


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (Status.SNOOZED, DecisionKind.SNOOZE, "Snoozed until 25 Nov 2026* by dana"),
        (Status.ACCEPTED, DecisionKind.ACCEPT_RISK, "Risk accepted until 25 Nov 2026* by dana"),
        (Status.SUPPRESSED, DecisionKind.FALSE_POSITIVE, "False positive*, says dana"),
        (Status.SUPPRESSED, DecisionKind.NOT_APPLICABLE, "Not applicable here*, says dana"),
    ],
)
def test_a_decision_is_shown_with_who_and_until_when(
    status: Status, kind: DecisionKind, words: str
) -> None:
    card = finding_card(status=status, decisions=(decided(kind, reason="<!channel> webhook"),))
    shown = said(render(card))
    assert words in shown
    assert "`&lt;!channel&gt;` webhook" in shown
    assert "finding.false_positive" not in shown


@pytest.mark.parametrize(
    ("delta", "words"),
    [
        (Decimal("2.5"), "the fix adds 2.50 USD a month (estimated)"),
        (Decimal(-1), "the fix saves 1.00 USD a month (estimated)"),
        (None, "what the fix changes is not known"),
    ],
)
def test_the_fixs_cost_says_more_less_or_unknown(delta: Decimal | None, words: str) -> None:
    scored = assessment()
    cost = CostImpact(None, delta, scored.cost.basis)
    shown = said(render(finding_card(assessment=replace(scored, cost=cost))))
    assert f"running cost not known; {words}" in shown


def test_a_model_that_abstains_shows_no_score() -> None:
    shown = said(render(finding_card(assessment=replace(assessment(), abstained=True))))
    assert "Risk not scored" in shown
    assert "87" not in shown


def hostile_why(one: str, two: str, three: str, many: list[str]) -> Why:
    """Return an explanation in which every text comes from outside."""
    value = {name: [two, {three: name}] for name in (one, *many)}
    quotes = (Quote(one, two, value),) * 3
    ends = (Stop(one, one), Stop(two, two, three))
    hops = (Hop(three, *ends, one, certain=False, is_cut=True, quotes=quotes),) * 5
    place = Passage(one, two, three, 1, 40, tuple(many), url=f"https://{one}")
    said = Precedent(
        UID, one, two, three, Verdict.ACCEPTED_RISK, LabelOrigin.PERSON, NOW, one, two, tuple(many)
    )
    return Why(
        one,
        two,
        NOW,
        tuple(many),
        tuple((three, each) for each in quotes),
        (hops, hops, hops),
        (place,) * 3,
        unwritten=three,
        not_checked=one,
        risk=tuple(many),
        lower=tuple(many),
        comparison=two,
        precedents=(said,) * 5,
        cost=three,
        advice=f"{one}\n{two}",
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OUTSIDE, OUTSIDE, OUTSIDE, st.lists(OUTSIDE, max_size=12))
def test_every_message_and_modal_stays_within_slacks_limits(
    one: str, two: str, three: str, many: list[str]
) -> None:
    card = finding_card(
        resource_name=one,
        owner=two,
        evidence=Evidence(three, locations=tuple(many)),
        not_checked=tuple(many),
        no_fix_reason=two,
        environment=one,
        plan=fix_plan(summary=three),
        decisions=(decided(DecisionKind.SNOOZE, reason=one, person=Person("T", "U", name=two)),),
    )
    plan = fix_plan(
        summary=one,
        diff="\n".join([one, two, three, *many]) * 8,
        may_break=tuple(many),
        repository=two,
        proofs=tuple(Proof(name, bool(name), three) for name in many),
        asks_who_calls=True,
    )
    gaps = tuple(Gap(name, two, three) for name in many)
    for status in Status:
        at = replace(card, finding=replace(card.finding, status=status))
        assert_fits(render(at, copies=3, note=one))
    assert_fits(summary.message(scan_summary(gaps=gaps), [card] * 5, new_per_day=5))
    assert_fits(why.message(card, hostile_why(one, two, three, many), why.Reader(ZONE, NOW)))
    for view in (
        review.view(card, plan, "", zone=ZONE, now=NOW),
        review.view(card, None, one, zone=ZONE, now=NOW),
        review.preparing(card),
        forms.false_positive(card),
        forms.snooze(card, most=90),
        forms.accept(card, most=90),
        forms.not_mine(card),
        forms.reject(card, review.Reviewed(UID, plan.digest)),
        forms.revert(card, now=NOW),
    ):
        assert block_kit.view_errors(view) == ()
        assert not block_kit.view_is_too_large(view)


def assert_fits(message: Message) -> None:
    assert block_kit.message_errors(list(message.blocks)) == ()
    assert block_kit.text_length(list(message.blocks)) <= block_kit.MESSAGE_TEXT_LENGTH
    assert len(message.text) <= 3000


def test_a_long_diff_is_cut_truthfully() -> None:
    plan = fix_plan(diff="\n".join(f"+ line {number}" + "x" * 80 for number in range(2000)))
    view = review.view(finding_card(), plan, "", zone=ZONE, now=NOW)
    assert review.is_cut(plan)
    assert "The whole diff is a file in the finding's thread" in json.dumps(view)


def test_a_review_says_what_is_proved_what_is_not_and_until_when() -> None:
    shown = json.dumps(review.view(finding_card(), fix_plan(), "", zone=ZONE, now=NOW))
    for words in (
        "-        AuthType: NONE",
        "*Proved:* template lints",
        "*Not proved:* callers keep working",
        "*May break:* 1,284 requests",
        "Plan `9f3c..e1`, valid until 15:32",
        "plan.reject",
    ):
        assert words in shown
    assert "who_calls" not in shown


def test_a_fix_that_may_cut_off_callers_asks_who_calls() -> None:
    view = review.view(finding_card(), fix_plan(asks_who_calls=True), "", zone=ZONE, now=NOW)
    assert [block["block_id"] for block in view["blocks"] if block["type"] == "input"] == [
        "who_calls"
    ]


def test_a_fix_that_another_finding_brings_along_is_no_refusal() -> None:
    fix = Fix(fix_plan().digest, UID, FixState.PULL_REQUEST, NOW, pull_request=PULL)
    card = finding_card(fix=fix)
    shown = json.dumps(review.view(card, None, "Pull request 7 does it.", zone=ZONE, now=NOW))
    assert "Pull request 7 does it." in shown
    assert "No fix can be proposed" not in shown
    assert "By hand" not in shown


def test_a_summary_names_the_regions_that_were_read() -> None:
    regions = tuple(f"eu-west-{number}" for number in range(1, 8))
    covered = scan_summary(coverage=(Coverage("111122223333", regions),))
    shown = said(summary.message(covered, [], new_per_day=5))
    assert "in eu-west-1, eu-west-2, eu-west-3, eu-west-4, eu-west-5 and 2 others read" in shown


def test_a_baseline_counts_hygiene_and_names_gaps() -> None:
    gaps = (Gap("iam:ListRoles", "denied", "no"), Gap("iam:ListRoles", "denied", "no"))
    shown = said(summary.message(scan_summary(gaps=gaps), [finding_card()], new_per_day=5))
    assert "First look: 35 findings in 312 resources" in shown
    assert "2 critical, 33 high; 260 hygiene, counted only; 9 undecided" in shown
    assert "Not read, so not judged: iam:ListRoles denied (2)" in shown
    assert "at most 5 new findings a channel a day" in shown


def test_a_lower_severity_is_said_as_it_is() -> None:
    assert render(finding_card(severity=Severity.LOW)).text.startswith("Low: ")
