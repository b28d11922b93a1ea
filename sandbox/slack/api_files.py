"""files.*: upload in three steps, as Slack has it since files.upload retired.

https://docs.slack.dev/messaging/working-with-files#upload
"""

import secrets

from sandbox.slack import api_chat, payloads
from sandbox.slack.state import BOT_USER_ID, File, Json, Message, SlackError
from sandbox.slack.web_api import Call, Context, api

MOST_BYTES = 20_000_000
"""This sandbox's own bound; Slack takes up to 1 GB."""


@api("files.getUploadURLExternal", "files:write", tier=4)
def get_upload_url(call: Call) -> Json:
    """Hand out an address that takes the bytes of one file."""
    name, length = call.need("filename"), call.number("length", 0)
    if length <= 0:
        raise SlackError("file_upload_size_restricted" if length else "invalid_arguments")
    if length > MOST_BYTES:
        raise SlackError("file_upload_size_restricted")
    state = call.state
    file = File(
        state.new_id("F"),
        name.replace("/", "_"),
        length,
        int(state.clock()),
        alt_text=call.text("alt_txt"),
        mimetype=payloads.guess_type(name),
    )
    key = secrets.token_urlsafe(16)
    state.files[file.id] = file
    state.uploads[key] = file.id
    return {"upload_url": f"{call.context.origin}/upload/v1/{key}", "file_id": file.id}


def receive(context: Context, key: str, data: bytes) -> str:
    """Take the bytes of a file. Raises: SlackError when the address or the length is wrong."""
    file_id = context.state.uploads.pop(key, "")
    if not file_id:
        raise SlackError("invalid_upload_url")
    file = context.state.files[file_id]
    if len(data) != file.length:
        raise SlackError("length_mismatch")
    file.data = data
    return f"OK - {len(data)}"


@api("files.completeUploadExternal", "files:write", tier=4)
def complete_upload(call: Call) -> Json:
    """Finish uploads and share them in a channel or thread."""
    asked = call.parsed("files", refusal="invalid_arguments")
    if not isinstance(asked, list) or not asked or not all(isinstance(f, dict) for f in asked):
        raise SlackError("invalid_arguments")
    done = [_finished(call, entry) for entry in asked]
    where = call.text("channel_id") or call.text("channels").split(",")[0]
    if where:
        _share(call, done, where)
    return {"files": [payloads.file_json(file, call.context.origin) for file in done]}


def _finished(call: Call, entry: Json) -> File:
    file = call.state.files.get(str(entry.get("id", "")))
    if file is None or file.data is None:
        raise SlackError("file_not_found")
    file.title = str(entry.get("title") or file.name)
    file.is_complete = True
    return file


def _share(call: Call, files: list[File], where: str) -> None:
    channel = call.state.channel(where, seen_by=BOT_USER_ID)
    if BOT_USER_ID not in channel.members:
        raise SlackError("not_in_channel")
    for file in files:
        file.channels.append(channel.id)
    message = Message(
        channel.id,
        call.state.next_ts(),
        BOT_USER_ID,
        call.text("initial_comment"),
        api_chat.checked_blocks(call.parsed("blocks", refusal="invalid_blocks_format")),
        thread_ts=call.text("thread_ts"),
        files=[file.id for file in files],
    )
    api_chat.post(call.context, message)


@api("files.info", "files:read", tier=4)
def files_info(call: Call) -> Json:
    """Describe a file."""
    file = call.state.files.get(call.need("file"))
    if file is None or not file.is_complete:
        raise SlackError("file_not_found")
    return {
        "file": payloads.file_json(file, call.context.origin),
        "comments": [],
    }
