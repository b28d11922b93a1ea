"""The change to make by hand: said once in the thread of a finding that nothing declares."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.store import SqliteStore
from bot import Delivery, SlackChat, offer, outbox_client, why
from core.types import Card, Status
from core.why import Why
from sandbox.slack import block_kit
from tests.bot_world import CHANNEL, NOW, UID, Time, finding_card, posted, remember, settings
from tests.slack_recorder import ADMIN, Recorder

REASON = "No template declares this resource, so there is no file to edit."
CHANGE = """\
Let only signed requests call it. As a template would declare it:
-      AuthType: NONE
+      AuthType: AWS_IAM
"""


def undeclared(uid: str = UID, **changes: Any) -> Card:
    return finding_card(uid, fix_available=False, no_fix_reason=REASON, **changes)


class Thread:
    """A chat that can offer a change, over a recorder in Slack's place."""

    def __init__(self, path: Path, slack: Recorder, **changes: Any) -> None:
        self.slack = slack
        self.clock = Time()
        self.store = SqliteStore(path / "plumbline.db", clock=self.clock)
        self.settings = settings(slack, **changes)
        self.offered = CHANGE
        self.chat = SlackChat(
            self.store, self.settings, self.clock, offer=lambda _card: self.offered
        )
        remember(self.store, undeclared())

    def deliver(self) -> None:
        client = outbox_client(self.settings)
        Delivery(self.store, client, self.clock, self.settings, sleep=lambda _s: None).run()

    def replies(self) -> list[dict[str, Any]]:
        sent = self.slack.of("chat.postMessage")
        return [each for each in sent if each.get("thread_ts")]


@pytest.fixture
def thread(tmp_path: Path, slack: Recorder) -> Iterator[Thread]:
    made = Thread(tmp_path, slack)
    yield made
    made.store.close()


def test_the_thread_says_why_there_is_no_fix_and_what_to_change(thread: Thread) -> None:
    thread.chat.post_card(undeclared())
    thread.deliver()

    card, reply = thread.slack.of("chat.postMessage")
    ref = thread.store.message_ref(UID)
    assert ref is not None
    assert (reply["channel"], reply["thread_ts"]) == (CHANNEL, ref.ts)
    assert "thread_ts" not in card
    said = [block["text"]["text"] for block in reply["blocks"] if block["type"] == "section"]
    assert said == [
        REASON,
        "*By hand:* Let only signed requests call it. As a template would declare it:",
        "```\n-      AuthType: NONE\n+      AuthType: AWS_IAM\n```",
    ]
    assert reply["text"].startswith(REASON)


def test_it_is_said_once(thread: Thread) -> None:
    for _ in range(2):
        thread.chat.post_card(undeclared())
    thread.deliver()
    thread.chat.post_card(undeclared())
    thread.deliver()

    assert len(thread.replies()) == 1


def test_a_crash_between_saying_and_remembering_says_it_once(thread: Thread) -> None:
    thread.chat.post_card(undeclared())
    thread.deliver()
    thread.store.put(f"slack.offered.{UID}", "")

    thread.chat.post_card(undeclared())
    thread.deliver()

    assert len(thread.replies()) == 1


def test_a_finding_posted_by_an_earlier_version_is_told_with_its_next_update(
    thread: Thread,
) -> None:
    posted(thread.store, ts="1.000001")

    thread.chat.post_card(undeclared())
    thread.deliver()

    assert [each["thread_ts"] for each in thread.replies()] == ["1.000001"]


@pytest.mark.parametrize(
    "card",
    [
        finding_card(),
        undeclared(status=Status.FIXED),
        undeclared(status=Status.SUPPRESSED),
    ],
)
def test_what_can_be_reviewed_or_is_closed_gets_no_offer(thread: Thread, card: Card) -> None:
    posted(thread.store)

    thread.chat.post_card(card)
    thread.deliver()

    assert thread.replies() == []


def test_where_nothing_is_known_nothing_is_said_and_later_it_may_be(thread: Thread) -> None:
    thread.offered = ""
    thread.chat.post_card(undeclared())
    thread.deliver()
    assert thread.replies() == []

    thread.offered = CHANGE
    thread.chat.post_card(undeclared())
    thread.deliver()

    assert len(thread.replies()) == 1


def test_a_finding_that_is_held_back_says_nothing(tmp_path: Path, slack: Recorder) -> None:
    thread = Thread(tmp_path, slack, new_per_day=1)
    others = [undeclared(f"{number:024x}", first_seen=NOW) for number in range(3)]

    for card in others:
        thread.chat.post_card(card)
    thread.deliver()

    assert len(thread.replies()) == 1
    thread.store.close()


def test_in_shadow_it_is_said_to_the_admin(tmp_path: Path, slack: Recorder) -> None:
    thread = Thread(tmp_path, slack, shadow=True)

    thread.chat.post_card(undeclared())

    kept = thread.store.next_message(lease_s=60)
    assert kept is not None
    thread.store.message_sent(kept.uid, ts="2.000001")
    reply = thread.store.next_message(lease_s=60)
    assert reply is not None
    assert reply.channel == ADMIN
    thread.store.close()


def test_advice_without_code_promises_no_review(thread: Thread) -> None:
    thread.offered = "Who calls it is not known: list them."
    thread.chat.post_card(undeclared())
    thread.deliver()

    [reply] = thread.replies()
    assert [block["type"] for block in reply["blocks"]] == ["section", "section"]


def test_why_shows_the_change_as_code() -> None:
    message = why.message(
        undeclared(), Why("Because.", "", advice=CHANGE), why.Reader(ZoneInfo("UTC"), NOW)
    )

    texts = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    assert texts[-2:] == [
        "*By hand:* Let only signed requests call it. As a template would declare it:",
        "```\n-      AuthType: NONE\n+      AuthType: AWS_IAM\n```",
    ]


@pytest.mark.parametrize(
    "lines", ["", "+ <!channel> ```\n*x* @here\n", "+ a\n" * 9000, "+ " + "`" * 9000]
)
def test_any_change_stays_harmless_and_within_slacks_limits(lines: str) -> None:
    card = replace(undeclared(), no_fix_reason="<!here> *no*")

    message = offer.message(card, f"Do <!channel> *this*\n{lines}")

    told = json.dumps(message.body(), ensure_ascii=False)
    assert block_kit.message_errors(list(message.blocks)) == ()
    assert block_kit.text_length(list(message.blocks)) <= block_kit.MESSAGE_TEXT_LENGTH
    assert "<!" not in told
