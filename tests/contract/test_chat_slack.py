"""SlackChat keeps the Chat port, and what the bot reads of Slack is what Slack sends."""

import inspect
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from app.store import SqliteStore
from bot import BotSettings, SlackChat
from bot.desk import person_of, place_of
from core.ports import Chat
from tests import bot_world
from tests.bot_world import Bot, Time, finding_card, posted, remember
from tests.slack_recorder import recording

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "apis" / "slack_samples.jsonl"


@pytest.fixture(scope="module")
def samples() -> Mapping[str, Any]:
    if not SAMPLES.exists():
        pytest.skip("Slack's recorded samples are not beside this repository.")
    records = [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()]
    return {record["name"]: record["body"] for record in records}


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    with recording() as recorder, bot_world.bot(tmp_path, recorder) as made:
        remember(made.store, finding_card())
        posted(made.store)
        yield made


def test_slack_chat_is_a_chat(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "plumbline.db")
    chat: Chat = SlackChat(store, BotSettings(channel="C", bot_token="xoxb-x"), Time())
    for name in ("post_card", "post_summary", "say", "announce", "show_plan"):
        promised = inspect.signature(getattr(Chat, name)).parameters
        kept = inspect.signature(getattr(type(chat), name)).parameters
        assert list(promised) == list(kept)
    store.close()


def unknown(body: Any, sample: Any, path: str = "") -> list[str]:
    """Return the paths of a body that the sample does not have."""
    if not isinstance(body, dict) or not isinstance(sample, dict) or not sample:
        return []
    return [
        place
        for key, value in body.items()
        for place in (
            unknown(value, sample[key], f"{path}.{key}") if key in sample else [f"{path}.{key}"]
        )
    ]


@pytest.mark.shared
def test_the_requests_of_these_tests_have_only_fields_that_slack_sends(
    bot: Bot, samples: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(Bot, "send", lambda _, raw, **__: sent.append(_body(raw)))
    bot.click("finding.why")
    bot.command("top")
    bot.mention("why")
    bot.event({"type": "app_home_opened", "user": "U", "tab": "home", "channel": "D"})
    names = (
        "BlockActionPayload",
        "SlashCommandPayload",
        "AppMentionPayload",
        "AppHomeOpenedPayload",
    )
    for body, name in zip(sent, names, strict=True):
        assert unknown(body, samples[name]) == [], name


def _body(raw: str) -> dict[str, Any]:
    if raw.startswith("{"):
        document: dict[str, Any] = json.loads(raw)
        return document
    fields = {key: values[0] for key, values in parse_qs(raw).items()}
    return json.loads(fields["payload"]) if "payload" in fields else fields


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("conversations.info", ("channel.is_private", "channel.is_mpim", "channel.is_archived")),
        (
            "conversations.info",
            ("channel.is_shared", "channel.is_ext_shared", "channel.is_org_shared"),
        ),
        ("conversations.info", ("channel.is_pending_ext_shared",)),
        ("conversations.members", ("members", "response_metadata.next_cursor")),
        ("conversations.open", ("channel.id",)),
        ("users.info", ("user.is_restricted", "user.is_ultra_restricted")),
        ("views.open", ("view.id",)),
        ("chat.postMessage", ("ts",)),
        ("chat.update", ("ts",)),
        ("files.getUploadURLExternal", ("upload_url", "file_id")),
        (
            "BlockActionPayload",
            ("user.id", "user.team_id", "trigger_id", "channel.id", "container.thread_ts"),
        ),
        (
            "ViewSubmissionPayload",
            ("view.private_metadata", "view.state", "trigger_id", "user.team_id"),
        ),
        ("SlashCommandPayload", ("user_id", "team_id", "channel_id", "trigger_id", "text")),
        ("AppMentionPayload", ("event_id", "event.user", "event.thread_ts", "event.channel")),
    ],
)
def test_what_the_bot_reads_is_in_slacks_samples(
    samples: Mapping[str, Any], name: str, fields: tuple[str, ...]
) -> None:
    for field in fields:
        value: Any = samples[name]
        for key in field.split("."):
            assert key in value, f"{name}: {field}"
            value = value[key]


@pytest.mark.shared
def test_messages_found_again_after_a_crash_carry_metadata(samples: Mapping[str, Any]) -> None:
    for name in ("conversations.history", "conversations.replies"):
        assert "event_payload" in json.dumps(samples[name]["messages"])


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    ["BlockActionPayload", "ViewSubmissionPayload", "SlashCommandPayload", "AppMentionPayload"],
)
def test_a_blank_sample_is_read_without_a_crash(samples: Mapping[str, Any], name: str) -> None:
    person_of(samples[name])
    place_of(samples[name])
