"""How the workspace reaches the app: Socket Mode, or signed HTTP requests. With redelivery.

https://docs.slack.dev/apis/events-api/using-socket-mode,
https://docs.slack.dev/authentication/verifying-requests-from-slack,
https://docs.slack.dev/apis/events-api/#retries
"""

import asyncio
import hashlib
import hmac
import json
import secrets
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from sandbox.slack import payloads
from sandbox.slack.state import APP_ID, Json, State

ACK_TIMEOUT_S = 3.0
RETRY_DELAYS_S = (0.0, 60.0, 300.0)
"""Slack retries an event at once, after one minute, after five."""
TICKET_TTL_S = 30.0
LOG_LENGTH = 2000
BOT_EVENTS = ("app_mention", "app_home_opened")

EVENTS, COMMANDS, INTERACTIVE = "events_api", "slash_commands", "interactive"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app said: `failure` is empty once acknowledged, `payload` came with it."""

    payload: Any = None
    failure: str = ""


def sign(secret: str, timestamp: str, body: str) -> str:
    """Return the X-Slack-Signature of a request."""
    base = f"v0:{timestamp}:{body}"
    return "v0=" + hmac.new(secret.encode(), base.encode(), hashlib.sha256).hexdigest()


@dataclass(slots=True)
class Delivered:
    """One delivery, kept so that tests can look at (and replay) what was sent."""

    kind: str
    payload: Mapping[str, Any]
    attempt: int
    answer: Answer


@dataclass(slots=True)
class Delivery:
    """Sends envelopes and waits for acknowledgements. Lives on the server's event loop."""

    state: State
    signing_secret: str
    request_url: str = ""
    bot_events: Sequence[str] = BOT_EVENTS
    ack_timeout_s: float = ACK_TIMEOUT_S
    retry_delays_s: Sequence[float] = RETRY_DELAYS_S
    verification_token: str = field(default_factory=lambda: secrets.token_hex(12))
    log: deque[Delivered] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))
    _sockets: list[web.WebSocketResponse] = field(default_factory=list)
    _pending: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    _tickets: dict[str, float] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _turn: int = 0

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are open."""
        return len(self._sockets)

    @property
    def is_reachable(self) -> bool:
        """Whether there is an app to deliver to."""
        return bool(self.request_url or self._sockets)

    # Socket Mode
    def new_ticket(self) -> str:
        """Return a ticket that opens one connection, soon."""
        ticket = str(uuid.uuid4())
        self._tickets[ticket] = self.state.clock() + TICKET_TTL_S
        return ticket

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """Serve one Socket Mode connection."""
        expires = self._tickets.pop(request.query.get("ticket", ""), 0.0)
        if self.state.clock() > expires:
            raise web.HTTPForbidden(text="unknown or expired ticket")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        await socket.send_json(
            {
                "type": "hello",
                "num_connections": len(self._sockets),
                "debug_info": {
                    "host": "sandbox",
                    "build_number": 1,
                    "approximate_connection_time": 3600,
                },
                "connection_info": {"app_id": APP_ID},
            }
        )
        try:
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    self._acknowledge(frame.data)
        finally:
            self._sockets.remove(socket)
        return socket

    def _acknowledge(self, data: str) -> None:
        try:
            frame = json.loads(data)
        except ValueError:
            self.state.note("the app sent a Socket Mode frame that is not JSON")
            return
        waiting = (
            self._pending.get(str(frame.get("envelope_id"))) if isinstance(frame, dict) else None
        )
        if waiting and not waiting.done():
            waiting.set_result(frame.get("payload"))

    async def ask_to_reconnect(self, reason: str = "refresh_requested") -> int:
        """Send a disconnect message on every connection and close it, as Slack does now and then."""
        sockets = tuple(self._sockets)
        for socket in sockets:
            await socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
            )
            if reason != "warning":
                await socket.close()
        return len(sockets)

    async def _send_socket(
        self, kind: str, payload: Json, *, accepts: bool, attempt: int, reason: str
    ) -> Answer:
        envelope_id = str(uuid.uuid4())
        envelope: Json = {
            "envelope_id": envelope_id,
            "payload": payload,
            "type": kind,
            "accepts_response_payload": accepts,
        }
        if kind == EVENTS:
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        self._turn += 1
        socket = self._sockets[self._turn % len(self._sockets)]
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending[envelope_id] = waiting
        try:
            await socket.send_json(envelope)
            return Answer(await asyncio.wait_for(waiting, self.ack_timeout_s))
        except TimeoutError:
            return Answer(failure="timeout")
        except ConnectionError:
            return Answer(failure="connection_failed")
        finally:
            del self._pending[envelope_id]

    # signed HTTP
    async def _send_http(self, kind: str, payload: Json, *, attempt: int, reason: str) -> Answer:
        if kind == EVENTS:
            body, content_type = json.dumps(payload), "application/json"
        elif kind == COMMANDS:
            body, content_type = urlencode(payload), "application/x-www-form-urlencoded"
        else:
            body = urlencode({"payload": json.dumps(payload)})
            content_type = "application/x-www-form-urlencoded"
        timestamp = str(int(self.state.clock()))
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self.signing_secret, timestamp, body),
        }
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": f"http_{reason}"}
        return await self._post(body, headers)

    async def _post(self, body: str, headers: Mapping[str, str]) -> Answer:
        timeout = aiohttp.ClientTimeout(total=self.ack_timeout_s)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.request_url, data=body.encode(), headers=headers) as response,
            ):
                text = await response.text()
                if response.status != 200:
                    return Answer(failure="error")
        except TimeoutError:
            return Answer(failure="timeout")
        except aiohttp.ClientError:
            return Answer(failure="connection_failed")
        return Answer(_json_or_text(text))

    async def verify_request_url(self) -> bool:
        """Send the url_verification challenge and say whether it came back."""
        challenge = secrets.token_urlsafe(16)
        body: Json = {
            "type": "url_verification",
            "challenge": challenge,
            "token": self.verification_token,
        }
        answer = await self._send_http(EVENTS, body, attempt=0, reason="")
        given = (
            answer.payload.get("challenge") if isinstance(answer.payload, dict) else answer.payload
        )
        return bool(given == challenge)

    # both
    async def send(
        self, kind: str, payload: Json, *, accepts: bool = True, attempt: int = 0, reason: str = ""
    ) -> Answer:
        """Deliver once and return what the app answered within three seconds."""
        if self.request_url:
            answer = await self._send_http(kind, payload, attempt=attempt, reason=reason)
        elif self._sockets:
            answer = await self._send_socket(
                kind, payload, accepts=accepts, attempt=attempt, reason=reason
            )
        else:
            answer = Answer(failure="not_connected")
        self.log.append(Delivered(kind, payload, attempt, answer))
        return answer

    def emit(self, event: Json) -> None:
        """Deliver an event the app subscribed to, again where it is not acknowledged."""
        name = event["type"]
        if name == "message":
            name = {"im": "message.im", "group": "message.groups"}.get(
                event["channel_type"], "message.channels"
            )
        if name not in self.bot_events:
            return
        body = payloads.event_callback(
            event, now=int(self.state.clock()), token=self.verification_token
        )
        self._start(self._deliver_event(body))

    async def _deliver_event(self, body: Json) -> None:
        answer = await self.send(EVENTS, body, accepts=False)
        for attempt, delay_s in enumerate(self.retry_delays_s, start=1):
            if not answer.failure:
                return
            await asyncio.sleep(delay_s)
            answer = await self.send(
                EVENTS, body, accepts=False, attempt=attempt, reason=answer.failure
            )

    async def replay(self, index: int = -1) -> Answer:
        """Deliver something again exactly as it was, as a network may."""
        past = self.log[index]
        return await self.send(
            past.kind, dict(past.payload), attempt=past.attempt + 1, reason="timeout"
        )

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Close every connection and drop what is still under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in tuple(self._sockets):
            await socket.close()


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        return text
