"""Change a Terraform file by byte ranges: comments, order, alignment and line ends stay.

Each function returns edits for `templates.edit.apply`. Before it does, the edited file is parsed
again and must say exactly what was asked and nothing else; where that cannot be had, it raises
`Declined`. A block is named by its type and labels, ("resource", "aws_sqs_queue", "orders"); a path
leads through nested blocks to an attribute, ("versioning", "enabled"), the second of several blocks
of one type by its index, ("statement", 1, "effect").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import Declined, UnreadableTemplate
from core.types import Edit
from templates.patch import apply
from templates.terraform import writer
from templates.terraform.layout import Layout
from templates.terraform.parse import parse_hcl
from templates.terraform.syntax import (
    Body,
    Call,
    Expression,
    Listing,
    Literal,
    Nested,
    Record,
    SourceFile,
)

Where = tuple[str, ...]
Path = tuple[str | int, ...]


def set_value(file: SourceFile, where: Where, path: Path, value: Any) -> tuple[Edit, ...]:
    """Set an attribute; the nested blocks on the way to it are made where they are missing.

    A `writer.Inner` makes a nested block. Nothing to change gives no edits. Raises: Declined.
    """
    place = _place(file, where, path)
    name = str(place.rest[0])
    for step in reversed(place.rest[1:]):
        value = writer.Inner({str(step): value})
    layout = Layout(file)
    present = next((a for a in place.body.attributes if a.name == name), None)
    if present is not None:
        text = layout.ended(writer.expression(value, layout.indent_of(present.start)))
        edits = [Edit(present.value.start, present.value.end, text.encode())]
    elif place.holder is None:
        raise Declined(f"{dotted(path)} is not written in {file.path}.")
    elif isinstance(value, writer.Inner):
        edits = layout.nested(place.holder, name, value)
    else:
        edits = layout.attribute(place.holder, name, value)
    expected = _said(file)
    expected.walk(place.taken).put(name, value)
    changed = [e for e in edits if file.content[e.start : e.end] != e.replacement]
    return _proved(file, changed, expected)


def remove(file: SourceFile, where: Where, path: Path) -> tuple[Edit, ...]:
    """Remove an attribute with its lines; what is not there gives no edits. Raises: Declined."""
    place = _place(file, where, path)
    present = next((a for a in place.body.attributes if (a.name,) == place.rest), None)
    if present is None:
        return ()
    start, end = Layout(file).lines_of(present.start, present.end)
    expected = _said(file)
    del expected.walk(place.taken).values[present.name]
    return _proved(file, [Edit(start, end, b"")], expected)


def append(
    file: SourceFile, where: Where, path: Path, value: Any, *, into: Sequence[str] = ()
) -> tuple[Edit, ...]:
    """Add an item to the end of a list that is written out.

    `into` leads from the attribute's value into maps, through `jsonencode` where it is called:
    ("Statement",) of a policy. Raises: Declined.
    """
    place, listing = _listing(file, where, path, into)
    edit = Layout(file).item(listing, value)
    name = str(place.rest[0])
    offset = next(a.value.start for a in place.body.attributes if a.name == name)
    expected = _said(file)
    said = expected.walk(place.taken)
    moved = Edit(edit.start - offset, edit.end - offset, edit.replacement)
    said.values[name] = apply(said.values[name].encode(), [moved]).decode()
    edits = _proved(file, [edit], expected)
    after = parse_hcl(file.path, apply(file.content, edits))
    if len(_listing(after, where, path, into)[1].items) != len(listing.items) + 1:
        raise Declined(f"{file.path} is written in a way in which this change is not safe.")
    return edits


def add_nested(
    file: SourceFile, where: Where, name: str, parts: Mapping[str, Any]
) -> tuple[Edit, ...]:
    """Add one more nested block of a type to a block. Raises: Declined."""
    block = find(file, where)
    inner = writer.Inner(parts)
    expected = _said(file)
    expected.walk((file.body.blocks.index(block),)).put(name, inner)
    return _proved(file, Layout(file).nested(block, name, inner), expected)


def add_block(
    file: SourceFile, where: Where, parts: Mapping[str, Any], *, after: Where
) -> tuple[Edit, ...]:
    """Add a top-level block behind another one. Raises: Declined."""
    previous = find(file, after)
    if any(_name(b) == where for b in file.body.blocks):
        raise Declined(f"{'.'.join(where[1:])} is declared already.")
    layout = Layout(file)
    head = " ".join([where[0], *(f'"{label}"' for label in where[1:])])
    lines = writer.block(head, parts)
    end = layout.line_end(previous.end)
    text = layout.ended("\n\n" + "\n".join(lines))
    expected = _said(file)
    place = [_name(b) for b in file.body.blocks].index(after)
    expected.blocks.insert(place + 1, (where, _Said.of(parts)))
    return _proved(file, [Edit(end, end, text.encode())], expected)


def find(file: SourceFile, where: Where, attribute: str = "") -> Nested:
    """Return the one block of this name; of several, the one with the attribute. Raises: Declined."""
    found = [b for b in file.body.blocks if _name(b) == where]
    if len(found) > 1:
        found = [b for b in found if b.body.get(attribute) is not None]
    if len(found) != 1:
        raise Declined(f"{'.'.join(where[1:] or where)} is not declared once in {file.path}.")
    return found[0]


def value_at(file: SourceFile, where: Where, path: Path) -> Expression | None:
    """Return the expression at a path; None where nothing is written. Raises: Declined."""
    place = _place(file, where, path)
    return place.body.get(str(place.rest[0])) if len(place.rest) == 1 else None


def dotted(path: Sequence[str | int]) -> str:
    """Return a path for a sentence."""
    return ".".join(map(str, path))


def _name(block: Nested) -> Where:
    return (block.type, *block.labels)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a path ends: the body, the block around it, the indexes taken, what is left to make."""

    body: Body
    holder: Nested | None
    taken: tuple[int, ...]
    rest: Path


def _place(file: SourceFile, where: Where, path: Path) -> _Place:
    """Follow a path through the nested blocks that exist. Raises: Declined."""
    body, holder, taken = file.body, None, []
    if where:
        holder = find(file, where, str(path[0]))
        taken.append(body.blocks.index(holder))
        body = holder.body
    rest = path
    while len(rest) > 1:
        index = rest[1] if isinstance(rest[1], int) else None
        found = _nested(body, str(rest[0]), dotted(path), index)
        if found is None:
            break
        taken.append(body.blocks.index(found))
        body, holder = found.body, found
        rest = rest[1 if index is None else 2 :]
    left = tuple(step for step in rest if not isinstance(step, int))
    return _Place(body, holder, tuple(taken), left)


def _nested(body: Body, name: str, whole: str, index: int | None) -> Nested | None:
    if any(b.type == "dynamic" and b.labels == (name,) for b in body.blocks):
        raise Declined(f"{name} is a dynamic block; {whole} comes from what it runs over.")
    if body.get(name) is not None:
        raise Declined(f"{name} is written as an attribute, not as a block.")
    found = list(body.of_type(name))
    if len(found) > 1 and index is None:
        raise Declined(f"There are several {name} blocks.")
    return found[index or 0] if (index or 0) < len(found) else None


def _listing(
    file: SourceFile, where: Where, path: Path, into: Sequence[str]
) -> tuple[_Place, Listing]:
    place = _place(file, where, path)
    present = place.body.get(str(place.rest[0])) if len(place.rest) == 1 else None
    if present is None:
        raise Declined(f"{dotted(path)} is not written here.")
    listing = _inside(present, into)
    if not isinstance(listing, Listing):
        raise Declined(f"{dotted((*path, *into))} is not written as a plain list.")
    return place, listing


def _inside(value: Expression, into: Sequence[str]) -> Expression:
    for name in into:
        if isinstance(value, Call) and value.name == "jsonencode" and len(value.arguments) == 1:
            value = value.arguments[0]
        if not isinstance(value, Record):
            raise Declined(f"{name} is not written out in the value.")
        members = [v for k, v in value.items if isinstance(k, Literal) and k.value == name]
        if len(members) != 1:
            raise Declined(f"{name} is not written out in the value.")
        value = members[0]
    return value


@dataclass(slots=True)
class _Said:
    """What a body says: the text of each attribute's value, and its nested blocks in order."""

    values: dict[str, str] = field(default_factory=dict)
    blocks: list[tuple[Where, "_Said"]] = field(default_factory=list)

    @classmethod
    def of(cls, parts: Mapping[str, Any]) -> "_Said":
        made = cls()
        for name, value in parts.items():
            made.put(name, value)
        return made

    def walk(self, indexes: Sequence[int]) -> "_Said":
        said = self
        for index in indexes:
            said = said.blocks[index][1]
        return said

    def put(self, name: str, value: Any) -> None:
        if isinstance(value, writer.Inner):
            self.blocks.append(((name,), _Said.of(value.parts)))
        else:
            self.values[name] = _plain(writer.expression(value))


def _said(file: SourceFile) -> _Said:
    return _body_said(file.body, file.content)


def _body_said(body: Body, data: bytes) -> _Said:
    return _Said(
        {a.name: data[a.value.start : a.value.end].decode() for a in body.attributes},
        [((b.type, *b.labels), _body_said(b.body, data)) for b in body.blocks],
    )


def _plain(text: str) -> str:
    """Return an expression without its layout, so that indentation and line ends do not count."""
    return re.sub(r"\s+", " ", text)


def _normal(said: _Said) -> Any:
    # The order of attributes is ours to choose; that of blocks may mean something.
    return (
        {name: _plain(text) for name, text in said.values.items()},
        [(name, _normal(inner)) for name, inner in said.blocks],
    )


def _proved(file: SourceFile, edits: Sequence[Edit], expected: _Said) -> tuple[Edit, ...]:
    """Parse the edited file; it must say what was asked and nothing else."""
    try:
        after = parse_hcl(file.path, apply(file.content, edits))
    except UnreadableTemplate as error:
        raise Declined(f"{file.path} would no longer parse after this change.") from error
    if _normal(_said(after)) != _normal(expected):
        raise Declined(f"{file.path} is written in a way in which this change is not safe.")
    return tuple(edits)
