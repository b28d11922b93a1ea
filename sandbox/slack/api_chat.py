"""chat.*, reactions.* and what a response_url takes (see <https://docs.slack.dev/reference/methods>)."""

import json
from collections.abc import Sequence
from typing import Any

from sandbox.slack import block_kit, payloads
from sandbox.slack.state import (
    BOT_USER_ID,
    Change,
    Channel,
    Json,
    Message,
    ResponseUrl,
    SlackError,
    State,
    filled,
    with_messages,
)
from sandbox.slack.web_api import Call, Context, api

POST_TEXT_LENGTH = 40_000
"""See <https://docs.slack.dev/changelog/2018-truncating-really-long-messages>."""
UPDATE_TEXT_LENGTH = 4_000
"""https://docs.slack.dev/reference/methods/chat.update, error msg_too_long"""
METADATA_BYTES = 8_000
RESPONSE_URL_TTL_S = 1800.0
RESPONSE_URL_USES = 5
"""https://docs.slack.dev/interactivity/handling-user-interaction: 5 times within 30 minutes."""


def checked_blocks(blocks: Any) -> list[Json] | None:
    """Return accepted blocks with what Slack adds to them. Raises: SlackError."""
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if errors := block_kit.message_errors(blocks):
        raise with_messages("invalid_blocks", errors)
    if block_kit.text_length(blocks) > block_kit.MESSAGE_TEXT_LENGTH:
        raise SlackError("msg_blocks_too_long")
    return filled(blocks)


def checked_metadata(metadata: Any) -> Json | None:
    """Return accepted message metadata (see <https://docs.slack.dev/messaging/message-metadata>)."""
    if metadata is None:
        return None
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def _content(call: Call, *, longest: int) -> tuple[str, list[Json] | None]:
    text = call.text("text")
    blocks = checked_blocks(call.parsed("blocks", refusal="invalid_blocks_format"))
    if not text and not blocks and not call.args.get("attachments"):
        raise SlackError("no_text")
    if call.args.get("attachments"):
        raise with_messages("invalid_attachments", ["attachments are not simulated: use blocks"])
    if len(text) > longest:
        raise SlackError("msg_too_long")
    for note in block_kit.message_notes(text, blocks):
        call.state.note(f"{call.method}: {note}")
    return text, blocks


def _writable(call: Call, name: str = "channel") -> Channel:
    channel = call.state.channel(call.need(name), seen_by=BOT_USER_ID)
    if BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _thread(state: State, channel: Channel, thread_ts: str) -> str:
    """Return the thread's first message: a reply's own timestamp is led back to it."""
    if not thread_ts:
        return ""
    try:
        parent = state.message(channel.id, thread_ts)
    except SlackError:
        raise SlackError("thread_not_found") from None
    if parent.ephemeral_to:
        raise SlackError("cannot_reply_to_message")
    return parent.thread_ts or parent.ts


def post(context: Context, message: Message) -> Message:
    """Keep a message and tell the app where it subscribed to such events."""
    state = context.state
    state.add(message)
    channel = state.channels[message.channel]
    if not message.ephemeral_to:
        event = payloads.message_json(state, message, origin=context.origin)
        for name in (
            "reply_count",
            "reply_users_count",
            "latest_reply",
            "reply_users",
            "is_locked",
            "subscribed",
        ):
            event.pop(name, None)
        context.emit(
            event
            | {"channel": channel.id, "event_ts": message.ts, "channel_type": channel_type(channel)}
        )
    return message


def channel_type(channel: Channel) -> str:
    """Return the word that message events carry."""
    if channel.is_im:
        return "im"
    return "group" if channel.is_private else "channel"


@api("chat.postMessage", "chat:write", tier=0)
def post_message(call: Call) -> Json:
    """Post a message as the app."""
    channel = _writable(call)
    text, blocks = _content(call, longest=POST_TEXT_LENGTH)
    message = Message(
        channel.id,
        call.state.next_ts(),
        BOT_USER_ID,
        text,
        blocks,
        thread_ts=_thread(call.state, channel, call.text("thread_ts")),
        broadcast=call.flag("reply_broadcast"),
        metadata=checked_metadata(call.parsed("metadata", refusal="invalid_metadata_format")),
    )
    post(call.context, message)
    shown = payloads.message_json(call.state, message, origin=call.context.origin)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


@api("chat.postEphemeral", "chat:write", tier=4)
def post_ephemeral(call: Call) -> Json:
    """Show a message to one person only."""
    channel = _writable(call)
    user = call.need("user")
    if user not in call.state.people or user not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = _content(call, longest=POST_TEXT_LENGTH)
    thread = _thread(call.state, channel, call.text("thread_ts"))
    message = Message(
        channel.id,
        call.state.next_ts(),
        BOT_USER_ID,
        text,
        blocks,
        thread_ts=thread,
        ephemeral_to=user,
    )
    post(call.context, message)
    return {"message_ts": message.ts}


def edit(context: Context, message: Message, *, text: str, blocks: list[Json] | None) -> None:
    """Change a message in place and tell the app where it subscribed."""
    state = context.state
    before = payloads.message_json(state, message, origin=context.origin)
    message.text, message.blocks = text, blocks
    message.edited_ts = state.next_ts()
    state.publish(Change("message", message.channel, message.ephemeral_to))
    if message.ephemeral_to:
        return
    context.emit(
        {
            "type": "message",
            "subtype": "message_changed",
            "channel": message.channel,
            "hidden": True,
            "message": payloads.message_json(state, message, origin=context.origin),
            "previous_message": before,
            "ts": message.edited_ts,
            "event_ts": message.edited_ts,
            "channel_type": channel_type(state.channels[message.channel]),
        }
    )


def _own(call: Call, refusal: str) -> Message:
    channel = call.state.channel(call.need("channel"), seen_by=BOT_USER_ID)
    message = call.state.message(channel.id, call.need("ts"))
    if message.user != BOT_USER_ID:
        raise SlackError(refusal)
    return message


@api("chat.update", "chat:write", tier=3)
def update(call: Call) -> Json:
    """Change one of the app's own messages; blocks not given are kept, an empty list drops them."""
    message = _own(call, "cant_update_message")
    blocks: list[Json] | None = message.blocks
    if "blocks" not in call.args and "text" in call.args and blocks:
        text = call.text("text")
    else:
        text, blocks = _content(call, longest=UPDATE_TEXT_LENGTH)
    if len(text) > UPDATE_TEXT_LENGTH:
        raise SlackError("msg_too_long")
    metadata = checked_metadata(call.parsed("metadata", refusal="invalid_metadata_format"))
    message.metadata = metadata or message.metadata
    edit(call.context, message, text=text, blocks=blocks)
    shown = payloads.message_json(call.state, message, origin=call.context.origin)
    shown.pop("ts")
    shown = {name: value for name, value in shown.items() if name in _UPDATED}
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


_UPDATED = (
    "type", "user", "text", "team", "bot_id", "app_id", "bot_profile", "blocks", "edited",
    "metadata", "files", "upload",
)  # fmt: skip


@api("chat.delete", "chat:write", tier=3)
def delete(call: Call) -> Json:
    """Delete one of the app's own messages."""
    message = _own(call, "cant_delete_message")
    call.state.remove(message)
    return {"channel": message.channel, "ts": message.ts}


@api("chat.getPermalink", tier=0)
def get_permalink(call: Call) -> Json:
    """Return an address that opens the message in the page."""
    channel = call.state.channel(call.need("channel"), seen_by=BOT_USER_ID)
    message = call.state.message(channel.id, call.need("message_ts"))
    link = f"{call.context.origin}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _reacted(call: Call) -> tuple[Message, str]:
    channel = call.state.channel(call.need("channel"), seen_by=BOT_USER_ID)
    return call.state.message(channel.id, call.need("timestamp")), call.need("name").strip(":")


@api("reactions.add", "reactions:write", tier=3)
def add_reaction(call: Call) -> Json:
    """React to a message as the app."""
    message, name = _reacted(call)
    users: list[str] = message.reactions.setdefault(name, [])
    if BOT_USER_ID in users:
        raise SlackError("already_reacted")
    users.append(BOT_USER_ID)
    call.state.publish(Change("message", message.channel))
    return {}


@api("reactions.remove", "reactions:write", tier=3)
def remove_reaction(call: Call) -> Json:
    """Take the app's reaction back."""
    message, name = _reacted(call)
    users: Sequence[str] = message.reactions.get(name, [])
    if BOT_USER_ID not in users:
        raise SlackError("no_reaction")
    message.reactions = {
        key: kept
        for key, who in message.reactions.items()
        if (kept := [u for u in who if key != name or u != BOT_USER_ID])
    }
    call.state.publish(Change("message", message.channel))
    return {}


def respond(context: Context, handle: ResponseUrl, body: Json) -> None:
    """Do what a post to a response_url asks.

    https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
    Raises: SlackError used_url, expired_url, no_text, invalid_blocks.
    """
    state = context.state
    if handle.used >= RESPONSE_URL_USES:
        raise SlackError("used_url")
    if state.clock() > handle.expires:
        raise SlackError("expired_url")
    handle.used += 1
    original = next((m for m in state.messages[handle.channel] if m.ts == handle.ts), None)
    if body.get("delete_original") and original:
        state.remove(original)
        return
    answer_in(context, handle, body, original=original if body.get("replace_original") else None)


def answer_in(
    context: Context, handle: ResponseUrl, body: Json, *, original: Message | None = None
) -> None:
    """Post (or replace) what an app answers to an interaction. Raises: SlackError."""
    state = context.state
    text = str(body.get("text") or "")
    blocks = checked_blocks(body.get("blocks"))
    if not text and not blocks:
        raise SlackError("no_text")
    for note in block_kit.message_notes(text, blocks):
        state.note(f"response: {note}")
    if original:
        edit(context, original, text=text, blocks=blocks)
        return
    to = "" if body.get("response_type") == "in_channel" else handle.user
    thread = str(body.get("thread_ts") or "") or handle.thread_ts
    post(
        context,
        Message(
            handle.channel,
            state.next_ts(),
            BOT_USER_ID,
            text,
            blocks,
            thread_ts=thread,
            ephemeral_to=to,
        ),
    )


def new_response_url(
    context: Context, *, channel: str, user: str, ts: str = "", thread_ts: str = ""
) -> str:
    """Hand out a response_url."""
    state = context.state
    key = state.new_id("R") + state.new_id("")
    expires = state.clock() + RESPONSE_URL_TTL_S
    state.response_urls[key] = ResponseUrl(channel, user, expires, ts, thread_ts)
    return f"{context.origin}/actions/{key}"
