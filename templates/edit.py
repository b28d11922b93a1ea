"""Change a template by byte ranges: comments, order, quoting, line ends and anchors stay.

Each function returns edits for `apply`. Before it does, the edited file is read again and must say
exactly what was asked and nothing else; where that cannot be had, it raises `Declined`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import Declined, UnreadableTemplate
from core.types import Edit
from templates.cursor import find, full_path, put, without
from templates.document import read_document
from templates.locate import Where, locate
from templates.outline import Outline
from templates.patch import apply, diff, inverse, rebase
from templates.template import Template
from templates.value import plain
from templates.writer import Writer

__all__ = [
    "Where",
    "add_resource",
    "append",
    "apply",
    "diff",
    "inverse",
    "locate",
    "rebase",
    "remove",
    "set_value",
]


def set_value(
    template: Outline | Template, logical_id: str, path: Sequence[str | int], value: Any
) -> tuple[Edit, ...]:
    """Set a property, making the maps and lists on the way that are missing.

    `path` leads into the resource's Properties, or into the top-level section when `logical_id`
    names one ("Globals", "Outputs", "Resources"). A list index equal to the length appends.
    Intrinsics are given in long form and written as the file writes them. Nothing to change gives
    no edits. Raises: Declined.
    """
    where = full_path(template, logical_id, path)
    wanted = _canonical(value)
    writer = Writer(template.document)
    return _proved(template, writer.set(where, wanted), put(_plain(template), where, wanted))


def append(
    template: Outline | Template, logical_id: str, path: Sequence[str | int], value: Any
) -> tuple[Edit, ...]:
    """Add an item at the end of a list, which is made where it is missing. Raises: Declined."""
    where = full_path(template, logical_id, path)
    place = find(template.document, where)
    if place.rest or place.node.kind != "list":
        count = 0
        if not place.rest and place.node.type != "null":
            raise Declined(f"{'.'.join(map(str, where))} is no list.")
    else:
        count = len(place.node.items)
    return set_value(template, logical_id, (*path, count), value)


def remove(
    template: Outline | Template, logical_id: str, path: Sequence[str | int]
) -> tuple[Edit, ...]:
    """Remove a property or a list item with its whole block; what is not there gives no edits.

    An empty path removes the resource. Raises: Declined.
    """
    where = full_path(template, logical_id, path)
    if not path and logical_id in template.declared:
        where = ("Resources", logical_id)
    place = find(template.document, where)
    if place.rest:
        return ()
    edits = Writer(template.document).remove(place)
    return _proved(template, edits, without(_plain(template), where))


def add_resource(
    template: Outline | Template, *, name: str, body: Mapping[str, Any], after: str
) -> tuple[str, tuple[Edit, ...]]:
    """Declare another resource behind the one called `after`; return its logical id and the edits.

    The id is `name` in the file's own case, made unique. Raises: Declined.
    """
    resources = template.document.root.get("Resources")
    if resources is None or resources.kind != "map" or resources.shared:
        raise Declined(f"{template.file} has no Resources of its own to add to.")
    logical_id = _free_name(name, [key.text for key, _ in resources.pairs])
    wanted = _canonical(dict(body))
    edits = Writer(template.document).insert(resources, logical_id, wanted, after=after)
    expected = put(_plain(template), ("Resources", logical_id), wanted)
    return logical_id, _proved(template, edits, expected)


def _free_name(name: str, taken: Sequence[str]) -> str:
    wanted = re.sub(r"[^A-Za-z0-9]", "", name) or "Resource"
    lower = sum(t[:1].islower() for t in taken) * 2 > len(taken)
    wanted = (wanted[0].lower() if lower else wanted[0].upper()) + wanted[1:]
    candidate, number = wanted, 2
    while candidate in taken:
        candidate, number = f"{wanted}{number}", number + 1
    return candidate


def _plain(template: Outline | Template) -> Any:
    return plain(template.document.root)


def _canonical(value: Any) -> Any:
    """Return plain dicts and lists, GetAtt as a list, so that it compares with what is read back."""
    if isinstance(value, Mapping):
        if set(value) == {"Fn::GetAtt"} and isinstance(value["Fn::GetAtt"], str):
            return {"Fn::GetAtt": value["Fn::GetAtt"].split(".", 1)}
        return {str(k): _canonical(v) for k, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_canonical(v) for v in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise Declined(f"A {type(value).__name__} cannot be written into a template.")


def _proved(template: Outline | Template, edits: Sequence[Edit], expected: Any) -> tuple[Edit, ...]:
    """Read the edited file again; it must say what was asked and nothing else."""
    try:
        said = plain(read_document(apply(template.content, edits)).root)
    except UnreadableTemplate as error:
        raise Declined(f"{template.file} would no longer parse after this change.") from error
    if said != expected:
        raise Declined(f"{template.file} is written in a way in which this change is not safe.")
    return tuple(edits)
