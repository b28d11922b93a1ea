"""The workspace as a server: Web API, Socket Mode, response URLs, files and the page, on one port."""

import asyncio
import secrets
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import web

from sandbox.slack import api_chat, api_files, api_places, api_views, delivery, web_api
from sandbox.slack.acting import Acting
from sandbox.slack.control import Control, refusal
from sandbox.slack.delivery import Delivery
from sandbox.slack.manifest import install
from sandbox.slack.state import TRIGGER_TTL_S, Command, SlackError, State

__all__ = ["PLUMB", "Workspace", "api_chat", "api_files", "api_places", "api_views"]
# The api_* modules register their methods when imported.

PLUMB = Command(
    "/plumb",
    hint="scan | top | show | why | cost | compliance | pause | resume | model | help",
    description="Ask Plumbline about the estate",
)
START_TIMEOUT_S = 10.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Workspace:
    """A local Slack workspace. Start it, give its address and tokens to an app, act as people.

    `port` 0 takes a free one. `request_url` chooses signed HTTP instead of Socket Mode and may be
    set after the start. `manifest` installs the app as Slack would: its names, commands, scopes and
    events come from there, and win over the arguments of those names. Use it as a context manager or call `start` and `stop`.
    """

    def __init__(  # noqa: PLR0913 - each is one setting of a workspace
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        manifest: Mapping[str, Any] | None = None,
        request_url: str = "",
        commands: Sequence[Command] = (PLUMB,),
        bot_events: Sequence[str] = delivery.BOT_EVENTS,
        limits: web_api.Limits | None = None,
        scopes: Sequence[str] = web_api.SCOPES,
        clock: Callable[[], float] = time.time,
        trigger_ttl_s: float = TRIGGER_TTL_S,
        ack_timeout_s: float = delivery.ACK_TIMEOUT_S,
        retry_delays_s: Sequence[float] = delivery.RETRY_DELAYS_S,
    ) -> None:
        self.host, self.port = host, port
        self.bot_token = f"xoxb-sandbox-{secrets.token_hex(12)}"
        self.app_token = f"xapp-1-sandbox-{secrets.token_hex(12)}"
        self.signing_secret = secrets.token_hex(16)
        app = install(manifest) if manifest else None
        self.state = State(
            app_name=app.name if app else "Plumbline",
            bot_name=app.handle if app else "plumb",
            commands=app.commands if app else commands,
            is_dm_read_only=bool(app and app.is_dm_read_only),
            clock=clock,
            trigger_ttl_s=trigger_ttl_s,
        )
        self.delivery = Delivery(
            self.state,
            self.signing_secret,
            request_url=request_url or (app.request_url if app else ""),
            bot_events=app.bot_events if app else tuple(bot_events),
            ack_timeout_s=ack_timeout_s,
            retry_delays_s=tuple(retry_delays_s),
        )
        self._pace = web_api.Pace(limits or web_api.Limits(), clock)
        self._scopes = frozenset(app.scopes if app else scopes)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._halt: asyncio.Event | None = None

    # addresses
    @property
    def base_url(self) -> str:
        """Where the page and the driver are."""
        return f"http://{self.host}:{self.port}"

    @property
    def api_url(self) -> str:
        """What `slack_sdk.WebClient(base_url=...)` takes."""
        return f"{self.base_url}/api/"

    @property
    def request_url(self) -> str:
        """Where signed requests go; empty for Socket Mode."""
        return self.delivery.request_url

    @request_url.setter
    def request_url(self, value: str) -> None:
        self.delivery.request_url = value

    # life
    def start(self) -> Self:
        """Serve in a thread of its own; return once the port is open.

        Raises: OSError when the port is taken, TimeoutError when nothing happens for ten seconds.
        """
        started = threading.Event()
        failure: list[BaseException] = []
        self._thread = threading.Thread(
            target=self._run, args=(started, failure), name="sandbox-slack", daemon=True
        )
        self._thread.start()
        if not started.wait(START_TIMEOUT_S):
            raise TimeoutError("the workspace did not start")
        if failure:
            self._thread.join()
            raise failure[0]
        return self

    def stop(self) -> None:
        """Close every connection and stop serving."""
        if self._loop and self._halt and self._thread and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._halt.set)
            self._thread.join(START_TIMEOUT_S)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, started: threading.Event, failure: list[BaseException]) -> None:
        try:
            asyncio.run(self._serve(started))
        except OSError as error:
            failure.append(error)
        finally:
            started.set()

    async def _serve(self, started: threading.Event) -> None:
        self._loop, self._halt = asyncio.get_running_loop(), asyncio.Event()
        # The port must be known before routes are built: every address handed out holds it.
        listener = socket.create_server((self.host, self.port))
        self.port = listener.getsockname()[1]
        runner, control = self._runner()
        await runner.setup()
        await web.SockSite(runner, listener).start()
        started.set()
        await self._halt.wait()
        for queue in tuple(control.streams):
            queue.put_nowait(None)
        await self.delivery.close()
        await runner.cleanup()

    def _runner(self) -> tuple[web.AppRunner, Control]:
        context = web_api.Context(
            state=self.state,
            origin=self.base_url,
            bot_token=self.bot_token,
            app_token=self.app_token,
            scopes=self._scopes,
            emit=self.delivery.emit,
            open_connection=lambda: (
                f"ws://{self.host}:{self.port}/link/?ticket={self.delivery.new_ticket()}"
            ),
        )
        control = Control(Acting(context, self.delivery), self.delivery, origin=self.base_url)
        front = _Front(context, self._pace)
        app = web.Application(middlewares=[_guard], client_max_size=api_files.MOST_BYTES + 100_000)
        app.add_routes(
            [
                *control.routes(),
                web.route("*", "/api/{method}", front.call),
                web.post("/actions/{key}", front.respond),
                web.post("/upload/v1/{key}", front.upload),
                web.get("/files-pri/{file}/{name}", front.download),
                web.get("/link/", self.delivery.socket),
            ]
        )
        return web.AppRunner(app, shutdown_timeout=1.0, access_log=None), control


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer loopback names only (no DNS rebinding), and no other page's requests to act."""
    name = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    if name not in _LOOPBACK and not _is_own(request, name):
        raise web.HTTPForbidden(text="this workspace answers on loopback only")
    origin = request.headers.get("Origin")
    if (
        request.method != "GET"
        and origin
        and urlsplit(origin).netloc != request.headers.get("Host")
    ):
        raise web.HTTPForbidden(text="requests of other pages are refused")
    try:
        return await handler(request)
    except SlackError as error:
        return refusal(error, status=409 if request.path.startswith("/upload/") else 200)


def _is_own(request: web.Request, name: str) -> bool:
    """Whether the server was bound to this very address on purpose."""
    bound = request.transport.get_extra_info("sockname") if request.transport else None
    return bound is not None and name == bound[0]


class _Front:
    """The routes an app calls."""

    def __init__(self, context: web_api.Context, pace: web_api.Pace) -> None:
        self.context, self.pace = context, pace

    async def call(self, request: web.Request) -> web.Response:
        """Answer one Web API call."""
        try:
            args = await _arguments(request)
            token = _bearer(request) or str(args.pop("token", ""))
            args.pop("token", None)
            call = web_api.Call(request.match_info["method"], args, self.context)
            return web.json_response(web_api.answer(call, token=token, pace=self.pace))
        except SlackError as error:
            if error.code != "ratelimited":
                return web.json_response({"ok": False, "error": error.code, **error.extra})
            wait_s = str(error.extra["retry_after_s"])
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": wait_s})

    async def respond(self, request: web.Request) -> web.Response:
        """Take what an app posts to a response_url."""
        handle = self.context.state.response_urls.get(request.match_info["key"])
        if handle is None:
            return web.json_response({"ok": False, "error": "expired_url"}, status=404)
        try:
            body = web_api.parse_body("json", await request.read())
            api_chat.respond(self.context, handle, body)
        except SlackError as error:
            status = 404 if error.code in {"used_url", "expired_url"} else 400
            return web.json_response(
                {"ok": False, "error": error.code, **error.extra}, status=status
            )
        return web.json_response({"ok": True})

    async def upload(self, request: web.Request) -> web.Response:
        """Take the bytes of a file, raw or as a form."""
        if request.content_type.startswith("multipart/"):
            form = await request.post()
            part = next(
                (value for value in form.values() if isinstance(value, web.FileField)), None
            )
            data = part.file.read() if part else b""
        else:
            data = await request.read()
        return web.Response(text=api_files.receive(self.context, request.match_info["key"], data))

    async def download(self, request: web.Request) -> web.Response:
        """Serve a file's `url_private` to the app, which must show its token."""
        file = self.context.state.files.get(request.match_info["file"])
        if _bearer(request) != self.context.bot_token:
            raise web.HTTPForbidden
        if file is None or file.data is None:
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment"}
        return web.Response(body=file.data, content_type=file.mimetype, headers=headers)


def _bearer(request: web.Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


async def _arguments(request: web.Request) -> dict[str, Any]:
    args: dict[str, Any] = dict(request.query)
    if request.method != "POST":
        return args
    if "json" in request.content_type:
        return args | web_api.parse_body(request.content_type, await request.read())
    form: Mapping[str, Any] = await request.post()
    return args | dict(form)
