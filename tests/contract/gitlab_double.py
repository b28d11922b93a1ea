"""A GitLab on loopback: the REST calls of merge requests, and Git over HTTP by Git's own server.

No machine-readable description of GitLab's API lies beside the repository, so every call is held
against the parameters, and every answer against the attributes, that its documentation names
(https://docs.gitlab.com/api/merge_requests/, /merge_request_approvals/, /notes/, /jobs/, /users/,
/projects/; 2026-11). A deviation is kept in `problems`, and the tests assert that there are none.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from remediation.git_store import GitStore, MergeConflict
from tests.contract import git_http

TOKEN = "glpat-a-made-up-token"
NAMESPACE, NAME = "acme/platform", "infra"
_PROJECT = 5
_PATH = f"{NAMESPACE}/{NAME}".replace("/", "%2F")
_ROOT = re.compile(rf"/api/v4/projects/(?:{_PATH}|{_PROJECT})(?=/|$)")
_PAGES = {"page", "per_page", "order_by", "sort"}
_PARAMETERS: Mapping[tuple[str, str], set[str]] = {
    ("GET", "/merge_requests"): {"source_branch", "target_branch", "state", "labels", *_PAGES},
    ("POST", "/merge_requests"): {
        "source_branch", "target_branch", "title", "description", "labels", "reviewer_ids",
        "assignee_id", "assignee_ids", "milestone_id", "remove_source_branch", "squash",
        "allow_collaboration", "approvals_before_merge", "merge_after", "target_project_id",
    },
    ("GET", "/merge_requests/N"): {
        "include_diverged_commits_count", "include_rebase_in_progress", "render_html",
    },
    ("PUT", "/merge_requests/N"): {
        "add_labels", "remove_labels", "labels", "reviewer_ids", "state_event", "title",
        "description", "target_branch", "squash", "remove_source_branch", "discussion_locked",
        "assignee_id", "assignee_ids", "milestone_id", "allow_collaboration", "merge_after",
    },
    ("GET", "/merge_requests/N/approvals"): set(),
    ("GET", "/merge_requests/N/notes"): {"activity_filter", *_PAGES},
    ("POST", "/merge_requests/N/notes"): {"body", "created_at", "internal", "merge_request_diff_head_sha"},
    ("GET", "/pipelines/N/jobs"): {"scope[]", "include_retried", *_PAGES},
    ("GET", ""): {"license", "statistics", "with_custom_attributes"},
    ("GET", "/users"): {"username", "search", "active", "external", "blocked", *_PAGES},
}  # fmt: skip
_MERGE_REQUEST = {
    "id", "iid", "project_id", "title", "description", "state", "created_at", "updated_at",
    "merged_at", "closed_at", "merged_by", "merge_user", "target_branch", "source_branch",
    "author", "reviewers", "labels", "sha", "merge_commit_sha", "squash_commit_sha", "web_url",
    "has_conflicts", "detailed_merge_status", "squash", "head_pipeline",
}  # fmt: skip


class GitlabDouble:
    """One project, its merge requests, and what was wrong with the calls it got."""

    def __init__(self, store: GitStore) -> None:
        self.store = store
        self.requests: dict[int, dict[str, Any]] = {}
        self.problems: list[str] = []
        self.calls: list[str] = []
        self.users = {"dana": 11, "omar": 12, "plumbline": 1}
        self.approved: dict[int, list[str]] = {}
        self.pipelines: dict[str, dict[str, Any]] = {}
        self.notes: dict[int, list[str]] = {}
        self.reviewers_max = 9
        self.project: dict[str, Any] = {
            "merge_method": "merge",
            "squash_option": "never",
            "permissions": {"project_access": {"access_level": 30}, "group_access": None},
        }
        self.url = ""

    # what a person, or a runner, does at GitLab

    def merge(self, number: int, *, by: str) -> None:
        """Merge with a merge commit."""
        request = self.requests[number]
        base, head = (self._branch(request[b]) for b in ("target_branch", "source_branch"))
        made = self.store.write_tree(
            self.store.merge_tree(base, head),
            parents=(base, head),
            text="Merge\n",
            sign=False,
            author=by,
        )
        self.store.move(f"refs/heads/{request['target_branch']}", new=made, old=base)
        user = {"id": self.users.get(by, 99), "username": by}
        request.update(state="merged", merge_commit_sha=made, merge_user=user, merged_by=user)

    def pipeline(self, commit: str, status: str, failed: Mapping[str, bool] | None = None) -> None:
        """Say how the pipeline of a commit stands; `failed` jobs may be allowed to fail."""
        self.pipelines[commit] = {"id": 900, "status": status, "failed": dict(failed or {})}

    def _branch(self, name: str) -> str:
        return self.store.resolve(f"refs/heads/{name}") or ""

    # the REST calls

    def answer(self, method: str, path: str, given: Mapping[str, Any]) -> tuple[int, Any]:
        """Answer one call, given its query and its body together."""
        if path == "/api/v4/users":
            self._hold(method, "/users", given)
            return 200, self._users(given)
        project = _ROOT.match(path)
        if project is None:
            return 404, {"message": "404 Project Not Found"}
        place = path[project.end() :]
        number = next((int(n) for n in re.findall(r"/(\d+)", place)), 0)
        form = re.sub(r"/\d+", "/N", place)
        self._hold(method, form, given)
        if form == "":
            return 200, {
                "id": _PROJECT,
                "path_with_namespace": f"{NAMESPACE}/{NAME}",
                **self.project,
            }
        if form == "/merge_requests":
            return self._list(given) if method == "GET" else self._create(given)
        if form == "/pipelines/N/jobs":
            return 200, self._jobs(number)
        if number not in self.requests:
            return 404, {"message": "404 Not found"}
        return self._of_request(method, number, form.rpartition("/N")[2], given)

    def _users(self, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        said = given.get("username", "")
        return [{"id": n, "username": u} for u, n in self.users.items() if u == said]

    def _jobs(self, number: int) -> list[dict[str, Any]]:
        return [
            {"id": n, "name": name, "status": "failed", "allow_failure": allowed}
            for pipeline in self.pipelines.values()
            for n, (name, allowed) in enumerate(pipeline["failed"].items(), 1)
            if pipeline["id"] == number
        ]

    def _of_request(
        self, method: str, number: int, part: str, given: Mapping[str, Any]
    ) -> tuple[int, Any]:
        if part == "/approvals":
            people = [{"user": {"username": name}} for name in self.approved.get(number, ())]
            return 200, {"id": number, "iid": number, "approved_by": people}
        if part == "/notes":
            notes = self.notes.setdefault(number, [])
            if method == "POST":
                notes.append(given["body"])
                return 201, {"id": len(notes), "body": given["body"]}
            return 200, [{"id": n, "body": text} for n, text in enumerate(notes, 1)]
        if method == "PUT":
            self._change(self.requests[number], given)
        return 200, self._shown(self.requests[number])

    def _change(self, request: dict[str, Any], given: Mapping[str, Any]) -> None:
        if given.get("state_event") == "close" and request["state"] == "opened":
            request["state"] = "closed"
        added = [each for each in str(given.get("add_labels", "")).split(",") if each]
        request["labels"] = list(dict.fromkeys((*request["labels"], *added)))
        if "reviewer_ids" in given:
            names = {n: u for u, n in self.users.items()}
            kept = given["reviewer_ids"][: self.reviewers_max]
            request["reviewers"] = [{"id": n, "username": names[n]} for n in kept]

    def _list(self, given: Mapping[str, Any]) -> tuple[int, Any]:
        return 200, [
            self._shown(each)
            for each in self.requests.values()
            if each["source_branch"] == given.get("source_branch", each["source_branch"])
            and each["target_branch"] == given.get("target_branch", each["target_branch"])
            and given.get("state", "opened") in {"all", each["state"]}
        ]

    def _create(self, given: Mapping[str, Any]) -> tuple[int, Any]:
        source, target = given["source_branch"], given["target_branch"]
        twins = (r for r in self.requests.values() if r["state"] == "opened")
        if any((r["source_branch"], r["target_branch"]) == (source, target) for r in twins):
            said = "Another open merge request already exists for this source branch: !1"
            return 409, {"message": [said]}
        number = len(self.requests) + 1
        self.requests[number] = {
            "id": 1000 + number,
            "iid": number,
            "project_id": _PROJECT,
            "title": given["title"],
            "description": given.get("description", ""),
            "state": "opened",
            "source_branch": source,
            "target_branch": target,
            "author": {"id": 1, "username": "plumbline"},
            "reviewers": [],
            "labels": [],
            "merge_commit_sha": None,
            "squash_commit_sha": None,
            "merge_user": None,
            "merged_by": None,
            "web_url": f"{self.url}/{NAMESPACE}/{NAME}/-/merge_requests/{number}",
        }
        return 201, self._shown(self.requests[number])

    def _shown(self, request: Mapping[str, Any]) -> dict[str, Any]:
        head = self._branch(request["source_branch"])
        pipeline = self.pipelines.get(head)
        known = {"id": pipeline["id"], "status": pipeline["status"]} if pipeline else None
        conflict = request["state"] == "opened" and self._conflicts(request)
        said = {
            **request,
            "sha": head,
            "has_conflicts": conflict,
            "detailed_merge_status": "conflict" if conflict else "mergeable",
            "head_pipeline": known,
        }
        self.problems += [f"GitLab names no attribute {k}" for k in set(said) - _MERGE_REQUEST]
        return said

    def _conflicts(self, request: Mapping[str, Any]) -> bool:
        try:
            self.store.merge_tree(
                self._branch(request["target_branch"]), self._branch(request["source_branch"])
            )
        except MergeConflict:
            return True
        return False

    def _hold(self, method: str, form: str, given: Mapping[str, Any]) -> None:
        """Hold a call against what the documentation names."""
        self.calls.append(f"{method} {form}")
        known = _PARAMETERS.get((method, form))
        if known is None:
            self.problems.append(f"{method} {form} is no call that GitLab documents")
            return
        self.problems += [f"{method} {form}: no parameter {k}" for k in set(given) - known]


class _Handler(BaseHTTPRequestHandler):
    double: GitlabDouble
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def log_message(self, *_arguments: Any) -> None:
        """Keep the tests' output clean."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        if not parts.path.startswith("/api/"):
            root = f"/{NAMESPACE}"
            store = self.double.store
            self._reply(*git_http.answer(store, self, body, user="oauth2", secret=TOKEN, root=root))
            return
        if self.headers.get("PRIVATE-TOKEN") != TOKEN:
            self._reply(401, "application/json", b'{"message": "401 Unauthorized"}')
            return
        query = {k: v[0] for k, v in parse_qs(unquote(parts.query)).items()}
        given = {**query, **(json.loads(body) if body else {})}
        status, answer = self.double.answer(self.command, parts.path, given)
        self._reply(status, "application/json", json.dumps(answer).encode())

    def _reply(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def gitlab(store: GitStore) -> Iterator[GitlabDouble]:
    """Serve a GitLab that holds this bare repository as acme/platform/infra."""
    double = GitlabDouble(store)
    handler = type("Handler", (_Handler,), {"double": double})
    with git_http.served(handler) as double.url:
        yield double
