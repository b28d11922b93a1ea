"""Steps over HTTP, for orchestrators that can call nothing else. Put HTTPS in front of it.

`POST /<step>` with `{"plan_digest": ...}` answers 200 when the step is done, 202 while it waits, 503
when it should be tried again and 422 when it has failed for good.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.log import logger
from core.workflow import REMEDIATION

_BODY_MAX = 4096
_READ_S = 30.0

Do = Callable[[str, str], tuple[Mapping[str, Any], HTTPStatus]]
"""Does a step for a plan; returns what to answer and with which status."""


def open_server(address: tuple[str, int], *, token: str, do: Do) -> ThreadingHTTPServer:
    """Return a server that does steps for callers who hold the token."""
    expected = f"Bearer {token}".encode()

    class Handler(BaseHTTPRequestHandler):
        timeout = _READ_S
        server_version = "plumbline"
        sys_version = ""

        def do_POST(self) -> None:
            given = self.headers.get("Authorization", "").encode()
            if not hmac.compare_digest(given, expected):
                self._answer({"error": "NotAllowed"}, HTTPStatus.UNAUTHORIZED)
                return
            step, digest = self.path.removeprefix("/"), self._digest()
            if step not in REMEDIATION.steps or digest is None:
                self._answer({"error": "NotFound"}, HTTPStatus.NOT_FOUND)
                return
            document, status = do(step, digest)
            self._answer(document, status)

        def _digest(self) -> str | None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > _BODY_MAX:
                return None
            try:
                body = json.loads(self.rfile.read(int(length)))
            except ValueError:
                return None
            found = body.get("plan_digest") if isinstance(body, dict) else None
            return found if isinstance(found, str) else None

        def _answer(self, document: Mapping[str, Any], status: HTTPStatus) -> None:
            text = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its signature
            logger().info("step_called", request=format % args)

    return ThreadingHTTPServer(address, Handler)
