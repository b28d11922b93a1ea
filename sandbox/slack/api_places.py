"""auth, apps, team, bots, users, usergroups and conversations: who and where."""

from typing import Any

from sandbox.slack import payloads
from sandbox.slack.state import (
    BOT_ID,
    BOT_USER_ID,
    TEAM_ID,
    Change,
    Channel,
    Json,
    Message,
    SlackError,
)
from sandbox.slack.web_api import APP, Call, api, page

_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")
_TYPES = {"public_channel", "private_channel", "mpim", "im"}


@api("auth.test", tier=0)
def auth_test(call: Call) -> Json:
    """Say whose token this is."""
    return {
        "url": f"{call.context.origin}/",
        "team": call.state.team_name,
        "user": call.state.bot_name,
        "team_id": TEAM_ID,
        "user_id": BOT_USER_ID,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


@api("apps.connections.open", tier=0, token=APP)
def open_connection(call: Call) -> Json:
    """Hand out a WebSocket address (see <https://docs.slack.dev/apis/events-api/using-socket-mode>)."""
    return {"url": call.context.open_connection()}


@api("team.info", "team:read", tier=3)
def team_info(call: Call) -> Json:
    """Describe the workspace."""
    return {
        "team": {
            "id": TEAM_ID,
            "name": call.state.team_name,
            "domain": payloads.DOMAIN,
            "email_domain": "northwind.example",
            "url": f"{call.context.origin}/",
            "icon": {"image_default": True},
        }
    }


@api("bots.info", "users:read", tier=3)
def bots_info(call: Call) -> Json:
    """Describe the app's bot."""
    if call.text("bot", BOT_ID) != BOT_ID:
        raise SlackError("bot_not_found")
    profile = payloads.bot_profile(call.state)
    profile.pop("team_id")
    return {"bot": profile | {"user_id": BOT_USER_ID}}


@api("users.info", "users:read", tier=4)
def users_info(call: Call) -> Json:
    """Describe one person."""
    person = call.state.people.get(call.need("user"))
    if person is None:
        raise SlackError("user_not_found")
    return {"user": payloads.person_json(person, int(call.state.clock()))}


@api("users.lookupByEmail", "users:read.email", tier=3)
def lookup_by_email(call: Call) -> Json:
    """Find a person by address."""
    now = int(call.state.clock())
    for person in call.state.people.values():
        shown = payloads.person_json(person, now)
        if shown["profile"]["email"] == call.need("email").lower():
            return {"user": shown}
    raise SlackError("users_not_found")


@api("users.list", "users:read", tier=2)
def users_list(call: Call) -> Json:
    """List everybody."""
    now = int(call.state.clock())
    rows, after = page([payloads.person_json(p, now) for p in call.state.people.values()], call)
    return {"members": rows, "cache_ts": now, "response_metadata": {"next_cursor": after}}


@api("usergroups.list", "usergroups:read", tier=2)
def usergroups_list(call: Call) -> Json:
    """List user groups."""
    now, with_users = int(call.state.clock()), call.flag("include_users")
    groups = call.state.groups.values()
    return {"usergroups": [payloads.group_json(g, now, with_users=with_users) for g in groups]}


@api("usergroups.users.list", "usergroups:read", tier=2)
def usergroup_users(call: Call) -> Json:
    """List the people of a user group."""
    group = call.state.groups.get(call.need("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": group.users}


def _kind(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    return "private_channel" if channel.is_private else "public_channel"


def _listed(call: Call, *, of: str) -> list[Json]:
    kinds = {kind.strip() for kind in call.text("types", "public_channel").split(",")}
    if not kinds <= _TYPES:
        raise SlackError("invalid_types")
    needed = {"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read"}
    for kind in kinds & needed.keys():
        _need_scope(call, needed[kind])
    return [
        payloads.channel_json(call.state, channel)
        for channel in call.state.channels.values()
        if _kind(channel) in kinds and (of in channel.members or (not of and _seen(channel)))
    ]


def _seen(channel: Channel) -> bool:
    return BOT_USER_ID in channel.members or not (channel.is_private or channel.is_im)


@api("conversations.list", *_READ, tier=2)
def conversations_list(call: Call) -> Json:
    """List what the app can see: public channels, and private ones it was invited to."""
    rows, after = page(_listed(call, of=""), call)
    for row in rows:
        if not row["is_im"]:
            row["num_members"] = len(call.state.channels[row["id"]].members)
    return {"channels": rows, "response_metadata": {"next_cursor": after}}


@api("users.conversations", *_READ, tier=3)
def users_conversations(call: Call) -> Json:
    """List the conversations of a person, or of the app itself."""
    rows, after = page(_listed(call, of=call.text("user", BOT_USER_ID)), call)
    for row in rows:
        row.pop("is_member", None)
    return {"channels": rows, "response_metadata": {"next_cursor": after}}


def _need_scope(call: Call, scope: str) -> None:
    if scope not in call.context.scopes:
        raise SlackError(
            "missing_scope", needed=scope, provided=",".join(sorted(call.context.scopes))
        )


def _place(call: Call) -> Channel:
    return call.state.channel(call.need("channel"), seen_by=BOT_USER_ID)


def _readable(call: Call) -> Channel:
    channel = _place(call)
    words = {"im": "im:read", "private_channel": "groups:read"}
    _need_scope(call, words.get(_kind(channel), "channels:read"))
    return channel


@api("conversations.info", *_READ, tier=3)
def conversations_info(call: Call) -> Json:
    """Describe one conversation."""
    channel = _readable(call)
    shown = payloads.channel_json(call.state, channel)
    if call.flag("include_num_members"):
        shown["num_members"] = len(channel.members)
    return {"channel": shown}


@api("conversations.members", *_READ, tier=4)
def conversations_members(call: Call) -> Json:
    """List who is in a conversation."""
    rows, after = page(list(_readable(call).members), call)
    return {"members": rows, "response_metadata": {"next_cursor": after}}


@api("conversations.join", "channels:join", tier=3)
def conversations_join(call: Call) -> Json:
    """Join a public channel."""
    channel = _place(call)
    if channel.is_private or channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    extra: Json = {}
    if BOT_USER_ID in channel.members:
        extra = {
            "warning": "already_in_channel",
            "response_metadata": {"warnings": ["already_in_channel"]},
        }
    else:
        channel.members.append(BOT_USER_ID)
        call.state.publish(Change("channel", channel.id))
    return {"channel": payloads.channel_json(call.state, channel), **extra}


@api("conversations.open", "im:write", tier=3)
def conversations_open(call: Call) -> Json:
    """Open the direct conversation with one person."""
    if call.text("channel"):
        channel = _place(call)
        if not channel.is_im:
            raise SlackError("method_not_supported_for_channel_type")
    else:
        users = [user for user in call.text("users").split(",") if user]
        if not users:
            raise SlackError("users_list_not_supplied")
        if len(users) > 1:
            raise SlackError("too_many_users")
        if users[0] not in call.state.people or users[0] == BOT_USER_ID:
            raise SlackError("user_not_found")
        channel = call.state.open_im(users[0])
    shown = (
        payloads.channel_json(call.state, channel) if call.flag("return_im") else {"id": channel.id}
    )
    return {"channel": shown}


def _float(call: Call, name: str) -> float | None:
    raw = call.text(name)
    try:
        return float(raw) if raw else None
    except ValueError:
        raise SlackError(f"invalid_ts_{name}") from None


def _within(call: Call, messages: list[Message]) -> list[Message]:
    oldest, latest = _float(call, "oldest"), _float(call, "latest")
    is_inclusive = call.flag("inclusive")

    def is_in(ts: float) -> bool:
        after = oldest is None or ts > oldest or (is_inclusive and ts == oldest)
        before = latest is None or ts < latest or (is_inclusive and ts == latest)
        return after and before

    return [message for message in messages if is_in(float(message.ts))]


def _shown(call: Call, messages: list[Message]) -> list[Any]:
    with_metadata = call.flag("include_all_metadata")
    origin = call.context.origin
    return [
        payloads.message_json(call.state, m, origin=origin, with_metadata=with_metadata)
        for m in messages
    ]


def _history_channel(call: Call) -> Channel:
    channel = _place(call)
    words = {"im": "im:history", "private_channel": "groups:history"}
    _need_scope(call, words.get(_kind(channel), "channels:history"))
    if BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    return channel


@api("conversations.history", *_HISTORY, tier=3)
def conversations_history(call: Call) -> Json:
    """List a conversation's main messages, newest first; thread replies are not among them."""
    channel = _history_channel(call)
    main = [
        m for m in call.state.messages[channel.id]
        if not m.ephemeral_to and (not m.is_reply or m.broadcast)
    ]  # fmt: skip
    rows, after = page(_within(call, main)[::-1], call)
    out: Json = {
        "messages": _shown(call, rows),
        "has_more": bool(after),
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    return out | ({"response_metadata": {"next_cursor": after}} if after else {})


@api("conversations.replies", *_HISTORY, tier=3)
def conversations_replies(call: Call) -> Json:
    """List a thread, its first message first."""
    channel = _history_channel(call)
    try:
        parent = call.state.message(channel.id, call.need("ts"))
    except SlackError:
        raise SlackError("thread_not_found") from None
    thread = [parent, *_within(call, call.state.replies(channel.id, parent.ts))]
    rows, after = page(thread, call)
    out: Json = {"messages": _shown(call, rows), "has_more": bool(after)}
    return out | ({"response_metadata": {"next_cursor": after}} if after else {})
