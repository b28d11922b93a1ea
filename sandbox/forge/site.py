"""Serve the forge's page and its JSON on loopback, from a thread of its own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from aiohttp import web

from core.errors import CloudError, ForgeError, NotAllowed, NotFound, PlumblineError
from sandbox.forge import history, page
from sandbox.forge.html import Html

if TYPE_CHECKING:
    from remediation import LocalForge, LocalPullRequest
    from sandbox.aws import Deployer

BRANCH = "main"
PEOPLE = ("priya", "dana", "omar", "guest")
_START_S = 15.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_STATIC = {"forge.css": "text/css", "forge.js": "text/javascript"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ForgeSite(AbstractContextManager["ForgeSite"]):
    """The forge in a browser. Leaving the context stops it."""

    def __init__(
        self,
        forge: "LocalForge",
        *,
        deployer: "Deployer | None" = None,
        people: Sequence[str] = PEOPLE,
        port: int = 0,
    ) -> None:
        """Show `forge`, and the deployments of `deployer`, on a loopback port (0: any)."""
        self.forge = forge
        self.deployer = deployer
        self.people = tuple(people)
        self.port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start serving. Raises: ForgeError when the port is taken."""
        started = threading.Event()
        failure: list[OSError] = []
        self._thread = threading.Thread(
            target=self._run, args=(started, failure), name="forge-page", daemon=True
        )
        self._thread.start()
        if not started.wait(_START_S) or failure:
            raise ForgeError(f"The forge's page did not start: {failure or 'no answer'}")
        return self

    def stop(self) -> None:
        """Stop serving."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread is not None:
            self._thread.join(_START_S)
        self._loop = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, started: threading.Event, failure: list[OSError]) -> None:
        loop = self._loop = asyncio.new_event_loop()
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=1.0)
        try:
            loop.run_until_complete(runner.setup())
            site = web.TCPSite(runner, "127.0.0.1", self.port)
            loop.run_until_complete(site.start())
            self.port = int(runner.addresses[0][1])
        except OSError as error:
            failure.append(error)
            started.set()
            return
        started.set()
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(runner.cleanup())
            loop.close()

    def application(self) -> web.Application:
        """Return the aiohttp application."""
        application = web.Application(middlewares=[_guard, _say_errors])
        get, post = application.router.add_get, application.router.add_post
        get("/", self._code)
        get("/files/{path:.+}", self._file)
        get("/commits", self._commits)
        get("/commits/{commit}", self._commit)
        get("/pulls", self._pulls)
        get(r"/pulls/{number:\d+}", self._pull)
        post(r"/pulls/{number:\d+}/{verb:merge|close|approve}", self._act_from_page)
        get("/deployments", self._deployments)
        get("/static/{name}", _static)
        get("/api/commits", self._api_commits)
        get("/api/pulls", self._api_pulls)
        get(r"/api/pulls/{number:\d+}", self._api_pull)
        post(r"/api/pulls/{number:\d+}/{verb:merge|close|approve}", self._api_act)
        get("/api/deployments", self._api_deployments)
        return application

    # ── pages ─────────────────────────────────────────────────────────────────

    def _page(self, title: str, body: Html, active: str) -> web.Response:
        opened = sum(each.state == "open" for each in self.forge.pull_requests())
        whole = page.layout(
            title, body, repository=self.forge.repository, active=active, open_pulls=opened
        )
        return web.Response(text=whole, content_type="text/html")

    async def _code(self, _: web.Request) -> web.Response:
        tip = history.log(self.forge, BRANCH, length=1)[0]
        paths = self.forge.files(commit=tip.commit)
        readme = self.forge.file("README.md", commit=tip.commit) if "README.md" in paths else b""
        body = page.code(paths, readme.decode("utf-8", "replace"), tip)
        return self._page("Code", body, "Code")

    async def _file(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        commit = request.query.get("commit") or self.forge.head(BRANCH)
        content = self.forge.file(path, commit=commit).decode("utf-8", "replace")
        return self._page(path, page.source(path, content, commit), "Code")

    async def _commits(self, _: web.Request) -> web.Response:
        return self._page("Commits", page.commits(history.log(self.forge, BRANCH)), "Commits")

    async def _commit(self, request: web.Request) -> web.Response:
        entry = history.commit(self.forge, request.match_info["commit"])
        body = page.commit(entry, history.change(self.forge, entry))
        return self._page(entry.subject, body, "Commits")

    async def _pulls(self, _: web.Request) -> web.Response:
        return self._page("Pull requests", page.pulls(self.forge.pull_requests()), "Pull requests")

    async def _pull(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        record = self.forge.details(number)
        body = page.pull(
            record,
            diff=self.forge.diff(number),
            head=history.commit(self.forge, record.head_commit),
            checks=self._checks(record),
            people=self.people,
            deployments=self._deployed(record.merge_commit),
            refusal=request.query.get("refused", ""),
        )
        return self._page(record.title, body, "Pull requests")

    def _checks(self, record: "LocalPullRequest") -> tuple[tuple[str, bool, str], ...]:
        signed = self.forge.is_signed(record.number)
        if record.state == "open":
            clean, detail = self._merges_cleanly(record)
        else:
            clean, detail = record.state == "merged", str(record.state)
        approvals = ", ".join(record.approvals) or "none asked for"
        return (
            ("Signed by an allowed key", signed, "git log %G?"),
            ("Merges without conflict", clean, detail),
            ("Approvals", True, approvals),
        )

    def _merges_cleanly(self, record: "LocalPullRequest") -> tuple[bool, str]:
        try:
            self.forge.store.merge_tree(self.forge.head(record.into), record.head_commit)
        except ForgeError as error:
            return False, str(error)
        return True, f"into {record.into}"

    def _deployed(self, commit: str) -> list[dict[str, Any]]:
        if self.deployer is None:
            return []
        records = reversed(self.deployer.log.records())
        return [dict(r) for r in records if not commit or r["commit"] == commit]

    async def _deployments(self, _: web.Request) -> web.Response:
        return self._page("Deployments", page.deployments(self._deployed("")), "Deployments")

    # ── acting ────────────────────────────────────────────────────────────────

    def _act(self, number: int, verb: str, by: str) -> dict[str, Any]:
        if by not in self.people:
            raise NotAllowed(f"{by[:40] or 'Nobody'} is not known to this forge.")
        if verb == "merge":
            return asdict(self.forge.merge(number, by=by))
        if verb == "approve":
            return asdict(self.forge.approve(number, by=by))
        return asdict(self.forge.close_pull_request(number))

    async def _act_from_page(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        form = await request.post()
        target = f"/pulls/{number}"
        try:
            self._act(number, request.match_info["verb"], str(form.get("by", "")))
        except NotFound:
            raise
        except PlumblineError as error:
            target += f"?refused={quote(str(error))}"
        raise web.HTTPSeeOther(target)

    # ── JSON ──────────────────────────────────────────────────────────────────

    async def _api_commits(self, _: web.Request) -> web.Response:
        entries = history.log(self.forge, BRANCH)
        rows = [asdict(entry) | {"is_verified": entry.is_verified} for entry in entries]
        return web.json_response({"commits": rows})

    async def _api_pulls(self, _: web.Request) -> web.Response:
        return web.json_response({"pulls": [asdict(r) for r in self.forge.pull_requests()]})

    async def _api_pull(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        record = asdict(self.forge.details(number))
        extra = {"diff": self.forge.diff(number), "is_signed": self.forge.is_signed(number)}
        return web.json_response(record | extra)

    async def _api_act(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else {}
        by = str(body.get("by", "")) if isinstance(body, dict) else ""
        answer = self._act(int(request.match_info["number"]), request.match_info["verb"], by)
        return web.json_response(answer)

    async def _api_deployments(self, request: web.Request) -> web.Response:
        commit = request.query.get("commit", "")
        return web.json_response({"deployments": self._deployed(commit)})


async def _static(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _STATIC:
        raise web.HTTPNotFound
    body = files("sandbox.forge").joinpath("static", name).read_bytes()
    return web.Response(body=body, content_type=_STATIC[name])


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer loopback names only (no DNS rebinding), and let no other site's page act."""
    host = urlsplit(f"//{request.headers.get('Host', '')}")
    if host.hostname not in _LOOPBACK:
        return web.Response(status=421, text="This forge answers to loopback names only.\n")
    origin = request.headers.get("Origin")
    if request.method != "GET" and origin and urlsplit(origin).netloc != host.netloc:
        return web.Response(status=403, text="Another site's page may not act here.\n")
    answer = await handler(request)
    answer.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
        "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    return answer


@web.middleware
async def _say_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except NotFound as error:
        return _refuse(request, 404, error)
    except NotAllowed as error:
        return _refuse(request, 403, error)
    except (ForgeError, CloudError) as error:
        return _refuse(request, 409, error)
    except ValueError as error:
        return _refuse(request, 400, error)


def _refuse(request: web.Request, status: int, error: Exception) -> web.Response:
    if request.path.startswith("/api/"):
        return web.json_response({"error": str(error)}, status=status)
    return web.Response(status=status, text=f"{error}\n")
