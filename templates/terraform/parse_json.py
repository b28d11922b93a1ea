"""Parse Terraform's JSON notation into the same syntax as HCL.

JSON does not say whether an object is a nested block or a map, and we hold no provider's schema:
inside resources an object is a block unless its name or its keys are those of a map.
Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

import math
import re
from collections.abc import Iterator

from core.errors import UnreadableTemplate
from templates.document import Node, read_document
from templates.terraform.parse import parse_template, refuse_bytes
from templates.terraform.syntax import (
    Attribute,
    Body,
    Expression,
    Listing,
    Literal,
    Nested,
    Record,
    SourceFile,
)
from templates.value import plain

_LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "provider": 1}
_INNER = "block"
_WITH_BLOCKS = frozenset({"resource", "data", "provider", "dynamic", _INNER})
_MAPS = re.compile(
    r"(?:\w*tags(?:_all)?|\w*variables|\w*parameters|\w*templates|\w*models|\w*headers|triggers|"
    r"values|for_each|metadata)\Z"
)
_WORD = re.compile(r"[A-Za-z_]\w*\Z")


def parse_json(path: str, content: bytes) -> SourceFile:
    """Parse the bytes of a `.tf.json` file. Raises: UnreadableTemplate."""
    root = _root(path, content)
    file = SourceFile(path, content)
    reader = _Reader(file)
    blocks = [
        block
        for kind, value in root.pairs
        if kind.text != "//"
        for block in reader.labelled(kind, value, kind.text, (), _LABELS.get(kind.text, 0))
    ]
    file.body = Body((), tuple(blocks))
    return file


def parse_json_values(path: str, content: bytes) -> SourceFile:
    """Parse a `.tfvars.json` file, whose texts hold no expressions. Raises: UnreadableTemplate."""
    root = _root(path, content)
    reader = _Reader(SourceFile(path, content))
    attributes = (
        Attribute(k.text, reader.literal(v), min(k.start, v.start), max(k.end, v.end))
        for k, v in root.pairs
    )
    return SourceFile(path, content, Body(tuple(attributes)))


def _root(path: str, content: bytes) -> Node:
    refuse_bytes(path, content)
    try:
        document = read_document(content)
    except UnreadableTemplate as error:
        raise UnreadableTemplate(f"{path}: {error}") from error
    if not document.is_json or document.root.kind != "map":
        raise UnreadableTemplate(f"{path}: the file is not a JSON object.")
    return document.root


class _Reader:
    def __init__(self, file: SourceFile) -> None:
        self._file = file

    def labelled(
        self, key: Node, value: Node, kind: str, labels: tuple[str, ...], missing: int
    ) -> Iterator[Nested]:
        """Walk the blocks under a key whose objects still lack some labels."""
        for member in value.items if value.kind == "list" else [value]:
            if member.kind != "map":
                continue
            if missing:
                for name, inner in member.pairs:
                    if name.text != "//":
                        yield from self.labelled(
                            name, inner, kind, (*labels, name.text), missing - 1
                        )
            else:
                body = self._body(member, kind)
                start = member.start if value.kind == "list" else key.start
                yield Nested(kind, labels, body, start, member.end, self._file)

    def _body(self, node: Node, kind: str) -> Body:
        attributes: list[Attribute] = []
        blocks: list[Nested] = []
        for key, value in node.pairs:
            if key.text == "//":
                continue
            if kind in _WITH_BLOCKS and _is_block(key.text, value):
                blocks += self._nested(key, value)
            else:
                literal = kind == "variable" and key.text == "default"
                read = self.literal(value) if literal else self.expression(value)
                attributes.append(Attribute(key.text, read, key.start, value.end))
        return Body(tuple(attributes), tuple(blocks))

    def _nested(self, key: Node, value: Node) -> Iterator[Nested]:
        if key.text == "dynamic":
            yield from self.labelled(key, value, "dynamic", (), 1)
            return
        for member in value.items if value.kind == "list" else [value]:
            start = member.start if value.kind == "list" else key.start
            body = self._body(member, _INNER)
            yield Nested(key.text, (), body, start, member.end, self._file)

    def expression(self, node: Node) -> Expression:
        """Read a value whose texts may hold expressions."""
        if node.kind == "list":
            return Listing(node.start, node.end, tuple(self.expression(n) for n in node.items))
        if node.kind == "map":
            pairs = ((self._text(k), self.expression(v)) for k, v in node.pairs)
            return Record(node.start, node.end, tuple(pairs))
        return self._text(node) if node.type == "str" else self.literal(node)

    def _text(self, node: Node) -> Expression:
        if "${" in node.text or "%{" in node.text:
            return parse_template(f"{self._file.path}:{node.line}", node.text)
        return Literal(node.start, node.end, node.text)

    def literal(self, node: Node) -> Expression:
        """Read a value as it stands."""
        if node.kind == "list":
            return Listing(node.start, node.end, tuple(self.literal(n) for n in node.items))
        if node.kind == "map":
            pairs = ((Literal(k.start, k.end, k.text), self.literal(v)) for k, v in node.pairs)
            return Record(node.start, node.end, tuple(pairs))
        value = plain(node)
        infinite = isinstance(value, float) and math.isinf(value)
        return Literal(node.start, node.end, node.text if infinite else value)


def _is_block(name: str, value: Node) -> bool:
    members = value.items if value.kind == "list" else [value]
    return (
        bool(members)
        and not _MAPS.match(name)
        and all(m.kind == "map" and all(_WORD.match(k.text) for k, _ in m.pairs) for m in members)
    )
