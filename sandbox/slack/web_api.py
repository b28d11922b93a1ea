"""The Web API's front door: tokens, arguments, rate limits, refusals in Slack's words.

https://docs.slack.dev/apis/web-api/. Each method is one decorated function in an `api_*` module.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.slack.state import Json, SlackError, State

BOT, APP = "bot", "app"

SCOPES = (
    "app_mentions:read", "bookmarks:read", "channels:history", "channels:join", "channels:read",
    "chat:write", "commands", "files:read", "files:write", "groups:history", "groups:read",
    "im:history", "im:read", "im:write", "reactions:read", "reactions:write", "team:read",
    "usergroups:read", "users:read", "users:read.email",
)  # fmt: skip
"""The scopes a fresh app has here; pass fewer to see `missing_scope`."""

TIERS: Mapping[int, int] = {2: 20, 3: 50, 4: 100}
"""Calls a minute that Slack grants (see <https://docs.slack.dev/apis/web-api/rate-limits>)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast an app may call. Slack: about one message a second a channel, short bursts allowed.

    Pass `Limits(message_per_s=0, tiers=False)` to switch limits off.
    """

    message_per_s: float = 1.0
    message_burst: int = 8
    tiers: bool = True


@dataclass(slots=True)
class Context:
    """What a method needs beside its arguments."""

    state: State
    origin: str
    bot_token: str
    app_token: str
    scopes: frozenset[str]
    emit: Callable[[Json], None]
    """Send an event to the app if it subscribed to it."""
    open_connection: Callable[[], str]
    """Return a WebSocket address for one Socket Mode connection."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its arguments as sent, and everything else through `context`."""

    method: str
    args: Mapping[str, Any]
    context: Context

    @property
    def state(self) -> State:
        """The workspace's memory."""
        return self.context.state

    def text(self, name: str, default: str = "") -> str:
        """Return an argument as text."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Return an argument as true or false."""
        return self.text(name).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        """Return an argument as a whole number. Raises: SlackError invalid_arguments."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            raise SlackError("invalid_arguments") from None

    def parsed(self, name: str, *, refusal: str) -> Any:
        """Return an argument that is JSON, sent as such or as text. Raises: SlackError `refusal`."""
        value = self.args.get(name)
        if not isinstance(value, str) or not value.strip():
            return value if not isinstance(value, str) else None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(refusal) from None

    def need(self, name: str) -> str:
        """Return an argument that must be there. Raises: SlackError invalid_arguments."""
        value = self.text(name)
        if not value:
            error = f"missing required field: {name}"
            raise SlackError(
                "invalid_arguments", response_metadata={"messages": [f"[ERROR] {error}"]}
            )
        return value


Method = Callable[[Call], Json]


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered method."""

    method: Method
    scopes: tuple[str, ...]
    tier: int
    token: str


REGISTRY: dict[str, Entry] = {}


def api(name: str, *scopes: str, tier: int = 3, token: str = BOT) -> Callable[[Method], Method]:
    """Register a Web API method. Any one of `scopes` suffices; tier 0 is not counted by tier."""

    def register(method: Method) -> Method:
        REGISTRY[name] = Entry(method, scopes, tier, token)
        return method

    return register


@dataclass(slots=True)
class Pace:
    """Token buckets: one a method and, for messages, one a channel."""

    limits: Limits
    clock: Callable[[], float]
    _levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    def check(self, call: Call, tier: int) -> None:
        """Count one call. Raises: SlackError ratelimited with the seconds to wait."""
        if call.method == "chat.postMessage":
            if self.limits.message_per_s:
                key = f"message {call.text('channel')}"
                self._take(key, self.limits.message_per_s, self.limits.message_burst)
        elif tier and self.limits.tiers:
            self._take(call.method, TIERS[tier] / 60, TIERS[tier])

    def _take(self, key: str, per_s: float, burst: int) -> None:
        now = self.clock()
        level, at = self._levels.get(key, (float(burst), now))
        level = min(float(burst), level + (now - at) * per_s)
        if level < 1:
            self._levels[key] = (level, now)
            raise SlackError("ratelimited", retry_after_s=max(1, round((1 - level) / per_s)))
        self._levels[key] = (level - 1, now)


def check_token(entry: Entry, token: str, context: Context) -> None:
    """Raise what Slack answers to a token that is missing, unknown or of the wrong kind."""
    if not token:
        raise SlackError("not_authed")
    if token not in {context.bot_token, context.app_token}:
        raise SlackError("invalid_auth")
    if (token == context.app_token) != (entry.token == APP):
        raise SlackError("not_allowed_token_type")
    if entry.scopes and entry.token == BOT and not context.scopes.intersection(entry.scopes):
        raise SlackError(
            "missing_scope", needed=entry.scopes[0], provided=",".join(sorted(context.scopes))
        )


def answer(call: Call, *, token: str, pace: Pace) -> Json:
    """Answer one call, refusals included. A rate limit leaves as SlackError: it is a status too."""
    entry = REGISTRY.get(call.method)
    if entry is None:
        return {"ok": False, "error": "unknown_method", "req_method": call.method}
    try:
        check_token(entry, token, call.context)
        pace.check(call, entry.tier)
        return {"ok": True, **entry.method(call)}
    except SlackError as error:
        if error.code == "ratelimited":
            raise
        return {"ok": False, "error": error.code, **error.extra}


def parse_body(content_type: str, body: bytes) -> Json:
    """Read a JSON body. Raises: SlackError invalid_json, json_not_object."""
    if "json" not in content_type or not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


def page(
    rows: list[Any], call: Call, *, default: int = 100, most: int = 1000
) -> tuple[list[Any], str]:
    """Cut one page out of rows. Raises: SlackError invalid_cursor."""
    limit = min(max(call.number("limit", default), 1), most)
    cursor = call.text("cursor")
    if cursor and not cursor.isdigit():
        raise SlackError("invalid_cursor")
    start = int(cursor or 0)
    after = str(start + limit) if start + limit < len(rows) else ""
    return rows[start : start + limit], after
