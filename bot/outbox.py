"""Delivery: what was queued goes out once, in order, at the pace Slack allows.

A message carries its outbox uid in its metadata. After a crash between sending and recording, the
next attempt first looks for that uid in the channel and records what it finds, so that nothing is
posted twice. See https://docs.slack.dev/messaging/message-metadata
"""

import base64
import http.client
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.block import Message, section
from bot.chat import PAUSED, THREAD_OF, UPLOAD
from bot.context import BotSettings
from bot.privacy import Privacy
from bot.text import prose
from core.errors import ChatError
from core.ports import Clock, OutboxMessage, Store

EVENT_TYPE = "plumbline"
LEASE_S = 60.0
PACE_S = 1.0
"""Slack allows one message a second and channel: https://docs.slack.dev/apis/web-api/rate-limits"""
RETRY_MAX_S = 300
ATTEMPTS_MAX = 12
"""At the longest waits that is most of an hour; then the message is recorded as failed."""
HISTORY = 100

_REFUSED_TOKEN = {
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
}
_PASSING = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "ratelimited",
    "rate_limited",
    "message_limit_exceeded",
}
_ARRANGEABLE = {"channel_not_found", "not_in_channel", "is_archived", "missing_scope"}
"""Somebody can put these right (invite the bot, install it again): the message waits a while."""
ARRANGE_S = 300
_log = structlog.get_logger()


@dataclass
class Delivery:
    """One deliverer. Keep it between runs: it remembers the pace and Slack's wish to wait."""

    store: Store
    client: WebClient
    clock: Clock
    settings: BotSettings
    tick: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _last: dict[str, float] = field(default_factory=dict)
    _rooms: dict[str, str] = field(default_factory=dict)
    _blocked_until: float = float("-inf")

    def __post_init__(self) -> None:
        self._privacy = Privacy(self.client, self.settings, self.tick)

    def run(self, *, most: int = 100) -> int:
        """Deliver until nothing is due, posting is paused or Slack asks to wait; return the number sent.

        Raises: ChatError when Slack refuses the token. The messages stay queued.
        """
        sent = 0
        while sent < most and not self.store.get(PAUSED) and self.tick() >= self._blocked_until:
            message = self.store.next_message(lease_s=LEASE_S)
            if message is None:
                break
            sent += self._attempt(message)
        return sent

    # ── one message ───────────────────────────────────────────────────────────

    def _attempt(self, message: OutboxMessage) -> int:
        try:
            ts = self._deliver(message)
        except SlackApiError as error:
            self._refused(message, error)
            return 0
        except (SlackClientError, OSError, http.client.HTTPException) as error:
            self._later(message, type(error).__name__, wait_s=_backoff_s(message.attempts))
            return 0
        if ts is None:
            return 0
        self.store.message_sent(message.uid, ts=ts)
        _log.info("message_sent", uid=message.uid, method=message.method, channel=message.channel)
        return 1

    def _deliver(self, message: OutboxMessage) -> str | None:
        """Send, and return the timestamp; None when the message was given up."""
        refusal = self._privacy.refusal(message.channel)
        if refusal:
            self._tell_admin(message.channel, refusal)
            self._later(message, refusal, wait_s=ARRANGE_S)
            return None
        room = self._room(message.channel)
        thread_ts = self._thread(message)
        if thread_ts is None:
            self._give_up(message, "the message to reply to was never posted")
            return None
        if message.attempts > 1:
            found = self._find(message, room, thread_ts)
            if found is not None:
                return found
        self._pace(room)
        return self._send(message, room, thread_ts)

    def _send(self, message: OutboxMessage, room: str, thread_ts: str) -> str:
        if message.method == UPLOAD:
            return self._upload(message, room, thread_ts)
        body = {key: value for key, value in message.body.items() if key != THREAD_OF}
        body["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"uid": message.uid}}
        ref = self.store.message_ref(message.subject) if message.subject else None
        if ref:
            kept = {key: body[key] for key in ("text", "blocks", "parse", "link_names", "metadata")}
            return str(self.client.chat_update(channel=room, ts=ref.ts, **kept)["ts"])
        if thread_ts:
            body["thread_ts"] = thread_ts
        return str(self.client.chat_postMessage(channel=room, **body)["ts"])

    def _upload(self, message: OutboxMessage, room: str, thread_ts: str) -> str:
        body = message.body
        self.client.files_upload_v2(
            channel=room,
            thread_ts=thread_ts or None,
            file=base64.b64decode(body["content"]),
            filename=_file_name(message),
            title=body["name"],
            alt_txt=body["alt"][:1000],
        )
        return ""

    def _thread(self, message: OutboxMessage) -> str | None:
        subject = message.body.get(THREAD_OF)
        if not subject:
            return ""
        ref = self.store.message_ref(subject)
        return ref.ts if ref else None

    def _room(self, channel: str) -> str:
        """Return the conversation of a channel id; for a person, the direct message."""
        if not channel.startswith(("U", "W")):
            return channel
        if channel not in self._rooms:
            self._rooms[channel] = self.client.conversations_open(users=channel)["channel"]["id"]
        return self._rooms[channel]

    def _pace(self, room: str) -> None:
        wait_s = self._last.get(room, float("-inf")) + PACE_S - self.tick()
        if wait_s > 0:
            self.sleep(wait_s)
        self._last[room] = self.tick()

    # ── after a crash ─────────────────────────────────────────────────────────

    def _find(self, message: OutboxMessage, room: str, thread_ts: str) -> str | None:
        """Return the timestamp of a message that an earlier attempt did send."""
        if message.subject and self.store.message_ref(message.subject):
            return None  # an update may be sent again: it says the same
        common: dict[str, Any] = {"channel": room, "limit": HISTORY, "include_all_metadata": True}
        if thread_ts:
            page = self.client.conversations_replies(ts=thread_ts, **common)
        else:
            page = self.client.conversations_history(**common)
        found = next((each for each in page["messages"] if _is(each, message)), None)
        return str(found["ts"]) if found else None

    # ── when it does not work ─────────────────────────────────────────────────

    def _refused(self, message: OutboxMessage, error: SlackApiError) -> None:
        code = str(error.response.get("error") or "unknown")
        status = getattr(error.response, "status_code", 200)
        if status == 429 or code in {"ratelimited", "rate_limited"}:
            wait_s = _retry_after_s(error)
            self._blocked_until = self.tick() + wait_s
            self._later(message, code, wait_s=wait_s)
        elif code in _REFUSED_TOKEN:
            self._later(message, code, wait_s=60)
            raise ChatError(
                f"Slack refuses the bot token ({code}). Install the app again and set the new token."
            ) from error
        elif code in _ARRANGEABLE:
            self._tell_admin(message.channel, f"Slack answers {code}.")
            self._later(message, code, wait_s=ARRANGE_S)
        elif status >= 500 or code in _PASSING:
            self._later(message, code, wait_s=_backoff_s(message.attempts))
        else:
            self._give_up(message, code)

    def _tell_admin(self, channel: str, why: str) -> None:
        """Tell the admin once why a channel gets nothing."""
        admin, fact = self.settings.admin, f"slack.refused.{channel}"
        if not admin or admin == channel or self.store.get(fact) == why:
            return
        self.store.put(fact, why)
        said = Message(why, (section(f"Findings cannot be posted to <#{channel}>: {prose(why)}"),))
        uid = uuid.uuid4().hex
        body = said.body()
        self.store.queue_message(OutboxMessage(uid, admin, "chat.postMessage", body, 0))

    def _later(self, message: OutboxMessage, why: str, *, wait_s: float) -> None:
        if message.attempts >= ATTEMPTS_MAX and why not in _REFUSED_TOKEN:
            self._give_up(message, f"{why}, {message.attempts} attempts")
            return
        retry_at = self.clock() + timedelta(seconds=wait_s)
        self.store.message_failed(message.uid, error=why, retry_at=retry_at)
        _log.warning("message_delayed", uid=message.uid, error=why, wait_s=wait_s)

    def _give_up(self, message: OutboxMessage, why: str) -> None:
        self.store.message_failed(message.uid, error=why, retry_at=None)
        _log.error("message_failed", uid=message.uid, channel=message.channel, error=why)


def deliver(
    store: Store, client: WebClient, clock: Clock, settings: BotSettings, *, most: int = 100
) -> int:
    """Deliver what is due once; return the number sent. A loop keeps a `Delivery` instead."""
    return Delivery(store, client, clock, settings).run(most=most)


def _file_name(message: OutboxMessage) -> str:
    # a file has no metadata: its name carries the outbox uid
    stem, _, suffix = str(message.body["name"]).rpartition(".")
    return f"{stem}-{message.uid[:12]}.{suffix}"


def _is(posted: Mapping[str, Any], message: OutboxMessage) -> bool:
    if message.method == UPLOAD:
        files: Iterable[Mapping[str, Any]] = posted.get("files") or ()
        return any(each.get("name") == _file_name(message) for each in files)
    metadata = posted.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return metadata.get("event_type") == EVENT_TYPE and payload.get("uid") == message.uid


def _retry_after_s(error: SlackApiError) -> float:
    headers = {key.lower(): value for key, value in (error.response.headers or {}).items()}
    value = headers.get("retry-after", "1")
    first = value[0] if isinstance(value, list) else value
    return max(float(first), 1.0)


def _backoff_s(attempts: int) -> float:
    return float(min(2 ** min(attempts, 10), RETRY_MAX_S))
