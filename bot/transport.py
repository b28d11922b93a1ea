"""How the bot and Slack reach each other: the Web API client, Socket Mode, and HTTP."""

import json
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
)

from bot.context import BotSettings
from core.errors import ChatError, SettingsError

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler

TIMEOUT_S = 10
BODY_MAX = 1_000_000
"""Slack's own payloads stay far below; a larger body is not read."""
EVENTS_PATH = "/slack/events"


def web_client(settings: BotSettings, *, waits_when_limited: bool = True) -> WebClient:
    """Return a Web API client. The outbox waits by itself, so it asks for one that does not."""
    client = WebClient(token=settings.bot_token, base_url=settings.api_url, timeout=TIMEOUT_S)
    client.retry_handlers = [ConnectionErrorRetryHandler(max_retry_count=1)]
    if waits_when_limited:
        client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    return client


def outbox_client(settings: BotSettings) -> WebClient:
    """Return the client for `bot.outbox`: it never sends twice by itself."""
    client = web_client(settings, waits_when_limited=False)
    client.retry_handlers = []
    return client


def serve_socket(app: App, settings: BotSettings, *, stop: threading.Event | None = None) -> None:
    """Connect by Socket Mode and serve until `stop` is set.

    Raises: SettingsError without an app-level token or for one that Slack refuses, ChatError when
    Slack cannot be reached.
    """
    from slack_bolt.adapter.socket_mode.builtin import (
        SocketModeHandler,  # only one of the two is used
    )

    if not settings.app_token.startswith("xapp-"):
        raise SettingsError(
            "Socket Mode needs the app-level token (xapp-...). Create one with the scope connections:write."
        )
    handler = SocketModeHandler(app, settings.app_token)
    try:
        _connect(handler, settings)
        (stop or threading.Event()).wait()
    finally:
        handler.close()  # type: ignore[no-untyped-call]  # Bolt leaves it without types


def _connect(handler: "SocketModeHandler", settings: BotSettings) -> None:
    try:
        handler.connect()  # type: ignore[no-untyped-call]  # Bolt leaves it without types
    except SlackApiError as error:
        reason = error.response.get("error")
        raise SettingsError(
            f"Slack refuses the app-level token ({reason}). Set one with the scope connections:write."
        ) from error
    except OSError as error:
        raise ChatError(
            f"Slack cannot be reached at {settings.api_url}. Check the network and try again."
        ) from error


def serve_http(app: App, port: int, *, host: str = "127.0.0.1") -> None:
    """Serve signed HTTP requests on `/slack/events` until interrupted.

    Put a TLS proxy in front: Slack only calls https.
    """
    server = http_server(app, port, host=host)
    try:
        server.serve_forever(0.2)
    finally:
        server.server_close()


def http_server(app: App, port: int, *, host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """Return a server, bound but not serving. Bolt's own serves one request at a time."""

    class Handler(_SlackRequest):
        bolt = app

    return _Server((host, port), Handler)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _SlackRequest(BaseHTTPRequestHandler):
    bolt: App
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT_S

    def do_POST(self) -> None:
        given = self.headers.get("Content-Length") or "0"
        length = int(given) if given.isascii() and given.isdigit() else BODY_MAX + 1
        known = urlsplit(self.path).path == EVENTS_PATH
        refused = 404 if not known else 413 if length > BODY_MAX else 0
        if refused:
            self.close_connection = True
            self._answer(BoltResponse(status=refused))
            return
        body = self.rfile.read(length).decode("utf-8", errors="replace")
        headers: dict[str, str | Sequence[str]] = dict(self.headers.items())
        self._answer(self.bolt.dispatch(BoltRequest(body=body, headers=headers)))

    def do_GET(self) -> None:
        alive = self.path == "/healthz"
        self._answer(BoltResponse(status=200 if alive else 404, body="ok" if alive else ""))

    def _answer(self, response: BoltResponse) -> None:
        body = response.body if isinstance(response.body, str) else json.dumps(response.body)
        content = body.encode()
        self.send_response(response.status)
        headers: Mapping[str, Sequence[str]] = response.headers
        for name, values in headers.items():
            for value in values:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name http.server gives
        """Say nothing: access lines would hold what our own log must not."""
