"""Show the lines of a file that a finding comes from, with whatever may be secret left out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from core.errors import UnreadableTemplate
from core.secret import holds_secret
from templates.document import Document, Node, read_document
from templates.locate import GLOBALS
from templates.terraform.parse import parse_hcl
from templates.terraform.syntax import Body, Literal, Record
from templates.terraform.syntax import Template as HclTemplate
from templates.value import plain
from templates.veil import is_for_secrets

LINES_MAX = 14
WIDTH_MAX = 160
HIDDEN = b"<not shown>"
_HEAD = 2  # lines of a resource whose setting is not written at all: its name and its type
_ENVIRONMENTS = frozenset({"Variables", "EnvironmentVariables", "Environment"})
_PASSWORDS = frozenset({"aws:Referer", "aws:UserAgent"})
_TF_VARIABLES = ("environment", "variables")
_INDEX = re.compile(r"\[[^\]]*\]")
_INLINE = ("Policies", "PolicyDocument", "Statement")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file, at most 14. `end_line` is where the passage ends, shown or not.

    `is_written` is False where the setting is not declared: then these lines are the beginning of
    what could declare it.
    """

    start_line: int
    end_line: int
    lines: tuple[str, ...]
    is_written: bool


def excerpt(
    content: bytes,
    *,
    file: str,
    address: str,
    path: Sequence[str] = (),
    statement: Mapping[str, Any] | None = None,
) -> Excerpt | None:
    """Return the lines that declare a setting or a statement of a resource, else the resource.

    `address` is a logical id, or a Terraform address; `path` a property's, in CloudFormation's names.
    SAM writes both elsewhere than the resource it makes, so that a statement is also looked for by
    what it says. None where the file does not declare the address, or cannot be read.
    """
    try:
        if file.endswith(".tf"):
            return _terraform(content, file, address)
        return _template(read_document(content), address, path, statement)
    except UnreadableTemplate:
        return None


def _template(
    document: Document, address: str, path: Sequence[str], statement: Mapping[str, Any] | None
) -> Excerpt | None:
    resources = document.root.get("Resources")
    body = resources.get(address) if resources else None
    key = resources.key(address) if resources else None
    if body is None or key is None:
        return None
    found = _statement(body, statement) if statement else None
    found = found or _setting(document.root, body, path)
    if found:
        return _cut(document, *found, is_written=True)
    first = document.line_of(key.start)
    return _lines(document, first, first + _HEAD - 1, is_written=not path)


def _setting(root: Node, body: Node, path: Sequence[str]) -> tuple[Node, Node] | None:
    properties = body.get("Properties")
    if properties is None or not path:
        return None
    found = _walk(properties, path) or _walk(properties, _as_sam(path))
    if found:
        return found
    kind = body.get("Type")
    section = GLOBALS.get(kind.text) if kind else None
    shared = root.get("Globals")
    common = shared.get(section) if shared and section else None
    if common and (inherited := _walk(common, path)):
        return inherited
    return _only(properties, path) if section else None


def _walk(node: Node, path: Sequence[str]) -> tuple[Node, Node] | None:
    """Return the key and the value at a path; an item of a list is its own key."""
    key = node
    for step in path:
        if node.kind == "list" and step.isdigit() and int(step) < len(node.items):
            key = node = node.items[int(step)]
            continue
        child, name = node.get(step), node.key(step)
        if child is None or name is None:
            return None
        key, node = name, child
    return key, node


def _as_sam(path: Sequence[str]) -> tuple[str, ...]:
    """Return where SAM writes an inline policy: its statements stand in the entry itself."""
    is_inline = len(path) > 3 and (path[0], path[2], path[3]) == _INLINE
    return (path[0], path[1], *path[3:]) if is_inline else tuple(path)


def _only(properties: Node, path: Sequence[str]) -> tuple[Node, Node] | None:
    """Return the one place below SAM's own properties that bears the setting's name."""
    name = next((step for step in reversed(path) if not step.isdigit()), "")
    found = [
        (key, value) for node in _nodes(properties) for key, value in node.pairs if key.text == name
    ]
    return found[0] if len(found) == 1 else None


def _statement(body: Node, statement: Mapping[str, Any]) -> tuple[Node, Node] | None:
    """Return the one statement below a resource that says the same."""
    wanted = _gist(statement)
    found = [n for n in _nodes(body) if n.kind == "map" and n.get("Effect") and _is(n, wanted)]
    return (found[0], found[0]) if len(found) == 1 else None


def _is(node: Node, wanted: tuple[str, str, frozenset[str]]) -> bool:
    said = plain(node)
    sid, effect, actions = _gist(said) if isinstance(said, Mapping) else ("", "", frozenset())
    return sid == wanted[0] if wanted[0] else (effect, actions) == wanted[1:]


def _gist(statement: Mapping[str, Any]) -> tuple[str, str, frozenset[str]]:
    actions = statement.get("Action", ())
    listed = actions if isinstance(actions, list | tuple) else [actions]
    sid = statement.get("Sid")
    named = frozenset(str(action) for action in listed)
    return sid if isinstance(sid, str) else "", str(statement.get("Effect", "")), named


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children():
        yield from _nodes(child)


def _cut(document: Document, key: Node, value: Node, *, is_written: bool) -> Excerpt:
    last = max(value.end - 1, key.start) if value.start >= key.start else key.end - 1
    return _lines(
        document, document.line_of(key.start), document.line_of(last), is_written=is_written
    )


def _lines(document: Document, first: int, last: int, *, is_written: bool) -> Excerpt:
    return _excerpt(_masked(document), first, last, is_written=is_written)


def _excerpt(content: bytes, first: int, last: int, *, is_written: bool) -> Excerpt:
    lines = re.split(r"\r\n|\n|\r", content.decode("utf-8", "replace"))[first - 1 : last]
    shown = tuple(_narrow(line) for line in lines[:LINES_MAX])
    return Excerpt(first, last, shown, is_written)


def _narrow(line: str) -> str:
    return line if len(line) <= WIDTH_MAX else f"{line[: WIDTH_MAX - 1]}…"


# ── secrets ───────────────────────────────────────────────────────────────────


def _masked(document: Document) -> bytes:
    """Return the file with every value that may be secret replaced, line by line as it was."""
    content = document.content
    for start, end in sorted(set(_secret(document.root, "", "", False)), reverse=True):
        breaks = content[start:end].count(b"\n") * document.newline
        content = content[:start] + HIDDEN + breaks + content[end:]
    return content


def _secret(node: Node, name: str, kind: str, in_environment: bool) -> Iterator[tuple[int, int]]:
    """Yield the bytes of the values that may be secret, by their names and by what they look like."""
    if node.kind == "scalar":
        if _may_be_secret(node, name, kind, in_environment=in_environment):
            yield node.start, node.end
        return
    for item in node.items:
        yield from _secret(item, name, kind, in_environment)
    named = node.get("Type")
    kind = named.text if named and "::" in named.text else kind
    no_echo = node.get("NoEcho")
    for key, value in node.pairs:
        hides = no_echo is not None and no_echo.text.lower() == "true" and key.text == "Default"
        inside = in_environment and key.text != "Name"
        yield from _secret(value, key.text, kind, inside or hides or key.text in _ENVIRONMENTS)


def _may_be_secret(node: Node, name: str, kind: str, *, in_environment: bool) -> bool:
    text, is_plain = node.text, not node.tag
    if in_environment and is_plain and node.type not in ("bool", "null"):
        return True
    if name in _PASSWORDS or (is_plain and is_for_secrets(kind, name, text)):
        return True
    return holds_secret(name if is_plain else "", text)


# ── Terraform ─────────────────────────────────────────────────────────────────


def _terraform(content: bytes, file: str, address: str) -> Excerpt | None:
    steps = _INDEX.sub("", address).split(".")
    parsed = parse_hcl(file, content)
    for block in parsed.body.blocks:
        if block.type == "resource" and list(block.labels) == steps[-2:]:
            first, last = parsed.line_of(block.start), parsed.line_of(max(block.end - 1, 0))
            return _excerpt(_veiled(content, block.body), first, last, is_written=True)
    return None


def _veiled(content: bytes, body: Body) -> bytes:
    for start, end in sorted(set(_secret_of_body(body, hides=False)), reverse=True):
        breaks = b"\n" * content[start:end].count(b"\n")
        content = content[:start] + HIDDEN + breaks + content[end:]
    return content


def _secret_of_body(body: Body, *, hides: bool) -> Iterator[tuple[int, int]]:
    for attribute in body.attributes:
        yield from _secret_of(attribute.value, attribute.name, hides=hides)
    for block in body.blocks:
        yield from _secret_of_body(block.body, hides=hides or block.type.startswith(_TF_VARIABLES))


def _secret_of(value: Any, name: str, *, hides: bool) -> Iterator[tuple[int, int]]:
    hides = hides or name.startswith(_TF_VARIABLES)
    if isinstance(value, Record):
        for key, item in value.items:
            own = str(key.value) if isinstance(key, Literal) else name
            yield from _secret_of(item, own, hides=hides)
    elif isinstance(value, Literal | HclTemplate):
        # What is put together is judged by its name alone.
        text = value.value if isinstance(value, Literal) else "put together"
        if hides or (isinstance(text, str) and holds_secret(name, text)):
            yield value.start, value.end
    elif is_dataclass(value):  # a call, an operation, a list: what it is made of
        for part in fields(value):
            inner = getattr(value, part.name)
            for each in inner if isinstance(inner, tuple) else (inner,):
                yield from _secret_of(each, name, hides=hides)
