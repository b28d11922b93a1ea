"""Read YAML or JSON into nodes that know their bytes.

PyYAML's C composer gives marks 35 times faster than a round-trip parser; its marks count
characters and run over trailing comments, so both are put right here. JSON is read by its own
scanner: YAML refuses some of it (escaped surrogate pairs).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from core.errors import UnreadableTemplate
from templates.json_nodes import JsonError, compose_json

MAX_BYTES = 2_000_000  # CloudFormation takes 1 MB from S3 (quotas page, 2026-11-22); SAM packs more
MAX_DEPTH = 100  # real templates nest 30 deep; libyaml's composer overflows the C stack near 50,000
MAX_VALUES = 100_000  # values after aliases are followed: ten times the largest real template

_TOO_MANY = f"The template holds more than {MAX_VALUES:,} values."

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_PROPERTIES = re.compile(rb"(?:[!&][^\s,\[\]{}]*[ \t]*(?:\r?\n[ \t]*)?)+")


@dataclass(slots=True, eq=False)
class Node:
    """One value of a file. `start` to `end` are its bytes without trailing space or comments.

    `kind` is map, list or scalar. `tag` is a short form ("!Ref"), else empty. `items` are the
    members of a list, `pairs` those of a map in file order. `shared` says that an alias makes the
    same bytes stand in more than one place.
    """

    kind: str
    start: int
    end: int
    line: int
    column: int
    tag: str = ""
    text: str = ""
    type: str = "str"
    style: str = ""
    flow: bool = False
    anchor: bool = False
    shared: bool = False
    items: list["Node"] = field(default_factory=list)
    pairs: list[tuple["Node", "Node"]] = field(default_factory=list)

    def get(self, key: str) -> "Node | None":
        """Return the value under a key of a map, the last where a key is repeated."""
        for name, value in reversed(self.pairs):
            if name.text == key:
                return value
        return None

    def key(self, key: str) -> "Node | None":
        """Return the key node itself."""
        return next((name for name, _ in reversed(self.pairs) if name.text == key), None)

    def children(self) -> Iterator["Node"]:
        """Walk the direct members, keys included."""
        for name, value in self.pairs:
            yield name
            yield value
        yield from self.items


@dataclass(frozen=True, slots=True)
class Document:
    """A file's bytes and what they say."""

    content: bytes
    root: Node
    is_json: bool
    newline: bytes
    _line_starts: Sequence[int]

    def line_of(self, position: int) -> int:
        """Return the line, counted from 1, that a byte stands on."""
        return max(1, bisect_left(self._line_starts, position + 1))

    def line_start(self, position: int) -> int:
        """Return where the line of a byte begins."""
        return self._line_starts[self.line_of(position) - 1]

    def content_start(self, node: Node) -> int:
        """Return where a node's value begins, after its anchor and tag."""
        if not (node.tag or node.anchor):
            return node.start
        found = _PROPERTIES.match(self.content, node.start, max(node.end, node.start))
        return found.end() if found else node.start


@lru_cache(maxsize=4)  # an edit is read when it is proved, and again when it is applied
def read_document(content: bytes) -> Document:
    """Parse bytes into nodes. Raises: UnreadableTemplate."""
    if len(content) > MAX_BYTES:
        raise UnreadableTemplate(
            f"The template has {len(content):,} bytes; more than {MAX_BYTES:,} are not read."
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableTemplate(f"The template is not UTF-8 (byte {error.start}).") from error
    bom = text.startswith("\ufeff")
    body = text[1:] if bom else text
    root, is_json = _parse(body)
    offset = _Offsets(body, 3 if bom else 0)
    node = _Converter(content, offset).convert(root)
    starts = [0, *(found.end() for found in re.finditer(rb"\r\n|\n|\r", content))]
    newline = b"\r\n" if content.count(b"\r\n") * 2 > content.count(b"\n") else b"\n"
    return Document(content, node, is_json, newline, starts)


def _parse(text: str) -> tuple[yaml.Node, bool]:
    if text.lstrip()[:1] in ("{", "["):
        try:
            return compose_json(text, max_depth=MAX_DEPTH), True
        except JsonError:
            pass  # `{` may also open flow YAML, whose own error says more
    _refuse_depth(text)
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise UnreadableTemplate(f"The template does not parse: {_where(error)}.") from error
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UnreadableTemplate(f"The template does not parse: {reason}.") from error
    if root is None:
        raise UnreadableTemplate("The template is empty.")
    return root, False


def _where(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"{error.problem or error.context}{place}"


def _refuse_depth(text: str) -> None:
    """Refuse nesting that would overflow the composer's C stack, and floods, before composing.

    Depth cannot exceed the brackets plus the longest line, so nearly no file needs the slow look.
    """
    if (
        text.count("[") + text.count("{") < MAX_DEPTH
        and max(map(len, text.splitlines()), default=0) < MAX_DEPTH
    ):
        return
    depth = 0
    try:
        for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
            if count > 2 * MAX_VALUES:  # a collection begins and ends
                raise UnreadableTemplate(_TOO_MANY)
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    raise UnreadableTemplate(f"The template nests deeper than {MAX_DEPTH} levels.")
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except (yaml.YAMLError, ValueError):
        return  # composing says the same, with the place


class _Offsets:
    """Turns character positions into byte positions."""

    def __init__(self, text: str, shift: int) -> None:
        self._shift = shift
        self._positions: list[int] = []
        self._extra: list[int] = [0]
        if not text.isascii():
            for found in re.finditer(r"[^\x00-\x7f]", text):
                self._positions.append(found.start())
                self._extra.append(self._extra[-1] + len(found.group().encode()) - 1)

    def __call__(self, character: int) -> int:
        if not self._positions:
            return character + self._shift
        return character + self._shift + self._extra[bisect_left(self._positions, character)]


class _Converter:
    """Copies composer nodes, following each alias once and refusing cycles and bombs."""

    def __init__(self, content: bytes, offset: _Offsets) -> None:
        self._content = content
        self._offset = offset
        self._done: dict[int, Node] = {}
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()

    def convert(self, source: yaml.Node) -> Node:
        known = self._done.get(id(source))
        if known is not None:
            known.shared = True
            return known
        if id(source) in self._open:
            raise UnreadableTemplate("The template holds an alias to itself.")
        self._open.add(id(source))
        node = self._fresh(source)
        self._open.discard(id(source))
        self._done[id(source)] = node
        if len(self._done) > MAX_VALUES:
            raise UnreadableTemplate(_TOO_MANY)
        size = 1 + sum(self._sizes[id(child)] for child in node.children())
        if size > MAX_VALUES:
            raise UnreadableTemplate(_TOO_MANY)
        self._sizes[id(node)] = size
        return node

    def _fresh(self, source: yaml.Node) -> Node:
        start = self._offset(source.start_mark.index)
        node = Node(
            kind="scalar",
            start=start,
            end=self._offset(source.end_mark.index),
            line=source.start_mark.line + 1,
            column=source.start_mark.column,
        )
        if not source.tag.startswith(_STANDARD):
            node.tag = source.tag
        node.anchor = self._content[start : start + 1] == b"&" or (
            bool(node.tag) and b"&" in self._content[start : start + 200].split(b"\n")[0]
        )
        if isinstance(source, yaml.ScalarNode):
            return self._scalar(source, node)
        collection: Any = source
        node.flow = bool(collection.flow_style)
        if isinstance(source, yaml.SequenceNode):
            node.kind = "list"
            node.items = [self.convert(item) for item in source.value]
        else:
            node.kind = "map"
            node.pairs = [(self._key(k), self.convert(v)) for k, v in source.value]
        if not node.flow:
            node.end = max((c.end for c in node.children() if c.start >= start), default=node.start)
        return node

    def _key(self, source: yaml.Node) -> Node:
        if not isinstance(source, yaml.ScalarNode):
            raise UnreadableTemplate(
                f"The template has a key that is not text at line {source.start_mark.line + 1}."
            )
        return self.convert(source)

    def _scalar(self, source: yaml.ScalarNode, node: Node) -> Node:
        node.text = source.value
        node.style = source.style or ""
        if not node.style:
            node.type = source.tag.removeprefix(_STANDARD) if not node.tag else "str"
        if node.style in ("|", ">"):
            while node.end > node.start and self._content[node.end - 1 : node.end] in (
                b"\n",
                b"\r",
                b" ",
            ):
                node.end -= 1
        return node
