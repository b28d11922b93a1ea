"""Signed Slack requests in, decisions and answers out: a real Bolt app over a real store."""

import json
import logging
import re
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
import structlog
from slack_bolt import BoltRequest

from core.types import DecisionKind
from tests import bot_world
from tests.bot_world import (
    CHANNEL,
    NOW,
    TS,
    UID,
    Bot,
    finding_card,
    fix_plan,
    remember,
    signed,
)
from tests.slack_recorder import ADMIN, GUEST, OMAR, VISITOR, Recorder

# ── signatures and repeats ────────────────────────────────────────────────────


def test_a_forged_signature_is_refused(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    raw = urlencode({"command": "/plumb", "text": "pause", "user_id": "U0DANA"})
    headers = signed(raw, "application/x-www-form-urlencoded", secret="another secret")
    assert bot.app.dispatch(BoltRequest(body=raw, headers=headers)).status == 401
    assert bot.store.get("paused") == ""
    assert "U0DANA" not in caplog.text


def test_a_stale_signature_is_refused(bot: Bot) -> None:
    raw = urlencode({"command": "/plumb", "text": "pause", "user_id": "U0DANA"})
    headers = signed(raw, "application/x-www-form-urlencoded", at=time.time() - 3600)
    assert bot.app.dispatch(BoltRequest(body=raw, headers=headers)).status == 401
    assert bot.store.get("paused") == ""


def test_without_a_signing_secret_nothing_verifies(tmp_path: Path, slack: Recorder) -> None:
    with bot_world.bot(tmp_path, slack, signing_secret="") as made:
        raw = urlencode({"command": "/plumb", "text": "pause"})
        headers = signed(raw, "application/x-www-form-urlencoded", secret="guess")
        assert made.app.dispatch(BoltRequest(body=raw, headers=headers)).status == 401


def test_the_same_delivery_twice_acts_once(bot: Bot) -> None:
    event = {
        "type": "app_mention",
        "user": "U0DANA",
        "text": "<@U0BOT> snooze 3d",
        "channel": CHANNEL,
        "thread_ts": TS,
    }
    for _ in range(2):
        assert bot.event(event, "Ev1").status == 200
    assert bot.decided() == [DecisionKind.SNOOZE]


# ── the slash command ─────────────────────────────────────────────────────────


def test_an_unknown_command_gets_one_clear_sentence(bot: Bot) -> None:
    assert bot.command("dance").status == 200
    assert "I do not know that command. Try /plumb help" in bot.told()


def test_help_lists_every_command(bot: Bot) -> None:
    bot.command("help")
    for name in ("scan", "top", "show", "why", "cost", "pause", "resume", "model"):
        assert f"/plumb {name}" in bot.told()


def test_scan_is_queued_for_the_channel_it_was_asked_in(bot: Bot) -> None:
    bot.command("scan")
    assert bot.jobs() == [("scan", {"channel": CHANNEL, "user": "U0DANA"})]
    assert "Scan queued" in bot.told()


def test_a_scan_asked_for_in_a_public_channel_is_posted_in_the_findings_channel(bot: Bot) -> None:
    bot.slack.channel = {"is_private": False}
    bot.command("scan", channel_id="C0PUBLIC")
    assert bot.jobs() == [("scan", {"channel": CHANNEL, "user": "U0DANA"})]


def test_top_lists_findings_with_a_button_each(bot: Bot) -> None:
    bot.command("top")
    assert "orders-export" in bot.told()
    assert "finding.show" in bot.told()
    assert "1 critical" in bot.told()


@pytest.mark.parametrize(
    "text", ["top many", "top 0", "top 99999999999999", "show", "show zz", "why 0000000", "model x"]
)
def test_what_cannot_be_done_as_asked_gets_a_sentence(bot: Bot, text: str) -> None:
    bot.command(text)
    said = bot.slack.of("respond")[0]["text"]
    assert said.endswith((".", "`."))
    assert "token" not in said


def test_show_and_why_and_cost_answer_for_an_id(bot: Bot) -> None:
    bot.command(f"show {UID[:8]}")
    bot.command(f"why {UID[:8]}")
    bot.command(f"cost {UID[:8]}")
    bot.command("cost")
    said = bot.told()
    assert "finding.review" in said
    assert "Because." in said
    assert "4.10 USD a month (measured)" in said
    assert "1 resource with open findings" in said


def test_pause_and_resume_switch_posting_and_are_audited(bot: Bot) -> None:
    bot.command("pause")
    assert bot.store.get("paused") == "1"
    bot.command("resume")
    assert bot.store.get("paused") == ""
    audited = [record.kind for record in bot.store.audit_records()]
    assert audited[-2:] == ["pause", "resume"]


def test_model_can_be_retrained(bot: Bot) -> None:
    bot.command("model")
    bot.command("model retrain")
    assert bot.jobs() == [("retrain", {})]


def test_somebody_outside_the_channel_sees_nothing(bot: Bot) -> None:
    bot.command("top", user=GUEST)
    said = bot.told()
    assert "Findings are shown to the members" in said
    assert "orders-export" not in said


def test_a_member_who_is_no_decider_may_look_but_not_pause(tmp_path: Path, slack: Recorder) -> None:
    with bot_world.bot(tmp_path, slack, deciders=(OMAR,)) as made:
        remember(made.store, finding_card())
        made.command("top")
        made.command("pause")
        assert "orders-export" in made.told()
        assert made.store.get("paused") == ""
        made.command("pause", user=OMAR)
        assert made.store.get("paused") == "1"


# ── buttons ───────────────────────────────────────────────────────────────────


def test_review_opens_at_once_and_asks_the_worker_for_a_plan(bot: Bot) -> None:
    assert bot.click("finding.review").status == 200
    assert bot.opened()["callback_id"] == "view.preparing"
    assert bot.jobs() == [("plan", {"finding_uid": UID, "view_id": "V0OPENED"})]


def test_review_shows_the_plan_in_force(bot: Bot) -> None:
    bot.store.save_plan(fix_plan())
    bot.click("finding.review")
    assert bot.opened()["callback_id"] == "view.review"
    assert bot.jobs() == []


def test_review_prepares_afresh_once_the_plan_has_expired(bot: Bot) -> None:
    bot.store.save_plan(fix_plan(valid_until=NOW - timedelta(seconds=1)))
    bot.click("finding.review")
    assert bot.opened()["callback_id"] == "view.preparing"


def test_why_is_shown_to_the_asker_only(bot: Bot) -> None:
    bot.click("finding.why")
    answer = bot.slack.of("chat.postEphemeral")[0]
    assert answer["user"] == "U0DANA"
    assert "Because." in json.dumps(answer["blocks"])
    assert bot.slack.of("chat.postMessage") == []


def test_check_again_and_waterfall_are_work_for_the_worker(bot: Bot) -> None:
    bot.choose(f"check_again:{UID}")
    bot.choose(f"waterfall:{UID}")
    jobs = bot.jobs()
    assert ("recheck", {"finding_uid": UID}) in jobs
    assert {kind for kind, _ in jobs} == {"recheck", "waterfall"}


@pytest.mark.parametrize("action", ["finding.not_mine", "finding.false_positive"])
def test_who_may_not_decide_is_refused_before_filling_in_a_form(bot: Bot, action: str) -> None:
    bot.click(action, user=GUEST)
    assert bot.slack.of("views.open") == []
    assert "Only members of the finding's channel may decide" in bot.told()
    assert bot.slack.of("chat.postEphemeral")[0]["user"] == GUEST


def test_a_guest_in_the_channel_may_look_but_not_decide(bot: Bot) -> None:
    bot.click("finding.why", user=VISITOR)
    bot.click("finding.false_positive", user=VISITOR)
    assert "Because." in bot.told()
    assert "Guests may look but not decide" in bot.told()
    assert bot.slack.of("views.open") == []


def test_a_link_button_is_only_acknowledged(bot: Bot) -> None:
    assert bot.click("finding.pull_request").status == 200
    assert bot.slack.calls == []


def test_an_unknown_finding_is_a_sentence(bot: Bot) -> None:
    bot.click("finding.why", "f" * 24)
    assert "There is no finding" in bot.told()


def test_an_unknown_error_becomes_a_token_that_is_logged(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: str) -> None:
        raise RuntimeError("xoxb-secret in a message")

    monkeypatch.setattr(bot.store, "card", breaks)
    with structlog.testing.capture_logs() as entries:
        bot.click("finding.why")
        token = re.search(r"token: ([0-9a-f]{8})", bot.told())
    assert token
    logged = repr(entries)
    assert token[1] in logged
    assert "xoxb-secret" not in logged + bot.told()


def test_an_error_right_after_the_acknowledgement_does_not_take_it_back(bot: Bot) -> None:
    for _ in range(40):
        started = time.monotonic()
        assert bot.click("finding.why", "f" * 24).status == 200
        assert time.monotonic() - started < 2.5  # Bolt's wait for an answer that was taken back


# ── mentions ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("snooze 3d waiting for the release", DecisionKind.SNOOZE, "waiting for the release"),
        ("snooze", DecisionKind.SNOOZE, ""),
        (
            "False positive: the tag &lt;x&gt; is wrong",
            DecisionKind.FALSE_POSITIVE,
            "the tag <x> is wrong",
        ),
        ("not applicable a test account", DecisionKind.NOT_APPLICABLE, "a test account"),
        ("accept risk 30 days public by design", DecisionKind.ACCEPT_RISK, "public by design"),
        ("not mine team-payments", DecisionKind.NOT_MINE, "team-payments"),
    ],
)
def test_a_mention_in_the_thread_decides(
    bot: Bot, text: str, kind: DecisionKind, reason: str
) -> None:
    bot.mention(text)
    decision = bot.store.decisions(UID)[0]
    assert (decision.kind, decision.reason) == (kind, reason)
    assert bot.slack.of("chat.postEphemeral")[0]["thread_ts"] == TS


def test_a_mention_explains_and_checks_again(bot: Bot) -> None:
    bot.mention("why?")
    bot.mention("check again")
    assert "Because." in bot.told()
    assert bot.jobs() == [("recheck", {"finding_uid": UID})]


@pytest.mark.parametrize("text", ["dance", "snooze 400d", "accept risk forever", "not applicable"])
def test_a_mention_that_cannot_be_done_changes_nothing(bot: Bot, text: str) -> None:
    bot.mention(text)
    assert bot.decided() == []
    assert len(bot.slack.of("chat.postEphemeral")) == 1


def test_a_mention_outside_a_findings_thread_points_to_the_command(bot: Bot) -> None:
    bot.mention("why", thread_ts="")
    assert "Mention me in a finding's thread; elsewhere use /plumb." in bot.told()


def test_a_mention_by_somebody_outside_is_refused(bot: Bot) -> None:
    bot.mention("why", user=GUEST)
    assert "Because." not in bot.told()


# ── App Home ──────────────────────────────────────────────────────────────────


def test_the_home_shows_a_members_queue_and_the_bots_health(bot: Bot) -> None:
    bot.event({"type": "app_home_opened", "user": "U0DANA", "tab": "home", "channel": "D0"})
    published = bot.slack.of("views.publish")[0]
    shown = json.dumps(published["view"])
    assert published["user_id"] == "U0DANA"
    assert "orders-export" in shown
    assert "No scan yet" in shown


def test_the_home_of_somebody_outside_shows_no_finding(bot: Bot) -> None:
    bot.event({"type": "app_home_opened", "user": GUEST, "tab": "home", "channel": "D0"})
    assert "orders-export" not in json.dumps(bot.slack.of("views.publish")[0]["view"])


def test_in_shadow_only_the_admin_decides(tmp_path: Path, slack: Recorder) -> None:
    with bot_world.bot(tmp_path, slack, shadow=True) as made:
        remember(made.store, finding_card())
        made.click("finding.false_positive")
        assert slack.of("views.open") == []
        made.click("finding.false_positive", user=ADMIN)
        assert len(slack.of("views.open")) == 1
