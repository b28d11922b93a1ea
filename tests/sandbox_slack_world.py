"""What the tests of the local Slack share: a real Bolt app, connected by socket or by signed HTTP."""

import logging
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import Driver, Refused, Workspace

FINDINGS = "C0FINDINGS1"
DANA, OMAR, PRIYA, GUEST = "U0DANA00001", "U0OMAR00001", "U0PRIYA0001", "U0GUEST0001"
PATIENT: Any = {"ack_timeout_s": 15.0, "trigger_ttl_s": 15.0}
"""Bounds for tests in which a busy machine must not look like a slow app."""
EVENTS = ("app_mention", "app_home_opened", "message.im")
Json = dict[str, Any]


def words(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str, text: str, **extra: Any) -> Json:
    return {
        "type": "button",
        "action_id": action_id,
        "text": plain(text),
        "value": "finding-1",
        **extra,
    }


def option(value: str) -> Json:
    return {"text": plain(value.capitalize()), "value": value}


TITLE = "Critical: anyone on the internet can call orders-export"
DIFF = "```\n-        AuthType: NONE\n+        AuthType: AWS_IAM\n```"
FINDING: list[Json] = [
    {"type": "header", "text": plain(TITLE)},
    {
        "type": "context",
        "elements": [
            {"type": "mrkdwn", "text": "prod, eu-west-1. Owner <!subteam^S0ORDERS001>. Risk 87"}
        ],
    },
    words("*Open:* the function URL has `AuthType NONE` &amp; its policy admits everyone"),
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            button("review_fix", "Review fix", style="primary"),
            button("why", "Why?"),
            button(
                "false_positive",
                "False positive",
                style="danger",
                confirm={
                    "title": plain("False positive?"),
                    "text": plain("The finding is wrong."),
                    "confirm": plain("Yes, it is wrong"),
                    "deny": plain("Go back"),
                },
            ),
            {
                "type": "overflow",
                "action_id": "more",
                "options": [option("snooze"), option("accept")],
            },
        ],
    },
]


def review(text: str = DIFF) -> Json:
    return {
        "type": "modal",
        "callback_id": "review",
        "title": plain("Review fix"),
        "submit": plain("Open pull request"),
        "close": plain("Not now"),
        "notify_on_close": True,
        "private_metadata": "finding-1",
        "blocks": [
            words(text),
            {
                "type": "input",
                "block_id": "who",
                "label": plain("Who calls it?"),
                "element": {
                    "type": "radio_buttons",
                    "action_id": "callers",
                    "options": [
                        option("clients"),
                        option("webhooks"),
                        option("unknown"),
                        option("several"),
                    ],
                },
            },
            {
                "type": "input",
                "block_id": "note",
                "optional": True,
                "label": plain("A note"),
                "element": {"type": "plain_text_input", "action_id": "note", "max_length": 50},
            },
            {
                "type": "actions",
                "elements": [button("reload", "Reload"), button("reject", "Reject this fix")],
            },
        ],
    }


def notice(title: str, text: str) -> Json:
    return {
        "type": "modal",
        "callback_id": "notice",
        "title": plain(title),
        "blocks": [words(text)],
    }


def home(text: str) -> Json:
    return {
        "type": "home",
        "blocks": [words(text), {"type": "actions", "elements": [button("scan", "Scan now")]}],
    }


def manifest(**sections: Any) -> Json:
    """Write the manifest of a small app; `sections` replace whole parts of it."""
    return {
        "display_information": {"name": "Plumbline"},
        "features": {
            "bot_user": {"display_name": "Plumb Line"},
            "slash_commands": [
                {"command": "/plumb", "description": "Findings", "usage_hint": "scan"}
            ],
        },
        "oauth_config": {"scopes": {"bot": ["app_mentions:read", "chat:write", "commands"]}},
        "settings": {
            "event_subscriptions": {"bot_events": ["app_mention"]},
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": True,
        },
        **sections,
    }


def sample_app(workspace: Workspace) -> App:
    """Build a Bolt app that behaves like a finding's thread."""
    client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
    app = App(client=client, signing_secret=workspace.signing_secret, logger=_quiet())
    _commands(app)
    _buttons(app)
    _modals(app)
    return app


def _quiet() -> logging.Logger:
    logger = logging.getLogger("sandbox.slack.sample")
    logger.setLevel(logging.CRITICAL)
    return logger


def _commands(app: App) -> None:
    @app.command("/plumb")
    def plumb(ack: Any, say: Any, command: Json, respond: Any) -> None:
        if command["text"] == "help":
            ack("Try /plumb scan")
            return
        ack()
        if command["text"] == "scan":
            say(text=TITLE, blocks=FINDING)
        else:
            respond(text=f"You asked for {command['text']}", response_type="in_channel")

    @app.event("app_mention")
    def mention(event: Json, say: Any) -> None:
        say(text=f"heard: {event['text']}", thread_ts=event.get("thread_ts") or event["ts"])

    @app.event("app_home_opened")
    def opened(event: Json, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view=home("*35* findings are open"))

    @app.event("message")
    def said(event: Json, say: Any) -> None:
        if event.get("channel_type") == "im" and "bot_id" not in event and "subtype" not in event:
            say(text="I hear you")


def _buttons(app: App) -> None:
    @app.action("review_fix")
    def open_review(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        view = client.views_open(
            trigger_id=body["trigger_id"], view=notice("Preparing", "A moment")
        )
        client.views_update(view_id=view["view"]["id"], hash=view["view"]["hash"], view=review())

    @app.action("why")
    def why(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        text = "Critical by rule: *internet* + no authentication"
        client.chat_postEphemeral(
            channel=body["channel"]["id"],
            user=body["user"]["id"],
            text=text,
            blocks=[words(text), {"type": "divider"}],
        )

    @app.action("false_positive")
    def wrong(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        text = f"False positive, says <@{body['user']['id']}>"
        client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text=text,
            blocks=[FINDING[0], words(text)],
        )

    @app.action("more")
    def more(ack: Any, action: Json, respond: Any) -> None:
        ack()
        respond(text=f"chosen: {action['selected_option']['value']}", replace_original=False)

    @app.action("scan")
    def scan(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_publish(user_id=body["user"]["id"], view=home("*34* findings are open"))


def _modals(app: App) -> None:
    @app.view("review")
    def submitted(ack: Any, view: Json, client: WebClient) -> None:
        chosen = view["state"]["values"]["who"]["callers"]["selected_option"]["value"]
        if chosen == "webhooks":
            ack(response_action="errors", errors={"who": "Webhooks cannot sign requests."})
        elif chosen == "unknown":
            ack(response_action="update", view=notice("Watch first", "Nothing is changed yet."))
        elif chosen == "several":
            ack(response_action="push", view=notice("Which ones?", "Name them."))
        else:
            ack()
            client.chat_postMessage(
                channel=FINDINGS, text=f"Pull request for {view['private_metadata']}"
            )

    @app.view("notice")
    def noticed(ack: Any) -> None:
        ack(response_action="clear")

    @app.view_closed("review")
    def closed(ack: Any, client: WebClient) -> None:
        ack()
        client.chat_postMessage(channel=FINDINGS, text="Review closed")

    @app.action("reload")
    def reload(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_update(view_id=body["view"]["id"], view=review("Reloaded"))

    @app.action("reject")
    def reject(ack: Any, body: Json, client: WebClient) -> None:
        ack()
        client.views_push(trigger_id=body["trigger_id"], view=notice("Reject", "Say why."))


@contextmanager
def by_socket(workspace: Workspace) -> Iterator[App]:
    """Connect the sample app through Socket Mode."""
    app = sample_app(workspace)
    handler = SocketModeHandler(app, workspace.app_token)
    handler.connect()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
    driver = Driver(workspace.base_url)
    driver.wait_for(driver.is_connected)
    try:
        yield app
    finally:
        handler.close()  # type: ignore[no-untyped-call]  # as above


@contextmanager
def by_http(workspace: Workspace) -> Iterator[App]:
    """Connect the sample app through signed requests to a server of its own."""
    app = sample_app(workspace)
    with listening(lambda body, headers: _dispatch(app, body, headers)) as url:
        workspace.request_url = url
        yield app
    workspace.request_url = ""


def _dispatch(app: App, body: str, headers: dict[str, str]) -> tuple[int, str, str]:
    response = app.dispatch(BoltRequest(body=body, headers=dict(headers)))
    return (
        response.status,
        response.body,
        response.first_headers().get("content-type", "text/plain"),
    )


@contextmanager
def listening(answer: Callable[[str, dict[str, str]], tuple[int, str, str]]) -> Iterator[str]:
    """Serve POST requests with (status, body, content type) on a free port; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, text, kind = answer(body, headers)
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            with suppress(ConnectionError):  # who did not wait for the answer has gone
                self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def picture(width: int = 360, height: int = 120) -> bytes:
    """Draw a small PNG of bars, without a drawing library."""
    rows = b""
    for y in range(height):
        long = width * (4 - y // 30) // 5
        ink = b"\xc8\x50\x46" if y // 30 < 2 else b"\x3c\x82\xa0"
        is_bar = 6 < y % 30 < 24
        rows += b"\0" + (
            ink * long + b"\xff\xff\xff" * (width - long) if is_bar else b"\xff\xff\xff" * width
        )
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


class Clock:
    """Time that moves only when told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def refusal(call: Any, /, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def trigger(driver: Driver, user: str = "dana") -> str:
    """Do something as a person without any app, and take the trigger id that went out."""
    with pytest.raises(Refused):
        driver.slash(user, FINDINGS, "/plumb help")
    return str(driver.deliveries()[-1]["payload"]["trigger_id"])
