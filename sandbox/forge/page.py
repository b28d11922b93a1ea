"""The forge's pages as HTML. Everything that comes from a repository or a person is escaped."""

from collections.abc import Mapping, Sequence
from typing import Any

from remediation import LocalPullRequest
from sandbox.forge.history import LogEntry
from sandbox.forge.html import Html, el, join

_TABS = (
    ("Code", "/"),
    ("Commits", "/commits"),
    ("Pull requests", "/pulls"),
    ("Deployments", "/deployments"),
)


def layout(title: str, body: Html, *, repository: str, active: str, open_pulls: int) -> str:
    """Return a whole page."""
    tabs = [
        el(
            "a",
            name,
            el("span", open_pulls, class_="count")
            if name == "Pull requests" and open_pulls
            else None,
            href=path,
            **({"aria_current": "page"} if name == active else {}),
        )
        for name, path in _TABS
    ]
    head = join(
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", f"{title} · {repository}"),
        el("link", rel="stylesheet", href="/static/forge.css"),
        el("script", src="/static/forge.js", defer="defer"),
    )
    top = el(
        "header",
        el("a", el("span", class_="mark"), "local forge", href="/", class_="brand"),
        el("span", "/", class_="slash"),
        el("strong", repository),
        el("span", "on this machine only", class_="note"),
    )
    inner = join(top, el("nav", *tabs), el("main", body))
    return f"<!doctype html>{el('html', el('head', head), el('body', inner), lang='en')}"


def signature(entry: LogEntry) -> Html:
    """Return the badge of a commit's signature."""
    if entry.is_verified:
        return el("span", "✓ verified", class_="badge good", title=f"Signed by {entry.signer}")
    kind = "badge" if entry.signature == "unsigned" else "badge bad"
    return el("span", entry.signature, class_=kind)


def state_badge(state: str) -> Html:
    """Return the badge of a pull request's state."""
    return el("span", state, class_=f"badge state-{state}")


def short(sha: str) -> Html:
    """Return a commit's short id, linked."""
    return el("a", sha[:8], href=f"/commits/{sha}", class_="sha")


def when(iso: str) -> Html:
    """Return a time that the page's script shows in the reader's own zone."""
    return el("time", iso[:16].replace("T", " "), datetime=iso)


def code(paths: Sequence[str], readme: str, tip: LogEntry) -> Html:
    """Return the file list with the newest commit above and the README below."""
    rows = [
        el("tr", el("td", el("a", path, href=f"/files/{path}", class_="path"))) for path in paths
    ]
    return join(
        el(
            "div",
            short(tip.commit),
            " ",
            tip.subject,
            " ",
            signature(tip),
            " ",
            el("span", tip.author, class_="dim"),
            class_="strip",
        ),
        el("table", *rows, class_="files"),
        el("section", el("h2", "README.md"), el("pre", readme, class_="prose"), class_="card")
        if readme
        else None,
    )


def source(path: str, content: str, commit: str) -> Html:
    """Return a file with line numbers that can be linked to."""
    lines = [
        el(
            "span",
            el("a", number, href=f"#L{number}", class_="no"),
            line or " ",
            class_="line",
            id=f"L{number}",
        )
        for number, line in enumerate(content.splitlines(), start=1)
    ]
    return join(
        el("h1", path, el("span", " at ", short(commit), class_="dim")),
        el("pre", *lines, class_="source"),
    )


def commits(entries: Sequence[LogEntry]) -> Html:
    """Return the commit list with the state of each signature."""
    rows = [
        el(
            "li",
            el(
                "div",
                el("a", entry.subject, href=f"/commits/{entry.commit}"),
                " ",
                signature(entry),
            ),
            el("div", short(entry.commit), " ", entry.author, " · ", when(entry.at), class_="dim"),
        )
        for entry in entries
    ]
    return join(el("h1", "Commits"), el("ol", *rows, class_="rows"))


def commit(entry: LogEntry, diff: str) -> Html:
    """Return one commit with its message and change."""
    return join(
        el("h1", entry.subject),
        el(
            "p",
            short(entry.commit),
            " ",
            entry.author,
            " · ",
            when(entry.at),
            " ",
            signature(entry),
        ),
        el("pre", entry.body, class_="prose card") if entry.body else None,
        coloured(diff) if diff else el("p", "The first commit: it adds every file.", class_="dim"),
    )


def pulls(records: Sequence[LocalPullRequest]) -> Html:
    """Return the list of pull requests."""
    if not records:
        empty = "No pull requests yet. Approve a fix in Slack and one opens here."
        return join(el("h1", "Pull requests"), el("p", empty, class_="empty"))
    rows = [
        el(
            "li",
            el("div", state_badge(r.state), " ", el("a", r.title, href=f"/pulls/{r.number}")),
            el(
                "div",
                f"#{r.number} · {r.branch} into {r.into} · {r.author} · ",
                when(r.opened_at),
                class_="dim",
            ),
        )
        for r in records
    ]
    return join(el("h1", "Pull requests"), el("ol", *rows, class_="rows"))


def pull(  # noqa: PLR0913 - a page shows this many things, keywords all
    record: LocalPullRequest,
    *,
    diff: str,
    head: LogEntry,
    checks: Sequence[tuple[str, bool, str]],
    people: Sequence[str],
    deployments: Sequence[Mapping[str, Any]],
    refusal: str,
) -> Html:
    """Return one pull request: description, checks, diff, and the buttons of whoever acts."""
    facts = el(
        "p", state_badge(record.state), " ", el("code", record.branch), " into ",
        el("code", record.into), " by ", el("strong", record.author), " · ", when(record.opened_at),
        " · ", short(record.head_commit), " ", signature(head),
    )  # fmt: skip
    merged = (
        el(
            "p",
            "Merged by ",
            el("strong", record.merged_by),
            " as ",
            short(record.merge_commit),
            class_="strip",
        )
        if record.merge_commit
        else None
    )
    return join(
        el("h1", record.title, el("span", f" #{record.number}", class_="dim")),
        facts,
        el("p", refusal, class_="refusal", role="alert") if refusal else None,
        merged,
        el("div",
           el("section", el("pre", record.body, class_="prose"), class_="card"),
           el("aside", _checks(checks), _act(record, people), class_="side"),
           class_="columns"),
        coloured(diff),
        el("h2", "Deployment") if deployments else None,
        *[deployment(d) for d in deployments],
    )  # fmt: skip


def _checks(checks: Sequence[tuple[str, bool, str]]) -> Html:
    rows = [
        el("li", el("span", "✓" if held else "✗", class_="good" if held else "bad"), " ", name,
           el("small", detail))
        for name, held, detail in checks
    ]  # fmt: skip
    return el("section", el("h2", "Checks"), el("ul", *rows, class_="checks"), class_="card")


def _act(record: LocalPullRequest, people: Sequence[str]) -> Html | None:
    if record.state != "open":
        return None
    options = [el("option", name, value=name) for name in people]
    form = el(
        "form",
        el("label", "Act as ", el("select", *options, name="by")),
        el("button", "Merge", formaction=f"/pulls/{record.number}/merge", class_="primary"),
        el("button", "Approve", formaction=f"/pulls/{record.number}/approve"),
        el("button", "Close", formaction=f"/pulls/{record.number}/close"),
        method="post",
    )
    return el("section", el("h2", "Decide"), form, class_="card")


def coloured(diff: str) -> Html:
    """Return a unified diff, one class a line."""
    return el(
        "pre",
        *[el("span", line or " ", class_=f"line {_kind(line)}") for line in diff.splitlines()],
        class_="diff",
    )


def _kind(line: str) -> str:
    if line.startswith(("diff ", "index ", "--- ", "+++ ", "new file", "deleted file")):
        return "meta"
    return {"+": "added", "-": "removed", "@": "hunk"}.get(line[:1], "")


def deployments(records: Sequence[Mapping[str, Any]]) -> Html:
    """Return every deployment, newest first."""
    intro = (
        "What the deployer did after each merge. A property counts as deployed only when it was "
        "read back from the local AWS."
    )
    return join(
        el("h1", "Deployments"), el("p", intro, class_="dim"), *[deployment(d) for d in records]
    )


def deployment(record: Mapping[str, Any]) -> Html:
    """Return one deployment with the properties that were read back."""
    complete = bool(record["is_complete"])
    title = el(
        "summary",
        el("span", "deployed" if complete else "incomplete", class_=f"badge {'good' if complete else 'bad'}"),
        " ", el("strong", str(record["stack"]) or "no stack"), " ",
        el("span", f"{len(record['changes'])} resources, {record['read_back']} properties read back", class_="dim"),
        " ", short(str(record["commit"])) if record["commit"] else None,
        " ", when(str(record["finished_at"])),
    )  # fmt: skip
    errors = [el("p", error, class_="refusal") for error in record["errors"]]
    changes = [_change(change) for change in record["changes"]]
    opened = {"open": "open"} if len(changes) <= 3 or errors else {}
    return el("details", title, *errors, *changes, class_="card deployment", **opened)


def _change(change: Mapping[str, Any]) -> Html:
    checks = [
        el("tr", el("td", el("code", check["path"])), el("td", el("code", check["value"])),
           el("td", check["outcome"], el("small", check["detail"]) if check["detail"] else None))
        for check in change["checks"]
    ]  # fmt: skip
    return join(
        el("p", el("span", change["action"], class_="badge"), " ", el("strong", change["logical_id"]),
           " ", el("span", change["type"], class_="dim")),
        el("table", *checks, class_="properties") if checks else None,
    )  # fmt: skip
