"""Find the node that a path leads to, and say why an edit there would not be safe."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import Declined
from templates.document import Document, Node
from templates.outline import Outline
from templates.template import Template
from templates.value import MERGE, plain

_ALIAS = re.compile(rb"[ \t]*:[ \t]+(\*[^\s,\[\]{}]+)")
SECTIONS = frozenset(
    {
        "Conditions",
        "Globals",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Transform",
    }
)

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """How far a path exists: the deepest node, the key it stands under, and what is left to make.

    `parent` holds `node`; `step` is the last part of the path that exists.
    """

    node: Node
    rest: Path
    parent: Node | None = None
    key: Node | None = None
    step: str | int = ""


def full_path(template: Outline | Template, logical_id: str, path: Sequence[str | int]) -> Path:
    """Return a path from the root: into a resource's Properties, or into a section of that name."""
    if logical_id in template.declared:
        return ("Resources", logical_id, "Properties", *path)
    if logical_id in SECTIONS:
        return (logical_id, *path)
    raise Declined(f"{template.file} declares nothing called {logical_id}.")


def find(document: Document, path: Path) -> Place:
    """Walk a path as far as it exists. Raises: Declined where an edit below would not be safe."""
    place = Place(document.root, path)
    while place.rest:
        step, node = place.rest[0], place.node
        if _is_null(node):
            return place
        _refuse_unsafe(document, place, path)
        child, key = _child(node, step)
        if child is None:
            _refuse_merged(node, step, deeper=len(place.rest) > 1)
            return place
        place = Place(child, place.rest[1:], node, key, step)
    return place


def _is_null(node: Node) -> bool:
    return node.kind == "scalar" and node.type == "null" and not node.tag


def _child(node: Node, step: str | int) -> tuple[Node | None, Node | None]:
    if node.kind == "list" and isinstance(step, int):
        return (node.items[step] if 0 <= step < len(node.items) else None), None
    if node.kind == "map" and isinstance(step, str):
        return node.get(step), node.key(step)
    return None, None


def _refuse_unsafe(document: Document, place: Place, path: Path) -> None:
    node = place.node
    done = path[: len(path) - len(place.rest)]
    where = ".".join(map(str, done)) or "the template"
    if node.shared or (place.key and alias_end(document, place.key)):
        raise Declined(f"{where} is shared through a YAML anchor; changing it would change others.")
    if computed := computed_by(node):
        raise Declined(f"{where} is computed by {computed}; a value cannot be put inside it.")
    step = place.rest[0]
    if node.kind == "list" and isinstance(step, int) and 0 <= step <= len(node.items):
        return
    if node.kind != "map" or not isinstance(step, str):
        raise Declined(f"{where} is a {node.kind}; there is no {step} in it.")


def computed_by(node: Node) -> str:
    """Return the intrinsic function that yields this map or list, empty when it is written out."""
    if node.tag:
        return node.tag
    if node.kind == "map" and len(node.pairs) == 1:
        name = node.pairs[0][0].text
        if name == "Ref" or (name.startswith("Fn::") and not name.startswith("Fn::ForEach::")):
            return name
    return ""


def _refuse_merged(node: Node, step: str | int, *, deeper: bool) -> None:
    merges = any(key.text == MERGE for key, _ in node.pairs)
    value = plain(node) if merges and deeper else None
    if isinstance(value, dict) and step in value:
        raise Declined(
            f"{step} comes in through a YAML merge key; changing it would change others."
        )


def alias_end(document: Document, key: Node) -> int:
    """Return where the alias after a key ends, 0 when its value is written there."""
    found = _ALIAS.match(document.content, key.end)
    return found.end(1) if found else 0


def pair_end(document: Document, key: Node, value: Node) -> int:
    """Return where a pair ends, whether its value is written there or an alias."""
    if ends := alias_end(document, key):
        return ends
    return max(value.end, key.end) if value.start >= key.end else key.end


def colon_end(document: Document, key: Node) -> int:
    """Return the byte after a key's colon."""
    return document.content.index(b":", key.end) + 1


def put(value: Any, path: Path, new: Any) -> Any:
    """Return a plain value with another one set at a path, maps and lists on the way made."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = list(value) if isinstance(value, list) else []
        if step >= len(items):
            return [*items, put(None, rest, new)]
        return [*items[:step], put(items[step], rest, new), *items[step + 1 :]]
    members = dict(value) if isinstance(value, dict) else {}
    return {**members, step: put(members.get(step), rest, new)}


def without(value: Any, path: Path) -> Any:
    """Return a plain value with what stands at a path taken out."""
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(step, int):
        kept = [] if not rest else [without(value[step], rest)]
        return [*value[:step], *kept, *value[step + 1 :]]
    if not isinstance(value, dict):
        return value
    if not rest:
        return {k: v for k, v in value.items() if k != step}
    return {k: without(v, rest) if k == step else v for k, v in value.items()}
