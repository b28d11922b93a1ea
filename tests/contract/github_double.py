"""A GitHub on loopback: the REST calls of pull requests, and Git over HTTP by Git's own server.

Every request and answer is held against GitHub's OpenAPI description where that lies beside the
repository; a call that the description does not know, or a body that it does not allow, is kept in
`problems`, and the tests assert that there are none.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema

from remediation.git_store import GitStore, MergeConflict
from tests.contract import git_http

DESCRIPTION = Path(__file__).parents[2].parent / "shared/data/apis/github_openapi.json"
TOKEN = "ghs_a-made-up-token"
OWNER, NAME = "acme", "infra"
_AT = "2026-11-22T09:00:00Z"


class GithubDouble:
    """One repository, its pull requests, and what was wrong with the calls it got."""

    def __init__(self, store: GitStore) -> None:
        self.store = store
        self.pulls: dict[int, dict[str, Any]] = {}
        self.problems: list[str] = []
        self.calls: list[str] = []
        self.unchanged = 0
        self.runs: dict[str, dict[str, str]] = {}
        self.statuses: dict[str, dict[str, str]] = {}
        self.reviews: dict[int, list[tuple[str, str]]] = {}
        self.labels: dict[int, list[str]] = {}
        self.asked: dict[int, list[str]] = {}
        self.comments: dict[int, list[str]] = {}
        self.refuses: set[str] = set()
        self.repository: dict[str, Any] = {
            "permissions": {"admin": False, "push": True, "pull": True},
            "allow_rebase_merge": False,
            "allow_squash_merge": False,
            "allow_merge_commit": True,
        }
        self.lock = threading.RLock()
        self.spec = json.loads(DESCRIPTION.read_text()) if DESCRIPTION.exists() else None
        self.url = ""

    # what a person does at GitHub

    def merge(self, number: int, *, by: str) -> None:
        """Merge with a merge commit."""
        pull = self.pulls[number]
        base = self._branch(pull["into"]) or ""
        head = self._branch(pull["branch"]) or ""
        made = self.store.write_tree(
            self.store.merge_tree(base, head),
            parents=(base, head),
            text="Merge\n",
            sign=False,
            author=by,
        )
        self.store.move(f"refs/heads/{pull['into']}", new=made, old=base)
        pull.update(state="closed", merged_at="2026-11-22T10:00:00Z", merged_by=by, merge=made)

    def _branch(self, name: str) -> str | None:
        return self.store.resolve(f"refs/heads/{name}")

    # the REST calls

    def answer(
        self, method: str, path: str, query: Mapping[str, str], body: Any
    ) -> tuple[int, Any]:
        """Answer one call; the paths are those of the description."""
        with self.lock:
            if path == f"/repos/{OWNER}/{NAME}/installation":
                return 200, {"id": 7}
            if re.fullmatch(r"/app/installations/\d+/access_tokens", path):
                return 201, {"token": TOKEN, "expires_at": "2099-01-01T00:00:00Z"}
            if path == f"/repos/{OWNER}/{NAME}/pulls":
                return self._list(query) if method == "GET" else self._create(body)
            if path == f"/repos/{OWNER}/{NAME}":
                return 200, {"full_name": f"{OWNER}/{NAME}", "name": NAME, **self.repository}
            found = re.fullmatch(rf"/repos/{OWNER}/{NAME}/(?:pulls|issues)/(\d+)(/.*)?", path)
            if found and int(found[1]) in self.pulls:
                return self._of_pull(method, int(found[1]), found[2] or "", body)
            found = re.fullmatch(rf"/repos/{OWNER}/{NAME}/commits/(\w+)/([\w-]+)", path)
            if found and found[2] in {"check-runs", "status"}:
                return self._checks(found[1], found[2])
        return 404, {"message": "Not Found", "documentation_url": "", "status": "404"}

    def _of_pull(self, method: str, number: int, part: str, body: Any) -> tuple[int, Any]:
        pull = self.pulls[number]
        if part == "":
            if method == "PATCH" and pull["merged_at"] is None:
                pull["state"] = body.get("state", pull["state"])
            return 200, self._shown(pull)
        if part == "/reviews":
            said = [
                {"id": n, "user": {"login": who}, "state": state, "submitted_at": _AT}
                for n, (who, state) in enumerate(self.reviews.get(number, ()), 1)
            ]
            return 200, said
        if part == "/labels":
            self.labels.setdefault(number, []).extend(body["labels"])
            return 200, [{"name": name} for name in self.labels[number]]
        if part == "/requested_reviewers":
            return self._ask(number, body)
        comments = self.comments.setdefault(number, [])
        if method == "POST":
            comments.append(body["body"])
            return 201, {"body": body["body"]}
        return 200, [{"body": text} for text in comments]

    def _ask(self, number: int, body: Any) -> tuple[int, Any]:
        names = [*body.get("reviewers", ()), *body.get("team_reviewers", ())]
        if self.refuses & set(names):
            said = "Reviews may only be requested from collaborators."
            return 422, {"message": said, "documentation_url": "", "errors": []}
        self.asked.setdefault(number, []).extend(names)
        return 201, self._shown(self.pulls[number])

    def _checks(self, commit: str, kind: str) -> tuple[int, Any]:
        if kind == "status":
            statuses = [
                {"context": name, "state": state}
                for name, state in self.statuses.get(commit, {}).items()
            ]
            return 200, {"sha": commit, "statuses": statuses, "total_count": len(statuses)}
        runs = [
            {
                "name": name,
                "head_sha": commit,
                "status": "completed" if conclusion else "in_progress",
                "conclusion": conclusion or None,
            }
            for name, conclusion in self.runs.get(commit, {}).items()
        ]
        return 200, {"total_count": len(runs), "check_runs": runs}

    def _conflicts(self, pull: Mapping[str, Any]) -> bool:
        base, head = self._branch(pull["into"]), self._branch(pull["branch"])
        try:
            self.store.merge_tree(base or "", head or "")
        except MergeConflict:
            return True
        return False

    def _list(self, query: Mapping[str, str]) -> tuple[int, Any]:
        state, head = query.get("state", "open"), query.get("head", "")
        return 200, [
            self._shown(p)
            for p in self.pulls.values()
            if state in {"all", p["state"]} and head in {"", f"{OWNER}:{p['branch']}"}
        ]

    def _create(self, body: Any) -> tuple[int, Any]:
        twin = any(
            p["branch"] == body["head"] and p["state"] == "open" for p in self.pulls.values()
        )
        if twin or not self._branch(body["head"]) or not self._branch(body["base"]):
            error = {"message": "Validation Failed", "documentation_url": "", "errors": []}
            return 422, error
        number = len(self.pulls) + 1
        self.pulls[number] = {
            "number": number,
            "branch": body["head"],
            "into": body["base"],
            "title": body["title"],
            "body": body["body"],
            "state": "open",
            "merged_at": None,
            "merged_by": "",
            "merge": self._branch(body["head"]),  # GitHub keeps a trial merge here
        }
        return 201, self._shown(self.pulls[number])

    def _shown(self, pull: Mapping[str, Any]) -> dict[str, Any]:
        merged = pull["merged_at"] is not None
        return {
            "number": pull["number"],
            "title": pull["title"],
            "body": pull["body"],
            "state": pull["state"],
            "merged": merged,
            "merged_at": pull["merged_at"],
            "merge_commit_sha": pull["merge"],
            "merged_by": {"login": pull["merged_by"]} if merged else None,
            "html_url": f"{self.url}/{OWNER}/{NAME}/pull/{pull['number']}",
            "url": f"{self.url}/api/repos/{OWNER}/{NAME}/pulls/{pull['number']}",
            "head": {"ref": pull["branch"], "sha": self._branch(pull["branch"])},
            "mergeable": None if pull["state"] == "closed" else not self._conflicts(pull),
            "mergeable_state": "dirty" if self._conflicts(pull) else "clean",
            "user": {"login": "plumbline[bot]"},
            "issue_url": f"{self.url}/api/repos/{OWNER}/{NAME}/issues/{pull['number']}",
            "base": {"ref": pull["into"], "sha": self._branch(pull["into"])},
        }

    # the description

    def checked(  # noqa: PLR0917 - a call is these five things, in this order
        self, method: str, path: str, query: Mapping[str, str], body: Any, status: int, said: Any
    ) -> Any:
        """Hold a call against the description; fill the answer with the rest that GitHub says."""
        self.calls.append(f"{method} {path}")
        if self.spec is None:
            return said
        operation = self._operation(method, path)
        if operation is None:
            self.problems.append(f"{method} {path} is no call GitHub has")
            return said
        known = {self._deref(p)["name"] for p in operation.get("parameters", [])}
        self.problems += [f"{method} {path}: no parameter {q}" for q in set(query) - known]
        schema = _json_schema(operation.get("requestBody", {}))
        if schema is not None and body is not None:
            self._hold(f"{method} {path} request", schema, body)
        answer = self._deref(operation["responses"].get(str(status), {}))
        schema = _json_schema(answer)
        if schema is None:
            return said
        filled = _filled(self._plain(schema), said)
        self._hold(f"{method} {path} answer {status}", schema, filled)
        return filled

    def _operation(self, method: str, path: str) -> Any:
        for template, operations in (self.spec or {})["paths"].items():
            pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in operations:
                return operations[method.lower()]
        return None

    def _hold(self, place: str, schema: Any, value: Any) -> None:
        validator = jsonschema.Draft202012Validator(self._plain(schema))
        for error in validator.iter_errors(value):
            self.problems.append(f"{place}: {error.json_path} {error.message[:200]}")

    def _deref(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            found = self.spec
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = (found or {})[part]
            node = found
        return node

    def _plain(self, node: Any) -> Any:
        """Resolve references and say `nullable` as JSON Schema does."""
        node = self._deref(node)
        if isinstance(node, list):
            return [self._plain(n) for n in node]
        if not isinstance(node, dict):
            return node
        plain = {k: self._plain(v) for k, v in node.items() if k not in {"nullable", "example"}}
        if node.get("nullable") is True:
            return {"anyOf": [plain, {"type": "null"}]}
        return plain


def _json_schema(node: Mapping[str, Any]) -> Any:
    return node.get("content", {}).get("application/json", {}).get("schema")


def _filled(schema: Any, value: Any) -> Any:
    """Add to an answer what the description requires and a client of ours never reads."""
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        nullable = any(o.get("type") == "null" for o in options)
        if value is None and nullable:
            return None
        return _filled(options[0], value)
    kind = schema.get("type") or ("object" if "properties" in schema else "")
    if kind == "array":
        return [_filled(schema["items"], v) for v in value or []]
    if kind != "object":
        return value if value is not None else _sample(schema, kind)
    given = dict(value or {})
    properties = schema.get("properties", {})
    wanted = (*given, *(k for k in schema.get("required", ()) if k not in given))
    return {k: _filled(properties.get(k, {}), given.get(k)) for k in wanted}


def _sample(schema: Mapping[str, Any], kind: str) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    samples = {"integer": 1, "number": 1, "boolean": False, "string": "x"}
    return samples.get(kind)


class _Handler(BaseHTTPRequestHandler):
    double: GithubDouble
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def log_message(self, *_arguments: Any) -> None:
        """Keep the tests' output clean."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        if parts.path.startswith("/api/"):
            self._api(parts.path.removeprefix("/api"), parts.query, body)
        else:
            self._reply(
                *git_http.answer(
                    self.double.store,
                    self,
                    body,
                    user="x-access-token",
                    secret=TOKEN,
                    root=f"/{OWNER}",
                )
            )

    def _api(self, path: str, query: str, body: bytes) -> None:
        said = json.loads(body) if body else None
        given = {k: v[0] for k, v in parse_qs(query).items()}
        scheme, _, credential = self.headers.get("Authorization", "").partition(" ")
        # An App first proves itself with a signed web token of its own.
        if scheme.lower() not in {"token", "bearer"} or not (
            credential == TOKEN or credential.count(".") == 2
        ):
            self._reply(401, "application/json", b'{"message": "Bad credentials"}')
            return
        status, answer = self.double.answer(self.command, path, given, said)
        answer = self.double.checked(self.command, path, given, said, status, answer)
        self._send(status, answer)

    def _send(self, status: int, answer: Any) -> None:
        """Answer with an ETag; what the client has already is not sent again."""
        content = json.dumps(answer).encode()
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        if self.command == "GET" and self.headers.get("If-None-Match") == etag:
            self.double.unchanged += 1
            self._reply(304, "application/json", b"", etag=etag)
        else:
            self._reply(status, "application/json", content, etag=etag)

    def _reply(self, status: int, kind: str, content: bytes, *, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def github(store: GitStore) -> Iterator[GithubDouble]:
    """Serve a GitHub that holds this bare repository as acme/infra."""
    double = GithubDouble(store)
    handler = type("Handler", (_Handler,), {"double": double})
    with git_http.served(handler) as double.url:
        yield double
