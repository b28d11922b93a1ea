"""The JSON that Slack sends and answers with, in the shapes of its documentation and samples."""

import mimetypes
import secrets
from collections.abc import Mapping
from typing import Any

from sandbox.slack.state import (
    APP_ID,
    BOT_ID,
    BOT_USER_ID,
    TEAM_ID,
    Channel,
    File,
    Group,
    Json,
    Message,
    Person,
    State,
    View,
)

DOMAIN = "northwind-simulated"


def bot_profile(state: State) -> Json:
    """Describe the app's bot as messages carry it."""
    return {
        "id": BOT_ID,
        "deleted": False,
        "name": state.app_name,
        "updated": 1_700_000_000,
        "app_id": APP_ID,
        "icons": {},
        "team_id": TEAM_ID,
    }


def message_json(
    state: State, message: Message, *, origin: str, with_metadata: bool = True
) -> Json:
    """Describe a message as the Web API answers and as events carry it."""
    out: Json = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": TEAM_ID,
    }
    if message.user == BOT_USER_ID:
        out |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": bot_profile(state)}
    if message.blocks:
        out["blocks"] = message.blocks
    if message.edited_ts:
        out["edited"] = {"user": BOT_ID, "ts": message.edited_ts}
    if message.metadata and with_metadata:
        out["metadata"] = message.metadata
    if message.files:
        out |= {
            "files": [file_json(state.files[f], origin) for f in message.files],
            "upload": False,
        }
    if message.reactions:
        out["reactions"] = [
            {"name": name, "users": users, "count": len(users)}
            for name, users in message.reactions.items()
        ]
    return out | _thread_json(state, message)


def _thread_json(state: State, message: Message) -> Json:
    if message.is_reply:
        parent = next(
            (m.user for m in state.messages[message.channel] if m.ts == message.thread_ts), ""
        )
        return {"thread_ts": message.thread_ts} | ({"parent_user_id": parent} if parent else {})
    replies = state.replies(message.channel, message.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
        "reply_users": users,
        "is_locked": False,
        "subscribed": False,
    }


def channel_json(state: State, channel: Channel) -> Json:
    """Describe a conversation as conversations.info answers."""
    if channel.is_im:
        return {
            "id": channel.id,
            "created": channel.created,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "user": channel.im_user,
            "context_team_id": TEAM_ID,
            "updated": channel.created * 1000,
            "priority": 0,
        }
    words = {
        "value": channel.topic,
        "creator": state.people[channel.members[0]].id,
        "last_set": channel.created,
    }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "created": channel.created,
        "creator": channel.members[0],
        "is_archived": False,
        "is_general": channel.name == "general",
        "unlinked": 0,
        "is_shared": False,
        "is_ext_shared": False,
        "is_org_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "is_pending_ext_shared": False,
        "shared_team_ids": [TEAM_ID],
        "is_member": BOT_USER_ID in channel.members,
        "topic": words,
        "purpose": words,
        "previous_names": [],
        "context_team_id": TEAM_ID,
        "updated": channel.created * 1000,
    }


def person_json(person: Person, now: int) -> Json:
    """Describe a person as users.info answers."""
    return {
        "id": person.id,
        "team_id": TEAM_ID,
        "name": person.name,
        "deleted": False,
        "color": "4b6b8a",
        "real_name": person.real_name,
        "tz": "Europe/Dublin",
        "tz_label": "Greenwich Mean Time",
        "tz_offset": 0,
        "profile": {
            "title": person.title,
            "real_name": person.real_name,
            "real_name_normalized": person.real_name,
            "display_name": person.name,
            "display_name_normalized": person.name,
            "email": f"{person.name}@northwind.example",
            "team": TEAM_ID,
        },
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": now,
        "is_email_confirmed": True,
    }


def group_json(group: Group, now: int, *, with_users: bool) -> Json:
    """Describe a user group as usergroups.list answers."""
    out: Json = {
        "id": group.id,
        "team_id": TEAM_ID,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": now,
        "date_update": now,
        "date_delete": 0,
        "auto_provision": False,
        "created_by": group.users[0],
        "updated_by": group.users[0],
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.users),
    }
    return out | ({"users": group.users} if with_users else {})


def file_json(file: File, origin: str) -> Json:
    """Describe a file as files.info answers. `url_private` needs the bot token, as at Slack."""
    suffix = file.name.rsplit(".", 1)[-1].lower() if "." in file.name else "text"
    link = f"{origin}/files-pri/{file.id}/{file.name}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": file.mimetype,
        "filetype": suffix,
        "pretty_type": suffix.upper(),
        "user": BOT_USER_ID,
        "user_team": TEAM_ID,
        "editable": False,
        "size": len(file.data or b""),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": False,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": link,
        "url_private_download": link,
        "permalink": f"{origin}/files/{file.id}",
        "channels": file.channels,
        "groups": [],
        "ims": [],
        "has_more_shares": False,
        "alt_txt": file.alt_text,
    }


def guess_type(name: str) -> str:
    """Return the media type a file's name suggests."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def view_json(view: View) -> Json:
    """Describe a view as views.* answer and as payloads carry it."""
    body = view.body
    return {
        "id": view.id,
        "team_id": TEAM_ID,
        "type": body["type"],
        "blocks": body["blocks"],
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "state": {"values": view.values},
        "hash": view.hash,
        "title": body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
        "clear_on_close": body.get("clear_on_close", False),
        "notify_on_close": body.get("notify_on_close", False),
        "close": body.get("close"),
        "submit": body.get("submit"),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": APP_ID,
        "external_id": body.get("external_id", ""),
        "app_installed_team_id": TEAM_ID,
        "bot_id": BOT_ID,
    }


def channel_name(channel: Channel) -> str:
    """Return the name that payloads carry: private and direct ones are not named."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def slash_form(  # noqa: PLR0913 - one per field of Slack's form
    *,
    person: Person,
    channel: Channel,
    command: str,
    text: str,
    token: str,
    response_url: str,
    trigger: str,
) -> dict[str, str]:
    """Build a slash command's form (see <https://docs.slack.dev/interactivity/implementing-slash-commands>)."""
    return {
        "token": token,
        "team_id": TEAM_ID,
        "team_domain": DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger,
    }


def _interaction(kind: str, person: Person, token: str) -> Json:
    return {
        "type": kind,
        "team": {"id": TEAM_ID, "domain": DOMAIN},
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": token,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(  # noqa: PLR0913 - one per part of the payload
    state: State,
    *,
    person: Person,
    message: Message,
    action: Json,
    values: Json,
    token: str,
    response_url: str,
    trigger: str,
    origin: str,
) -> Json:
    """Build block_actions for a message.

    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    channel = state.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": bool(message.ephemeral_to),
    }
    if message.is_reply:
        container["thread_ts"] = message.thread_ts
    out = _interaction("block_actions", person, token) | {
        "container": container,
        "trigger_id": trigger,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "state": {"values": values},
        "response_url": response_url,
        "actions": [action],
    }
    if not message.ephemeral_to:
        # Slack leaves the message out of actions on ephemeral messages.
        out["message"] = message_json(state, message, origin=origin)
    return out


def view_action(*, person: Person, view: View, action: Json, token: str, trigger: str) -> Json:
    """Build block_actions for a modal or a Home tab."""
    return _interaction("block_actions", person, token) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger,
        "view": view_json(view),
        "actions": [action],
    }


def view_submission(*, person: Person, view: View, token: str, trigger: str) -> Json:
    """Build view_submission.

    https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
    """
    return _interaction("view_submission", person, token) | {
        "trigger_id": trigger,
        "view": view_json(view),
    }


def view_closed(*, person: Person, view: View, token: str, is_cleared: bool) -> Json:
    """Build view_closed."""
    return _interaction("view_closed", person, token) | {
        "view": view_json(view),
        "is_cleared": is_cleared,
    }


def event_callback(event: Mapping[str, Any], *, now: int, token: str) -> Json:
    """Wrap an event (see <https://docs.slack.dev/apis/events-api/#events-JSON>)."""
    return {
        "token": token,
        "team_id": TEAM_ID,
        "api_app_id": APP_ID,
        "event": dict(event),
        "type": "event_callback",
        "event_id": "Ev" + secrets.token_hex(5).upper(),
        "event_time": now,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM_ID,
                "user_id": BOT_USER_ID,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-" + secrets.token_hex(12),
    }
