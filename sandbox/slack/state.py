"""What the local workspace knows: people, channels, messages, views, files. In memory, one thread.

Everything here is touched only from the server's event loop, so nothing is locked.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

TEAM_ID = "T0SANDBOX01"
APP_ID = "A0PLUMBLINE"
BOT_ID = "B0PLUMBLINE"
BOT_USER_ID = "U0PLUMBLINE"
TRIGGER_TTL_S = 3.0
"""https://docs.slack.dev/interactivity/handling-user-interaction: a trigger expires in 3 seconds."""
MODAL_STACK = 3
"""https://docs.slack.dev/surfaces/modals: up to 3 views in a modal's stack."""

Json = dict[str, Any]


class SlackError(Exception):
    """A refusal with Slack's own code, and what else Slack's answer would hold."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


def with_messages(code: str, errors: Sequence[str]) -> SlackError:
    """Build a refusal that lists faults as Slack does, in `errors` and `response_metadata`."""
    return SlackError(
        code,
        errors=list(errors),
        response_metadata={"messages": [f"[ERROR] {error}" for error in errors]},
    )


@dataclass(slots=True)
class Person:
    """Somebody in the workspace, or the app's bot user."""

    id: str
    name: str
    real_name: str
    title: str = ""
    is_admin: bool = False
    is_restricted: bool = False
    is_bot: bool = False


@dataclass(slots=True)
class Channel:
    """A public or private channel, or a direct conversation between the app and one person."""

    id: str
    name: str
    members: list[str]
    is_private: bool = False
    topic: str = ""
    im_user: str = ""
    created: int = 0

    @property
    def is_im(self) -> bool:
        """Whether this is a direct conversation with the app."""
        return bool(self.im_user)


@dataclass(slots=True)
class Message:
    """One message, as posted; `ephemeral_to` names the only person who sees it."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] | None = None
    thread_ts: str = ""
    broadcast: bool = False
    metadata: Json | None = None
    edited_ts: str = ""
    ephemeral_to: str = ""
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Whether this stands in a thread below another message."""
        return bool(self.thread_ts) and self.thread_ts != self.ts


@dataclass(slots=True)
class View:
    """An open modal, or somebody's Home tab."""

    id: str
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None
    values: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class File:
    """An uploaded file; `data` is None until its bytes arrived."""

    id: str
    name: str
    length: int
    created: int
    alt_text: str = ""
    title: str = ""
    mimetype: str = "application/octet-stream"
    data: bytes | None = None
    is_complete: bool = False
    channels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """A user group, mentioned as one."""

    id: str
    handle: str
    name: str
    users: list[str]


@dataclass(slots=True)
class ResponseUrl:
    """A response_url that was handed out: five answers within half an hour."""

    channel: str
    user: str
    expires: float
    ts: str = ""
    thread_ts: str = ""
    used: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command of the app, with the hint that the composer shows."""

    name: str
    hint: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened that an open page may want to show."""

    kind: str
    channel: str = ""
    user: str = ""
    detail: str = ""


PEOPLE = (
    Person("U0DANA00001", "dana", "Dana Reyes", "Security engineer", is_admin=True),
    Person("U0OMAR00001", "omar", "Omar Haddad", "Owner of orders"),
    Person("U0PRIYA0001", "priya", "Priya Nair", "Platform engineer"),
    Person(
        "U0GUEST0001",
        "guest",
        "Gale Winters",
        "Guest, may not decide",
        is_restricted=True,
    ),
)
GROUPS = (
    Group("S0SECURITY1", "security", "Security", ["U0DANA00001"]),
    Group("S0ORDERS001", "team-orders", "Orders", ["U0OMAR00001"]),
    Group("S0PLATFORM1", "platform", "Platform", ["U0PRIYA0001"]),
)
_ALL = [person.id for person in PEOPLE]
CHANNELS = (
    Channel(
        "C0FINDINGS1", "plumbline-findings", [*_ALL, BOT_USER_ID],
        is_private=True, topic="What drifted, why, and what puts it right",
    ),
    Channel("C0GENERAL01", "general", [*_ALL], topic="Company-wide"),
    Channel("C0ORDERS001", "orders", ["U0OMAR00001", "U0DANA00001", BOT_USER_ID], topic="Orders service"),
    Channel("C0PLATFORM1", "platform", ["U0PRIYA0001", "U0DANA00001"], is_private=True, topic="Platform team"),
)  # fmt: skip


class State:
    """The workspace's memory, and the small rules that hold everywhere."""

    def __init__(  # noqa: PLR0913 - each is one fact of a workspace
        self,
        *,
        app_name: str = "Plumbline",
        bot_name: str = "plumb",
        team_name: str = "Northwind",
        commands: Sequence[Command] = (),
        is_dm_read_only: bool = False,
        clock: Callable[[], float] = time.time,
        trigger_ttl_s: float = TRIGGER_TTL_S,
    ) -> None:
        self.app_name, self.bot_name, self.team_name = app_name, bot_name, team_name
        self.commands = tuple(commands)
        self.is_dm_read_only = is_dm_read_only
        self.clock = clock
        self.trigger_ttl_s = trigger_ttl_s
        bot = Person(BOT_USER_ID, bot_name, app_name, "App", is_bot=True)
        self.people = {p.id: p for p in (*deepcopy(PEOPLE), bot)}
        self.groups = {g.id: g for g in deepcopy(GROUPS)}
        now = int(clock())
        self.channels = {c.id: c for c in deepcopy(CHANNELS)}
        for channel in self.channels.values():
            channel.created = now
        self.messages: dict[str, list[Message]] = {key: [] for key in self.channels}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.uploads: dict[str, str] = {}
        self.triggers: dict[str, tuple[str, float, bool]] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.last_read: dict[tuple[str, str], str] = {}
        self.notes: list[str] = []
        self._last_ts = 0.0
        self._listeners: list[Callable[[Change], None]] = []

    # time and identity
    def next_ts(self) -> str:
        """Return a message timestamp later than every one before."""
        self._last_ts = max(round(self.clock(), 6), round(self._last_ts + 0.000_001, 6))
        return f"{self._last_ts:.6f}"

    def new_id(self, prefix: str) -> str:
        """Return a fresh id in Slack's form."""
        return prefix + secrets.token_hex(5).upper()

    def new_trigger(self, user: str) -> str:
        """Hand out a trigger id for what a person just did."""
        trigger = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self.triggers[trigger] = (user, self.clock() + self.trigger_ttl_s, False)
        return trigger

    def take_trigger(self, trigger: str) -> str:
        """Exchange a trigger id for its person, once.

        Raises: SlackError invalid_trigger_id, exchanged_trigger_id, expired_trigger_id.
        """
        if trigger not in self.triggers:
            raise SlackError("invalid_trigger_id")
        user, expires, is_used = self.triggers[trigger]
        if is_used:
            raise SlackError("exchanged_trigger_id")
        if self.clock() > expires:
            raise SlackError("expired_trigger_id")
        self.triggers[trigger] = (user, expires, True)
        return user

    # people and places
    def person(self, who: str) -> Person:
        """Find a person by id or name. Raises: SlackError user_not_found."""
        for person in self.people.values():
            if who.removeprefix("@") in {person.id, person.name}:
                return person
        raise SlackError("user_not_found")

    def channel(self, where: str, *, seen_by: str) -> Channel:
        """Find a channel by id, by #name, or a direct conversation by the person's id.

        Raises: SlackError channel_not_found, also for a private channel that `seen_by` is not in.
        """
        found = self.channels.get(where) or next(
            (c for c in self.channels.values() if c.name and c.name == where.removeprefix("#")),
            None,
        )
        if found is None and where in self.people:
            found = self.open_im(where)
        if found is None or ((found.is_private or found.is_im) and seen_by not in found.members):
            raise SlackError("channel_not_found")
        return found

    def open_im(self, user: str) -> Channel:
        """Return the direct conversation between the app and a person, opening it if need be."""
        for channel in self.channels.values():
            if channel.im_user == user:
                return channel
        channel = Channel(
            f"D{user[1:]}", "", [user, BOT_USER_ID], im_user=user, created=int(self.clock())
        )
        self.channels[channel.id] = channel
        self.messages[channel.id] = []
        self.publish(Change("channel", channel.id, user))
        return channel

    # messages
    def message(self, channel: str, ts: str, *, user: str = "") -> Message:
        """Find a message; an ephemeral one only for its person. Raises: message_not_found."""
        for message in self.messages.get(channel, ()):
            if message.ts == ts and message.ephemeral_to in {"", user}:
                return message
        raise SlackError("message_not_found")

    def add(self, message: Message) -> Message:
        """Keep a message and tell open pages."""
        self.messages[message.channel].append(message)
        if message.user != BOT_USER_ID:
            self.last_read[message.user, message.channel] = message.ts
        self.publish(Change("message", message.channel, message.ephemeral_to))
        return message

    def remove(self, message: Message) -> None:
        """Forget a message and tell open pages."""
        self.messages[message.channel].remove(message)
        self.publish(Change("message", message.channel, message.ephemeral_to))

    def replies(self, channel: str, ts: str) -> list[Message]:
        """List the replies of a thread that everybody sees, oldest first."""
        return [
            m for m in self.messages[channel]
            if m.is_reply and m.thread_ts == ts and not m.ephemeral_to
        ]  # fmt: skip

    def visible(self, channel: str, user: str) -> Iterator[Message]:
        """List what a person sees in a channel, threads included, oldest first."""
        return (m for m in self.messages[channel] if m.ephemeral_to in {"", user})

    def unread(self, channel: str, user: str) -> int:
        """Count messages of the channel's main list that a person has not seen."""
        seen = self.last_read.get((user, channel), "")
        return sum(
            m.ts > seen and m.user != user and not m.is_reply for m in self.visible(channel, user)
        )

    # views
    def view(self, view_id: str = "", external_id: str = "") -> View:
        """Find an open view or a Home tab. Raises: SlackError not_found."""
        for view in (*self.homes.values(), *(v for stack in self.stacks.values() for v in stack)):
            if view.id == view_id or (external_id and view.body.get("external_id") == external_id):
                return view
        raise SlackError("not_found")

    # open pages
    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call `listener` after each change until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self, change: Change) -> None:
        """Tell every open page about a change."""
        for listener in tuple(self._listeners):
            listener(change)

    def note(self, sentence: str) -> None:
        """Keep a remark about something Slack takes but a careful app would not send."""
        self.notes.append(sentence)
        self.publish(Change("note", detail=sentence))


def filled(blocks: Sequence[Mapping[str, Any]]) -> list[Json]:
    """Return a copy of blocks with what Slack adds: block ids, action ids, text defaults."""
    copy = [_fill(dict(deepcopy(block))) for block in blocks]
    for block in copy:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        if not block["block_id"]:
            block["block_id"] = secrets.token_urlsafe(4)[:5]
    return copy


_INTERACTIVE = ("button", "select", "picker", "_input", "overflow", "checkboxes", "buttons")


def _fill(value: Any) -> Any:
    if isinstance(value, list):
        return [_fill(item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {key: _fill(item) for key, item in value.items() if item is not None}
    kind = str(out.get("type", ""))
    if kind == "plain_text":
        out.setdefault("emoji", True)
    elif kind == "mrkdwn":
        out.setdefault("verbatim", False)
    elif kind.endswith(_INTERACTIVE):
        out.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return out
