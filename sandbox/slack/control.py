"""The page's and the driver's door into the workspace: read what a person sees, act as one.

Not part of Slack. Only loopback names are answered, and only same-origin JSON may act, so that no
other web page a developer has open can.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.slack import payloads
from sandbox.slack.acting import Acting
from sandbox.slack.delivery import Delivery
from sandbox.slack.state import (
    BOT_USER_ID,
    Change,
    Channel,
    Json,
    Message,
    Person,
    SlackError,
    State,
)

PAGE = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_INLINE = {"image/png", "image/jpeg", "image/gif", "image/webp"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
KEEP_ALIVE_S = 15.0


class Control:
    """Routes below /sandbox, and the page itself."""

    def __init__(self, acting: Acting, delivery: Delivery, *, origin: str) -> None:
        self.acting, self.delivery, self.origin = acting, delivery, origin
        self.state: State = acting.state
        self.streams: set[asyncio.Queue[Change | None]] = set()

    def routes(self) -> list[web.RouteDef]:
        """List what this serves."""
        return [
            web.get("/", self.page),
            web.get("/archives/{channel}/{message}", self.page),
            web.get("/page/{name}", self.page_file),
            web.get("/sandbox/state", self.read_state),
            web.get("/sandbox/messages", self.read_messages),
            web.get("/sandbox/files/{file}", self.read_file),
            web.get("/sandbox/changes", self.changes),
            web.get("/sandbox/deliveries", self.deliveries),
            web.post("/sandbox/act/{verb}", self.act),
        ]

    # the page
    async def page(self, _: web.Request) -> web.Response:
        """Serve the page."""
        return _static(PAGE / "index.html")

    async def page_file(self, request: web.Request) -> web.Response:
        """Serve one of the page's own files."""
        known = {path.name: path for path in PAGE.iterdir() if path.suffix in _TYPES}
        path = known.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return _static(path)

    # reading
    def _person(self, request: web.Request) -> Person:
        return self.state.person(request.query.get("as", ""))

    async def read_state(self, request: web.Request) -> web.Response:
        """Return everything a person's page needs except messages."""
        person = self._person(request)
        home = self.state.homes.get(person.id)
        return web.json_response(
            {
                "ok": True,
                "team": self.state.team_name,
                "app": {
                    "name": self.state.app_name,
                    "bot": BOT_USER_ID,
                    "handle": self.state.bot_name,
                },
                "me": person.id,
                "people": [
                    {
                        "id": p.id,
                        "name": p.name,
                        "real_name": p.real_name,
                        "title": p.title,
                        "is_bot": p.is_bot,
                    }
                    for p in self.state.people.values()
                ],
                "groups": [{"id": g.id, "handle": g.handle} for g in self.state.groups.values()],
                "channels": self._channels(person),
                "commands": [
                    {"name": c.name, "hint": c.hint, "description": c.description}
                    for c in self.state.commands
                ],
                "views": [
                    payloads.view_json(view) for view in self.state.stacks.get(person.id, [])
                ],
                "home": payloads.view_json(home) if home else None,
                "notes": self.state.notes[-20:],
                "is_connected": self.delivery.is_reachable,
                "is_dm_read_only": self.state.is_dm_read_only,
            }
        )

    def _channels(self, person: Person) -> list[Json]:
        self.state.open_im(person.id)
        return [
            {
                "id": channel.id,
                "name": channel.name or self.state.app_name,
                "topic": channel.topic,
                "is_private": channel.is_private,
                "is_im": channel.is_im,
                "members": channel.members,
                "unread": self.state.unread(channel.id, person.id),
            }
            for channel in self.state.channels.values()
            if person.id in channel.members
        ]

    async def read_messages(self, request: web.Request) -> web.Response:
        """Return what a person sees of a channel, threads included, oldest first."""
        person = self._person(request)
        channel = self.acting.place(person, request.query.get("channel", ""))
        shown = [self._message(m) for m in self.state.visible(channel.id, person.id)]
        return web.json_response({"ok": True, "channel": channel.id, "messages": shown})

    def _message(self, message: Message) -> Json:
        shown = payloads.message_json(self.state, message, origin=self.origin)
        for file in shown.get("files", ()):
            file["url"] = f"/sandbox/files/{file['id']}"
        return shown | {
            "channel": message.channel,
            "ephemeral_to": message.ephemeral_to,
            "is_reply": message.is_reply,
        }

    async def read_file(self, request: web.Request) -> web.Response:
        """Serve a file to the page: pictures inline, everything else as a download."""
        file = self.state.files.get(request.match_info["file"])
        if file is None or file.data is None:
            raise web.HTTPNotFound
        is_picture = file.mimetype in _INLINE
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        }
        if not is_picture:
            headers["Content-Disposition"] = "attachment"
        kind = file.mimetype if is_picture else "application/octet-stream"
        return web.Response(body=file.data, content_type=kind, headers=headers)

    async def deliveries(self, _: web.Request) -> web.Response:
        """List what was delivered to the app, and how it answered."""
        rows = [
            {"kind": d.kind, "payload": d.payload, "attempt": d.attempt, "failure": d.answer.failure, "answer": d.answer.payload}
            for d in self.delivery.log
        ]  # fmt: skip
        return web.json_response(
            {"ok": True, "deliveries": rows, "connections": self.delivery.connections}
        )

    async def changes(self, request: web.Request) -> web.StreamResponse:
        """Stream changes as server-sent events until the page goes away."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue()
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        await response.write(b": connected\n\n")
        self.streams.add(queue)
        leave = self.state.subscribe(queue.put_nowait)
        try:
            while await self._stream_one(queue, response):
                pass
        except ConnectionError:
            pass  # the page was closed: nothing is lost
        finally:
            leave()
            self.streams.discard(queue)
        return response

    async def _stream_one(
        self, queue: "asyncio.Queue[Change | None]", response: web.StreamResponse
    ) -> bool:
        try:
            change = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
        except TimeoutError:
            await response.write(b": still here\n\n")
            return True
        if change is None:
            return False
        facts = {
            "kind": change.kind,
            "channel": change.channel,
            "user": change.user,
            "detail": change.detail,
        }
        await response.write(f"data: {json.dumps(facts)}\n\n".encode())
        return True

    # acting
    async def act(self, request: web.Request) -> web.Response:
        """Do one verb as one person; a refusal says which and why."""
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            body = await request.json()
        except ValueError:
            raise web.HTTPBadRequest from None
        verbs: dict[str, Callable[[Person, Json], Awaitable[Json]]] = {
            "say": self._say,
            "slash": self._slash,
            "click": self._click,
            "submit": self._submit,
            "close": self._close,
            "home": self._home,
            "read": self._read,
            "invite": self._invite,
            "react": self._react,
            "disconnect": self._disconnect,
            "replay": self._replay,
        }
        verb = verbs.get(request.match_info["verb"])
        if verb is None or not isinstance(body, dict):
            raise web.HTTPNotFound
        return web.json_response(
            {"ok": True, **await verb(self.state.person(str(body.get("user", ""))), body)}
        )

    def _channel(self, person: Person, body: Json) -> Channel:
        return self.acting.place(person, str(body.get("channel", "")))

    async def _say(self, person: Person, body: Json) -> Json:
        thread = str(body.get("thread_ts") or "")
        message = self.acting.say(
            person, self._channel(person, body), str(body.get("text", "")), thread_ts=thread
        )
        return {"ts": message.ts, "channel": message.channel}

    async def _slash(self, person: Person, body: Json) -> Json:
        thread = str(body.get("thread_ts") or "")
        return await self.acting.slash(
            person, self._channel(person, body), str(body.get("text", "")), thread_ts=thread
        )

    async def _click(self, person: Person, body: Json) -> Json:
        how: dict[str, Any] = {
            "action_id": str(body.get("action_id", "")),
            "value": body.get("value"),
            "block_id": str(body.get("block_id") or ""),
        }
        if body.get("view_id"):
            view = self.state.view(str(body["view_id"]))
            return await self.acting.click_view(person, view, values=body.get("values"), **how)
        channel = self._channel(person, body)
        message = self.state.message(channel.id, str(body.get("ts", "")), user=person.id)
        return await self.acting.click(person, message, **how)

    async def _submit(self, person: Person, body: Json) -> Json:
        return await self.acting.submit(
            person, self.state.view(str(body.get("view_id", ""))), body.get("values") or {}
        )

    async def _close(self, person: Person, body: Json) -> Json:
        return await self.acting.close(person, self.state.view(str(body.get("view_id", ""))))

    async def _home(self, person: Person, body: Json) -> Json:
        return self.acting.open_home(person, tab=str(body.get("tab") or "home"))

    async def _read(self, person: Person, body: Json) -> Json:
        channel = self._channel(person, body)
        latest = max((m.ts for m in self.state.visible(channel.id, person.id)), default="")
        if self.state.last_read.get((person.id, channel.id), "") < latest:
            self.state.last_read[person.id, channel.id] = latest
            self.state.publish(Change("read", channel.id, person.id))
        return {}

    async def _invite(self, person: Person, body: Json) -> Json:
        return self.acting.invite_app(person, self._channel(person, body))

    async def _react(self, person: Person, body: Json) -> Json:
        channel = self._channel(person, body)
        message = self.state.message(channel.id, str(body.get("ts", "")), user=person.id)
        users = message.reactions.setdefault(str(body.get("name", "")), [])
        (users.remove if person.id in users else users.append)(person.id)
        message.reactions = {name: who for name, who in message.reactions.items() if who}
        self.state.publish(Change("message", channel.id))
        return {}

    async def _disconnect(self, _: Person, body: Json) -> Json:
        return {
            "connections": await self.delivery.ask_to_reconnect(
                str(body.get("reason") or "refresh_requested")
            )
        }

    async def _replay(self, _: Person, body: Json) -> Json:
        answer = await self.delivery.replay(int(body.get("index", -1)))
        return {"failure": answer.failure, "answer": answer.payload}


def _static(path: Path) -> web.Response:
    return web.Response(
        body=path.read_bytes(),
        content_type=_TYPES[path.suffix],
        charset="utf-8",
        headers={
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        },
    )


def refusal(error: SlackError, *, status: int = 200) -> web.Response:
    """Say what was refused and why; like the Web API, a refusal is an answer, not a failure."""
    return web.json_response({"ok": False, "error": error.code, **error.extra}, status=status)
