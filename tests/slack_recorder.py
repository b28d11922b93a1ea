"""A recorder in the place of Slack's Web API, and the people of its workspace."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from sandbox.slack import block_kit

DANA, OMAR, GUEST, ADMIN = "U0DANA", "U0OMAR", "U0GUEST", "U0ADMIN"
VISITOR = "U0VISITOR"
"""A guest in Slack's sense: a member of the channel, not of the company."""

Answer = Mapping[str, Any] | Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class Recorder:
    """Answers like Slack's Web API, refuses bad blocks, and remembers every call."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    limited: dict[str, int] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    members: tuple[str, ...] = (DANA, OMAR, ADMIN, VISITOR)
    channel: dict[str, Any] = field(default_factory=lambda: {"is_private": True})
    url: str = ""
    _posted: int = 0

    def of(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of every call of one method."""
        return [arguments for name, arguments in self.calls if name == method]

    def answer(self, method: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
        self.calls.append((method, arguments))
        errors = _errors(arguments)
        if errors:
            return {
                "ok": False,
                "error": "invalid_blocks",
                "response_metadata": {"messages": errors},
            }
        given = self.answers.get(method)
        if given is not None:
            return given(arguments) if callable(given) else given
        return {"ok": True, **self._usual(method, arguments)}

    def _usual(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if method in {"chat.postMessage", "chat.postEphemeral"}:
            self._posted += 1
            ts = f"1763818400.{self._posted:06d}"
            return {"channel": arguments.get("channel"), "ts": ts, "message_ts": ts}
        usual: dict[str, Mapping[str, Any]] = {
            "auth.test": {
                "team_id": "T0TEAM",
                "user_id": "U0BOT",
                "bot_id": "B0BOT",
                "team": "t",
                "user": "b",
            },
            "chat.update": {"ts": arguments.get("ts")},
            "conversations.info": {"channel": {"id": arguments.get("channel"), **self.channel}},
            "conversations.members": {"members": list(self.members)},
            "conversations.open": {"channel": {"id": "D0DIRECT"}},
            "conversations.history": {"messages": []},
            "conversations.replies": {"messages": []},
            "users.info": {
                "user": {
                    "id": arguments.get("user"),
                    "is_restricted": arguments.get("user") == VISITOR,
                }
            },
            "views.open": {"view": {"id": "V0OPENED"}},
            "files.getUploadURLExternal": {"upload_url": f"{self.url}upload", "file_id": "F0FILE"},
            "files.completeUploadExternal": {"files": [{"id": "F0FILE"}]},
        }
        return usual.get(method, {})


def _errors(arguments: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    if isinstance(arguments.get("blocks"), list):
        found += block_kit.message_errors(arguments["blocks"])
        if block_kit.text_length(arguments["blocks"]) > block_kit.MESSAGE_TEXT_LENGTH:
            found.append("msg_blocks_too_long")
    if isinstance(arguments.get("view"), dict):
        found += block_kit.view_errors(arguments["view"])
        if block_kit.view_is_too_large(arguments["view"]):
            found.append("view_too_large")
    return found


@contextmanager
def recording() -> Iterator[Recorder]:
    """Serve a recorder on loopback."""
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            method = self.path.partition("/api/")[2].partition("?")[0]
            if method == "upload":
                recorder.calls.append(("upload", {"content": raw}))
                self._send(200, b"OK", {})
                return
            if recorder.limited.get(method, 0) > 0:
                recorder.limited[method] -= 1
                self._send(429, b'{"ok": false, "error": "ratelimited"}', {"Retry-After": "7"})
                return
            if recorder.broken.get(method, 0) > 0:
                recorder.broken[method] -= 1
                self._send(503, b'{"ok": false, "error": "service_unavailable"}', {})
                return
            answer = recorder.answer(method, _arguments(self.headers["Content-Type"] or "", raw))
            self._send(200, json.dumps(answer).encode(), {})

        def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in http.server
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    recorder.url = f"http://127.0.0.1:{server.server_port}/api/"
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _arguments(content_type: str, raw: bytes) -> dict[str, Any]:
    if content_type.startswith("application/json"):
        document: dict[str, Any] = json.loads(raw or b"{}")
        return document
    pairs: dict[str, Any] = dict(parse_qsl(raw.decode(), keep_blank_values=True))
    for key in ("blocks", "view", "metadata", "files"):
        if key in pairs:
            pairs[key] = json.loads(pairs[key])
    return pairs


# ── the bot under test ────────────────────────────────────────────────────────
