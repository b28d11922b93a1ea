"""The one error handler: a known error becomes its sentence, an unknown one a token that is logged."""

import traceback
import uuid
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import Ack, App, BoltResponse, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.block import notice
from bot.desk import Desk, sentence, whisper
from bot.text import prose
from core.errors import PlumblineError

_log = structlog.get_logger()
_LATE = {"expired_trigger_id", "exchanged_trigger_id", "trigger_expired"}


def register(app: App, desk: Desk) -> None:  # noqa: ARG001  # every module of the bot registers alike
    """Handle what listeners raise."""
    app.error(_handle)


def told(error: Exception) -> str:
    """Return the sentence for a person; what is not ours is logged under a token."""
    if isinstance(error, PlumblineError):
        return str(error)
    if isinstance(error, SlackApiError) and error.response.get("error") in _LATE:
        return "Slack gives three seconds to open a window and they had passed. Please click again."
    token = uuid.uuid4().hex[:8]
    # places only: an exception's text may hold what must not be logged
    places = [
        f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    _log.error("bot_failed", token=token, error=type(error).__name__, places=places[-8:])
    return f"Something went wrong on our side; nothing was decided. Give your admin this token: {token}"


def _handle(
    error: Exception, body: Mapping[str, Any], client: WebClient, ack: Ack, respond: Respond
) -> BoltResponse | None:
    said = told(error)
    is_late = ack.response is not None
    if body.get("type") == "view_submission" and not is_late:
        return ack(response_action="update", view=notice("Not done", prose(said, 2500)))
    answer = None if is_late else ack()
    try:
        if body.get("command"):
            respond(text=prose(said, 1000), response_type="ephemeral")
        else:
            whisper(client, body, sentence(said))
    except SlackApiError as refused:
        # the person cannot be told, which must not hide what happened
        code = str(refused.response.get("error"))
        _log.error("could_not_tell", error=code, told=type(error).__name__)
    return answer
