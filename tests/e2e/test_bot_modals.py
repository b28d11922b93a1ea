"""What people fill in: approvals, rejections, and every other decision with its reason."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot import Delivery, outbox_client
from core.decide import WHO_CALLS
from core.types import DecisionKind, Fix, FixState, Status
from tests import bot_world
from tests.bot_world import (
    CHANNEL,
    NOW,
    TS,
    UID,
    Bot,
    finding_card,
    fix_plan,
    posted,
    remember,
)
from tests.slack_recorder import GUEST, OMAR, Recorder


def test_an_approval_names_the_plan_and_starts_the_work(bot: Bot) -> None:
    bot.store.save_plan(fix_plan())
    bot.click("finding.review")
    answer = bot.submit(bot.opened())
    assert answer["view"]["title"]["text"] == "Approved"
    decision = bot.store.decisions(UID)[0]
    assert (decision.kind, decision.plan_digest) == (DecisionKind.APPROVE_FIX, fix_plan().digest)
    assert {kind for kind, _ in bot.jobs()} == {"refresh", "execute", "retrain"}
    update = bot.store.next_message(lease_s=60)
    assert update
    assert "Plan 9f3c..e1 approved* by dana" in str(update.body)


def test_a_second_approval_is_told_that_somebody_was_first(bot: Bot) -> None:
    bot.store.save_plan(fix_plan())
    bot.click("finding.review")
    view = bot.opened()
    bot.submit(view)
    answer = bot.submit(view, user=OMAR)
    assert "Somebody approved this fix before you" in json.dumps(answer)
    assert bot.decided() == [DecisionKind.APPROVE_FIX]


def test_a_stale_plan_is_refused_and_nothing_changes(bot: Bot) -> None:
    bot.store.save_plan(fix_plan())
    bot.click("finding.review")
    view = bot.opened()
    bot.store.save_plan(fix_plan(digest="ab" * 32))
    assert "The plan changed since you saw it" in json.dumps(bot.submit(view))
    assert bot.decided() == []


def test_an_expired_plan_is_refused(bot: Bot) -> None:
    bot.store.save_plan(fix_plan())
    bot.click("finding.review")
    view = bot.opened()
    bot.clock.pass_(hours=2)
    assert "expired" in json.dumps(bot.submit(view))
    assert bot.decided() == []


def test_who_left_the_channel_cannot_approve_what_they_have_open(bot: Bot) -> None:
    bot.store.save_plan(fix_plan())
    bot.click("finding.review")
    answer = bot.submit(bot.opened(), user=GUEST)
    assert "Only members of the finding's channel" in json.dumps(answer)
    assert bot.decided() == []


def test_not_knowing_who_calls_leads_to_watching_not_to_a_change(bot: Bot) -> None:
    bot.store.save_plan(fix_plan(asks_who_calls=True))
    bot.click("finding.review")
    answer = bot.submit(bot.opened(), {"who_calls": "unknown"})
    assert "Nothing was changed. The finding is watched until 29 Nov 2026" in json.dumps(answer)
    decision = bot.store.decisions(UID)[0]
    assert decision.kind is DecisionKind.SNOOZE
    assert decision.answers[WHO_CALLS] == "unknown"
    assert bot.store.fix(fix_plan().digest) is None


def test_browsers_or_webhooks_are_not_cut_off(bot: Bot) -> None:
    bot.store.save_plan(fix_plan(asks_who_calls=True))
    bot.click("finding.review")
    answer = bot.submit(bot.opened(), {"who_calls": "browsers_or_webhooks"})
    assert "would cut them off" in json.dumps(answer)
    assert "plan.accept_instead" in json.dumps(answer)
    assert bot.decided() == []


def test_signed_clients_let_the_fix_go_ahead(bot: Bot) -> None:
    bot.store.save_plan(fix_plan(asks_who_calls=True))
    bot.click("finding.review")
    bot.submit(bot.opened(), {"who_calls": "signed_clients"})
    assert bot.decided() == [DecisionKind.APPROVE_FIX]


def test_a_fix_is_rejected_with_a_reason_and_the_finding_stays_open(bot: Bot) -> None:
    bot.store.save_plan(fix_plan())
    bot.click("finding.review")
    bot.click("plan.reject", view=bot.opened(), channel={}, container={"type": "view"})
    pushed = bot.slack.of("views.push")[0]["view"]
    assert "errors" in bot.submit(pushed, {"reason": ""})
    assert bot.submit(pushed, {"reason": "we use a WAF"}) == {"response_action": "clear"}
    assert bot.decided() == [DecisionKind.REJECT_FIX]
    assert bot.store.card(UID).finding.status is Status.OPEN


def test_a_false_positive_asks_which_and_becomes_a_label(bot: Bot) -> None:
    bot.click("finding.false_positive")
    view = bot.opened()
    assert "errors" in bot.submit(view, {"reason": "x"})
    assert bot.submit(view, {"which": "false_positive", "reason": "checked"}) == {
        "response_action": "clear"
    }
    assert bot.store.card(UID).finding.status is Status.SUPPRESSED
    assert [label.verdict for label in bot.store.labels()] == ["false_positive"]


def test_not_applicable_needs_a_reason(bot: Bot) -> None:
    bot.click("finding.false_positive")
    view = bot.opened()
    answer = bot.submit(view, {"which": "not_applicable", "reason": ""})
    assert answer["errors"]["reason"].startswith("Please give a reason")
    bot.submit(view, {"which": "not_applicable", "reason": "a test account"})
    assert bot.decided() == [DecisionKind.NOT_APPLICABLE]


@pytest.mark.parametrize("days", ["0", "91", "-1", "x", "", "٣", "999999999999"])
def test_a_snooze_out_of_range_is_refused_beside_its_field(bot: Bot, days: str) -> None:
    bot.choose(f"snooze:{UID}")
    assert bot.submit(bot.opened(), {"days": days})["errors"] == {
        "days": "Please give 1 to 90 days."
    }
    assert bot.decided() == []


def test_a_snooze_and_an_accepted_risk_have_an_end(bot: Bot) -> None:
    bot.choose(f"snooze:{UID}")
    bot.submit(bot.opened(), {"days": "3"})
    assert bot.store.card(UID).finding.status is Status.SNOOZED
    bot.choose(f"accept_risk:{UID}")
    view = bot.opened()
    assert "errors" in bot.submit(view, {"days": "30", "reason": ""})
    bot.submit(view, {"days": "30", "reason": "a public webhook"})
    assert bot.store.card(UID).finding.status is Status.ACCEPTED
    assert bot.store.decisions(UID)[-1].until == NOW + timedelta(days=30)


def test_not_mine_corrects_the_owner(bot: Bot) -> None:
    bot.click("finding.not_mine")
    bot.submit(bot.opened(), {"reason": "team-payments"})
    decision = bot.store.decisions(UID)[0]
    assert (decision.kind, decision.answers["owner"]) == (DecisionKind.NOT_MINE, "team-payments")


def test_what_no_template_declares_gets_the_change_in_its_thread_once(
    tmp_path: Path, slack: Recorder
) -> None:
    reason = "No template declares this resource, so there is no file to edit."
    change = "Sign requests. As a template would declare it:\n+ AuthType: AWS_IAM\n"
    with bot_world.bot(tmp_path, slack, offer=lambda _: change) as bot:
        remember(bot.store, finding_card(fix_available=False, no_fix_reason=reason))
        posted(bot.store)
        for owner in ("team-pay", "team-web"):
            bot.click("finding.not_mine")
            bot.submit(bot.opened(), {"reason": owner})
        client = outbox_client(bot.settings)
        Delivery(bot.store, client, bot.clock, bot.settings, sleep=lambda _s: None).run()

    [reply] = bot.slack.of("chat.postMessage")
    assert (reply["channel"], reply["thread_ts"]) == (CHANNEL, TS)
    assert reason in json.dumps(reply["blocks"])
    assert "+ AuthType: AWS_IAM" in json.dumps(reply["blocks"])


def test_a_verified_fix_can_be_taken_back(bot: Bot) -> None:
    plan = fix_plan()
    bot.store.save_plan(plan)
    bot.store.save_fix(Fix(plan.digest, UID, FixState.VERIFIED, NOW))
    bot.store.save_card(finding_card(status=Status.FIXED))
    bot.click("finding.revert")
    bot.submit(bot.opened(), {"reason": "callers broke"})
    decision = bot.store.decisions(UID)[0]
    assert (decision.kind, decision.plan_digest) == (DecisionKind.REVERT_FIX, plan.digest)
    assert "revert" in [kind for kind, _ in bot.jobs()]
