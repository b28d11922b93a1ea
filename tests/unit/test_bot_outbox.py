"""Delivery: once, in order, at Slack's pace, and honest about what failed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.store import SqliteStore
from bot import Delivery, SlackChat, outbox_client
from bot.context import BotSettings
from core.errors import ChatError
from tests.bot_world import CHANNEL, UID, Time, finding_card, posted, remember, settings
from tests.slack_recorder import ADMIN, Recorder


class Post:
    """A chat, its outbox and a deliverer whose time passes only when it sleeps."""

    def __init__(self, path: Path, slack: Recorder, **changes: Any) -> None:
        self.slack = slack
        self.clock = Time()
        self.store = SqliteStore(path / "plumbline.db", clock=self.clock)
        self.settings: BotSettings = settings(slack, **changes)
        self.chat = SlackChat(self.store, self.settings, self.clock)
        self.elapsed = 0.0
        self.delivery = self.fresh()
        remember(self.store, finding_card())

    def fresh(self) -> Delivery:
        """Return a deliverer that remembers nothing, as after a restart."""
        client = outbox_client(self.settings)
        return Delivery(
            self.store,
            client,
            self.clock,
            self.settings,
            tick=lambda: self.elapsed,
            sleep=self.sleep,
        )

    def sleep(self, seconds: float) -> None:
        self.elapsed += seconds

    def wait(self, seconds: float) -> None:
        self.elapsed += seconds
        self.clock.pass_(seconds=seconds)


@pytest.fixture
def post(tmp_path: Path, slack: Recorder) -> Iterator[Post]:
    made = Post(tmp_path, slack)
    yield made
    made.store.close()


def test_a_message_carries_its_outbox_uid_and_is_recorded(post: Post) -> None:
    post.chat.post_card(finding_card())
    assert post.delivery.run() == 1
    sent = post.slack.of("chat.postMessage")[0]
    assert sent["metadata"]["event_type"] == "plumbline"
    assert sent["metadata"]["event_payload"]["uid"]
    ref = post.store.message_ref(UID)
    assert ref
    assert (ref.channel, ref.ts) == (CHANNEL, "1763818400.000001")


def test_a_second_state_updates_the_same_message(post: Post) -> None:
    post.chat.post_card(finding_card())
    post.chat.post_card(finding_card(open_for_owner=34))
    assert post.delivery.run() == 2
    assert len(post.slack.of("chat.postMessage")) == 1
    assert post.slack.of("chat.update")[0]["ts"] == "1763818400.000001"


def test_one_message_a_second_goes_to_a_channel(post: Post) -> None:
    for _ in range(4):
        post.chat.announce("word")
    post.delivery.run()
    assert post.elapsed == pytest.approx(3.0)


def test_slacks_wish_to_wait_is_honoured(post: Post) -> None:
    post.slack.limited["chat.postMessage"] = 1
    post.chat.announce("word")
    assert post.delivery.run() == 0
    post.wait(6)
    assert post.delivery.run() == 0
    assert len(post.slack.of("chat.postMessage")) == 0
    post.wait(2)
    assert post.delivery.run() == 1


def test_slacks_wish_to_wait_holds_for_every_channel(post: Post) -> None:
    post.slack.limited["chat.postMessage"] = 1
    post.chat.announce("word")
    post.chat.announce("word", channel="C0OTHER")
    assert post.delivery.run() == 0
    post.wait(8)
    assert post.delivery.run() == 2


def test_a_passing_failure_is_tried_again(post: Post) -> None:
    post.slack.broken["chat.postMessage"] = 1
    post.chat.announce("word")
    assert post.delivery.run() == 0
    post.wait(5)
    assert post.delivery.run() == 1


def test_a_lasting_refusal_is_recorded_and_blocks_nothing(post: Post) -> None:
    post.slack.answers["chat.postMessage"] = {"ok": False, "error": "msg_too_long"}
    post.chat.announce("lost")
    assert post.delivery.run() == 0
    del post.slack.answers["chat.postMessage"]
    post.chat.announce("next")
    assert post.delivery.run() == 1


def test_what_somebody_can_put_right_waits_and_the_admin_is_told_once(post: Post) -> None:
    post.slack.answers["conversations.info"] = {"ok": False, "error": "channel_not_found"}
    post.chat.announce("word")
    post.chat.announce("word")
    assert post.delivery.run() == 1
    told = post.slack.of("chat.postMessage")
    assert [each["channel"] for each in told] == ["D0DIRECT"]
    assert "channel_not_found" in json.dumps(told[0]["blocks"])
    del post.slack.answers["conversations.info"]  # the bot was invited
    post.wait(301)
    assert post.delivery.run() == 2


def test_a_refused_token_keeps_the_message_and_says_what_to_do(post: Post) -> None:
    post.slack.answers["chat.postMessage"] = {"ok": False, "error": "token_revoked"}
    post.chat.announce("word")
    with pytest.raises(ChatError, match="Install the app again"):
        post.delivery.run()
    del post.slack.answers["chat.postMessage"]
    post.wait(61)
    assert post.delivery.run() == 1


def test_what_was_sent_before_a_crash_is_found_and_not_posted_twice(post: Post) -> None:
    post.chat.post_card(finding_card())
    lost = post.store.next_message(lease_s=60)  # a deliverer took it, sent it, and was killed
    assert lost
    posted_as = {"event_type": "plumbline", "event_payload": {"uid": lost.uid}}
    messages = [{"ts": "1.1", "metadata": {}}, {"ts": "1763818399.000042", "metadata": posted_as}]
    post.slack.answers["conversations.history"] = {"ok": True, "messages": messages}
    post.wait(61)
    assert post.fresh().run() == 1
    assert post.slack.of("chat.postMessage") == []
    assert post.slack.of("conversations.history")[0]["include_all_metadata"] in ("1", "true", True)
    ref = post.store.message_ref(UID)
    assert ref
    assert ref.ts == "1763818399.000042"


def test_what_was_taken_but_not_sent_before_a_crash_is_posted(post: Post) -> None:
    post.chat.post_card(finding_card())
    assert post.store.next_message(lease_s=60)
    post.wait(61)
    assert post.fresh().run() == 1
    assert len(post.slack.of("chat.postMessage")) == 1


def test_a_reply_that_was_sent_before_a_crash_is_found_in_its_thread(post: Post) -> None:
    posted(post.store)
    post.chat.say(UID, "word")
    lost = post.store.next_message(lease_s=60)
    assert lost
    posted_as = {"event_type": "plumbline", "event_payload": {"uid": lost.uid}}
    replies = {"ok": True, "messages": [{"ts": "2.2", "metadata": posted_as}]}
    post.slack.answers["conversations.replies"] = replies
    post.wait(61)
    assert post.fresh().run() == 1
    assert post.slack.of("chat.postMessage") == []


def test_a_reply_goes_into_the_findings_thread(post: Post) -> None:
    posted(post.store)
    post.chat.say(UID, "word")
    post.delivery.run()
    sent = post.slack.of("chat.postMessage")[0]
    assert sent["thread_ts"] == "1763818320.000100"
    assert "_thread_of" not in sent


@pytest.mark.parametrize(
    "facts",
    [
        {"is_private": False},
        {"is_private": True, "is_ext_shared": True},
        {"is_private": True, "is_org_shared": True},
        {"is_private": True, "is_archived": True},
    ],
)
def test_public_shared_and_archived_channels_get_nothing(
    post: Post, facts: dict[str, bool]
) -> None:
    post.slack.channel = facts
    post.chat.post_card(finding_card())
    post.delivery.run()
    assert [each["channel"] for each in post.slack.of("chat.postMessage")] == ["D0DIRECT"]
    assert "orders-export" not in json.dumps(post.slack.of("chat.postMessage"))


def test_a_setting_allows_public_channels(tmp_path: Path, slack: Recorder) -> None:
    slack.channel = {"is_private": False}
    post = Post(tmp_path, slack, allow_public_channels=True)
    post.chat.post_card(finding_card())
    assert post.delivery.run() == 1
    post.store.close()


def test_a_pause_stops_what_is_queued_already(post: Post) -> None:
    post.chat.post_card(finding_card())
    post.store.put("paused", "1")
    assert post.delivery.run() == 0
    post.store.put("paused", "")
    assert post.delivery.run() == 1


def test_a_shadow_message_goes_into_the_admins_direct_messages(
    tmp_path: Path, slack: Recorder
) -> None:
    post = Post(tmp_path, slack, shadow=True)
    post.chat.post_card(finding_card())
    post.chat.post_card(finding_card(open_for_owner=1))
    assert post.delivery.run() == 2
    assert slack.of("conversations.open") == [{"users": ADMIN}]
    assert slack.of("chat.postMessage")[0]["channel"] == "D0DIRECT"
    assert slack.of("chat.update")[0]["channel"] == "D0DIRECT"
    post.store.close()


def test_a_picture_is_uploaded_into_the_thread_with_its_alt_text(post: Post) -> None:
    posted(post.store)
    post.chat.send_waterfall(UID, b"\x89PNG made up", "base -1.1, no authentication +1.9")
    assert post.delivery.run() == 1
    asked = post.slack.of("files.getUploadURLExternal")[0]
    assert asked["alt_txt"] == "base -1.1, no authentication +1.9"
    assert post.slack.of("upload")[0]["content"] == b"\x89PNG made up"
    done = post.slack.of("files.completeUploadExternal")[0]
    assert (done["channel_id"], done["thread_ts"]) == (CHANNEL, "1763818320.000100")


def test_a_long_diff_goes_into_the_thread_as_a_file(post: Post) -> None:
    from tests.bot_world import fix_plan

    posted(post.store)
    diff = "\n".join(f"+ line {number}" + "x" * 80 for number in range(2000))
    post.chat.show_plan("V1", finding_card(), fix_plan(diff=diff), "")
    post.delivery.run()
    assert post.slack.of("upload")[0]["content"].decode() == diff
    assert "file in the finding" in json.dumps(post.slack.of("views.update")[0])


def test_a_modal_that_was_closed_is_no_failure(post: Post) -> None:
    post.slack.answers["views.update"] = {"ok": False, "error": "not_found"}
    post.chat.show_plan("V1", finding_card(), None, "No template declares it.")
