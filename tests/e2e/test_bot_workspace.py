"""The bot in the local Slack workspace, over Socket Mode, with no scope but those of its manifest."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.store import SqliteStore
from bot import (
    BotContext,
    BotSettings,
    Delivery,
    SlackChat,
    create_app,
    outbox_client,
    serve_socket,
)
from bot.manifest import SCOPES
from core.types import Fix, FixState, PullRequest, PullRequestState, Status
from core.why import Why
from sandbox.slack import Driver, Limits, Workspace
from tests.bot_world import UID, finding_card, fix_plan, remember, scan_summary

CHANNEL = "C0FINDINGS1"


@dataclass
class Team:
    """A workspace with the bot in it, and the worker's half in the test's hands."""

    driver: Driver
    store: SqliteStore
    chat: SlackChat
    delivery: Delivery

    def deliver(self) -> None:
        self.delivery.run()

    def card_ts(self) -> str:
        ref = self.store.message_ref(UID)
        assert ref
        return ref.ts

    def shown(self) -> str:
        ts = self.card_ts()
        return json.dumps(next(each for each in self.driver.messages(CHANNEL) if each["ts"] == ts))


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    store = SqliteStore(tmp_path / "plumbline.db", clock=now)
    limits = Limits(message_per_s=0, tiers=False)
    with Workspace(limits=limits, scopes=tuple(SCOPES)) as workspace:
        settings = BotSettings(
            channel=CHANNEL,
            bot_token=workspace.bot_token,
            app_token=workspace.app_token,
            api_url=workspace.api_url,
            admin="U0DANA00001",
        )
        app = create_app(BotContext(store, now, settings, explain=lambda _: Why("Because.", "")))
        stop = threading.Event()
        thread = threading.Thread(target=serve_socket, args=(app, settings), kwargs={"stop": stop})
        thread.start()
        driver = Driver(workspace.base_url)
        driver.wait_for(driver.is_connected)
        chat = SlackChat(store, settings, now)
        delivery = Delivery(store, outbox_client(settings), now, settings, sleep=lambda _: None)
        remember(store, finding_card())
        try:
            yield Team(driver, store, chat, delivery)
        finally:
            stop.set()
            thread.join()
            app.listener_runner.listener_executor.shutdown()
            store.close()


def test_a_finding_is_posted_explained_planned_approved_and_verified_in_one_message(
    team: Team,
) -> None:
    team.chat.post_summary(scan_summary(), [finding_card()])
    team.chat.post_card(finding_card())
    team.deliver()
    ts = team.card_ts()

    team.driver.click("dana", CHANNEL, ts, "finding.why")
    why = team.driver.wait_for(lambda: team.driver.ephemerals("dana", CHANNEL))
    assert "Because." in json.dumps(why)

    team.driver.click("dana", CHANNEL, ts, "finding.review")
    job = team.driver.wait_for(lambda: team.store.claim_job(lease_s=60))
    assert job
    plan = fix_plan(asks_who_calls=True, valid_until=now() + timedelta(hours=1))
    team.store.save_plan(plan)
    team.chat.show_plan(job.payload["view_id"], finding_card(), plan, "")
    view = team.driver.open_views("dana")[-1]
    assert view["callback_id"] == "view.review"
    assert team.driver.submit("dana", view["id"], {"who_calls": "signed_clients"}) == {}
    team.driver.wait_for(lambda: team.store.fix(plan.digest))
    team.deliver()
    assert "Plan 9f3c..e1 approved" in team.shown()

    request = PullRequest("acme/orders", 7, "https://forge.test/7", "b", PullRequestState.OPEN, "c")
    fix = Fix(plan.digest, UID, FixState.VERIFIED, now(), pull_request=request)
    team.store.save_fix(fix)
    team.store.save_card(finding_card(status=Status.FIXED))
    team.chat.post_card(team.store.card(UID))
    team.deliver()
    assert "Fixed, verified" in team.shown()
    assert len([each for each in team.driver.messages(CHANNEL) if each["ts"] == ts]) == 1
    assert team.driver.notes() == []


def test_a_false_positive_a_mention_and_the_home_work(team: Team) -> None:
    team.chat.post_card(finding_card())
    team.deliver()
    ts = team.card_ts()

    team.driver.say("omar", CHANNEL, "@plumb check again", thread_ts=ts)
    job = team.driver.wait_for(lambda: team.store.claim_job(lease_s=60))
    assert job
    assert (job.kind, job.payload["finding_uid"]) == ("recheck", UID)

    team.driver.click("omar", CHANNEL, ts, "finding.false_positive")
    view = team.driver.wait_for(lambda: team.driver.open_views("omar"))[-1]
    refused = team.driver.submit("omar", view["id"], {"which": "not_applicable"})
    assert "reason" in refused
    assert (
        team.driver.submit("omar", view["id"], {"which": "false_positive", "reason": "checked"})
        == {}
    )
    team.driver.wait_for(lambda: team.store.labels())
    team.deliver()
    assert "False positive" in team.shown()

    team.driver.open_home("omar")
    home = team.driver.wait_for(lambda: team.driver.home("omar"))
    assert "Nothing is open for you" in json.dumps(home)


def test_the_picture_and_a_reply_stand_in_the_findings_thread(team: Team) -> None:
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000a49444154789c63000100000500010d0a2db40000000049454e44ae426082"
    )
    team.chat.send_waterfall(UID, png, "base -1.1, no authentication +1.9")
    team.chat.say(UID, "Commit c0ffee is signed.")
    team.deliver()
    thread = json.dumps(team.driver.thread(CHANNEL, team.card_ts()))
    assert "risk-01234567" in thread
    assert "Commit c0ffee is signed." in thread


def test_what_was_sent_before_a_kill_is_recognised_by_its_metadata(team: Team) -> None:
    team.chat.post_card(finding_card())
    real = team.store.message_sent
    team.store.message_sent = lambda *_, **__: None  # type: ignore[method-assign]  # killed here
    team.deliver()
    team.store.message_sent = real  # type: ignore[method-assign]
    assert team.store.message_ref(UID) is None
    team.store.release_jobs()
    team.deliver()
    assert len(team.driver.messages(CHANNEL)) == 1
    assert team.shown()


def test_a_guest_is_refused_where_only_the_guest_sees_it(team: Team) -> None:
    team.chat.post_card(finding_card())
    team.deliver()
    team.driver.click("guest", CHANNEL, team.card_ts(), "finding.false_positive")
    said = team.driver.wait_for(lambda: team.driver.ephemerals("guest", CHANNEL))
    assert "Guests may look but not decide" in json.dumps(said)
    assert team.driver.ephemerals("dana", CHANNEL) == []


def test_nothing_is_posted_to_a_public_channel(team: Team) -> None:
    settings = replace(team.delivery.settings, channel="C0GENERAL01")
    SlackChat(team.store, settings, now).post_card(finding_card())
    team.deliver()
    assert team.driver.messages("C0GENERAL01") == []
