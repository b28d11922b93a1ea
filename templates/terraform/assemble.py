"""Put the parts of a resource together that Terraform keeps in blocks of their own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from core.types import is_unknown, unknown
from templates.terraform.draft import Draft, key
from templates.terraform.join import Joins, Match
from templates.terraform.mapping import Kind, Part, build, look
from templates.terraform.model import Block
from templates.terraform.types import KINDS, PARTS

_UNDECLARED = "the resource itself is not declared here"
_RELATIVES = frozenset(kind.type for kinds in KINDS.values() for kind in kinds)


def assembled(drafts: Sequence[Draft], blocks: Sequence[Block]) -> tuple[Draft, ...]:
    """Return the drafts with their parts, and one for each resource known only by parts."""
    parts = [(part, block) for block in blocks for part in PARTS.get(key(block), ())]
    joins = Joins(drafts, parts)
    elsewhere: dict[tuple[str, tuple[Any, ...]], Draft] = {}
    for part, block in parts:
        properties = build(part.rows, block.attributes)
        kind = KINDS[part.of][0]
        found = joins.parents(part, block.attributes, kind.type) if properties else None
        if found is None:
            continue
        for draft in found[Match.YES]:
            _merge(draft, part, block, properties)
        if found[Match.YES] or not _is_named(part, block):
            continue
        for draft in found[Match.MAYBE]:
            _doubt(draft, properties, f"{block.address} may belong to it")
        _add_undeclared(elsewhere, part, block, properties)
    every = (*drafts, *elsewhere.values())
    _mark_unlisted(every)
    return every


def _is_named(part: Part, block: Block) -> bool:
    """Whether a part names a parent of this kind at all: an attachment may name only users."""
    return all(block.attributes.get(name) not in (None, [], "") for name in part.by)


def _add_undeclared(
    elsewhere: dict[tuple[str, tuple[Any, ...]], Draft],
    part: Part,
    block: Block,
    properties: Mapping[str, Any],
) -> None:
    """Keep a part whose parent is declared elsewhere, beside others that name the same one."""
    kind = KINDS[part.of][0]
    named = tuple(sorted((to, str(block.attributes[name])) for name, to in part.by.items()))
    draft = elsewhere.get((kind.type, named))
    if draft is None:
        said = _identified(part, kind, block)
        unreadable = dict.fromkeys(_RELATIVES, _UNDECLARED)
        draft = Draft(block.address, kind, block, said, unreadable=unreadable, named=named)
        draft.properties |= {n: unknown(_UNDECLARED) for n in sorted(_names(kind)) if n not in said}
        elsewhere[kind.type, named] = draft
    for name in {path.split(".")[0] for path in part.rows} - set(properties):
        if is_unknown(draft.properties.get(name)):
            del draft.properties[name]  # the part is there, and does not say it
    _merge(draft, part, block, properties)


def _identified(part: Part, kind: Kind, block: Block) -> dict[str, Any]:
    """Return what a part says of its parent's name, so that others may find it by that."""
    wanted = {to: name for name, to in part.by.items()}
    return {
        prop: look(block.attributes, wanted[row])
        for prop, row in kind.rows.items()
        if isinstance(row, str) and row in wanted and "." not in prop
    }


def _names(kind: Kind) -> set[str]:
    """Return the properties that a resource of a kind may have, its parts' too."""
    parts = (p for each in PARTS.values() for p in each if p.of == kind.terraform)
    return {path.split(".")[0] for rows in (kind.rows, *(p.rows for p in parts)) for path in rows}


def _merge(draft: Draft, part: Part, block: Block, properties: Mapping[str, Any]) -> None:
    draft.aliases.append(f"${{{block.address}}}")
    for path in part.rows:
        top = path.split(".")[0]
        before = draft.properties.get(top)
        if isinstance(before, list) and isinstance(properties.get(top), list):
            for number in range(len(properties[top])):
                draft.places[f"{top}.{len(before) + number}"] = block.span
        else:
            draft.places[path] = block.span
    _merge_into(draft.properties, properties)


def _merge_into(into: dict[str, Any], properties: Mapping[str, Any]) -> None:
    for name, value in properties.items():
        before = into.get(name)
        if isinstance(before, dict) and isinstance(value, dict) and not is_unknown(before):
            into[name] = dict(before)
            _merge_into(into[name], value)
        elif isinstance(before, list) and isinstance(value, list):
            into[name] = [*before, *value]
        else:
            into[name] = value


def _doubt(draft: Draft, properties: Mapping[str, Any], reason: str) -> None:
    for name, value in properties.items():
        before = draft.properties.get(name)
        if before is None:
            draft.properties[name] = unknown(reason)
        elif isinstance(before, list) and isinstance(value, list):
            draft.properties[name] = [*before, unknown(reason)]


def _mark_unlisted(drafts: Sequence[Draft]) -> None:
    """Note where a resource may have a relative whose own reference is not known."""
    of_type: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        of_type[draft.kind.type].append(draft)
    for draft in drafts:
        for name, parent in draft.kind.belongs.items():
            value = draft.properties.get(name)
            if any(is_unknown(item) for item in (value if isinstance(value, list) else [value])):
                for other in of_type[parent]:
                    other.unreadable[draft.kind.type] = f"{draft.address} may belong to it"
