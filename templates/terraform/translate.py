"""Turns evaluated Terraform blocks into resources with CloudFormation's names.

Where CloudFormation has one resource and Terraform several (a bucket and its versioning), they are
put together again; `Resource.places` remembers which block says what. Parts whose parent is not
declared beside them are read as a parent of which nothing else is known.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.identity import declared_uid
from core.types import UNKNOWN_KEY, Resource, SourceSpan, is_unknown, unknown
from templates.naming import aliases_of, name_of
from templates.terraform.join import Match, matches, referred
from templates.terraform.mapping import Kind, Part, build, look, tag_map
from templates.terraform.model import Block
from templates.terraform.types import KINDS, PARTS
from templates.veil import veiled

_UNDECLARED = "the resource itself is not declared here"
_RELATIVES = frozenset(kind.type for kinds in KINDS.values() for kind in kinds)
# Providers whose resources are of the run itself, in no cloud.
_UTILITIES = (
    "archive_",
    "external",
    "local_",
    "null_",
    "random_",
    "template_",
    "terraform_",
    "time_",
)
# What the provider computes of a resource, or takes, that stands for the whole of it.
_NAMING = ("", ".arn", ".id", ".name", ".bucket", ".url", ".function_name", ".invoke_arn")
_WHERE = (
    (re.compile(r"\$\{data\.aws_caller_identity\.[\w-]+\.(?:account_id|id)\}"), "AccountId"),
    (re.compile(r"\$\{data\.aws_region\.[\w-]+\.(?:name|id|region)\}"), "Region"),
    (re.compile(r"\$\{data\.aws_partition\.[\w-]+\.(?:partition|id)\}"), "Partition"),
)


@dataclass(frozen=True, slots=True)
class Translation:
    """The resources that blocks come to, and what could not be read of them."""

    resources: tuple[Resource, ...]
    notes: tuple[str, ...] = ()


def translate(  # noqa: PLR0913 - one call says what is read and where it stands
    blocks: Sequence[Block],
    *,
    repository: str,
    secret_key: bytes,
    module: str = "",
    region: str = "",
    account: str = "",
) -> Translation:
    """Translate the blocks of one root module, whose folder is `module`, into resources."""
    drafts = _drafts(blocks)
    _put_together(drafts, blocks)
    _mark_unlisted(drafts)
    place = _Place(repository, module, secret_key, region, account)
    return Translation(tuple(place.resource(draft) for draft in drafts), _notes(blocks))


@dataclass(slots=True)
class _Draft:
    """A resource in the making."""

    address: str
    kind: Kind
    block: Block
    properties: dict[str, Any]
    places: dict[str, SourceSpan] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    named: tuple[Any, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether only parts of this are declared; `named` is how they name it."""
        return self.named != ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where and with what key resources are read."""

    repository: str
    module: str
    secret_key: bytes
    region: str
    account: str

    def resource(self, draft: _Draft) -> Resource:
        properties = self._located(draft.properties)
        kind, address = draft.kind.type, draft.address
        known = {"AWS::Region": self.region, "AWS::AccountId": self.account}
        pseudo = {name: value for name, value in known.items() if value}
        aliases = [
            a for a in aliases_of(kind, address, properties, pseudo) if "${" + address not in a
        ]
        own = [f"${{{address}{attribute}}}" for attribute in _NAMING]
        plain = [a.replace("${AWS::Partition}", "aws") for a in aliases]
        return Resource(
            # A key may hold what parts a uid: `["https://..."]`.
            uid=declared_uid(self.repository, self.module, address.replace("//", "/%2F")),
            type=kind,
            name=name_of(kind, address, properties),
            properties=veiled(kind, properties, self.secret_key),
            account=self.account,
            region=self.region,
            tags=_tags(draft.block),
            aliases=tuple(dict.fromkeys((*own, *aliases, *plain, *draft.aliases))),
            unreadable=draft.unreadable,
            source=draft.block.span,
            places=draft.places,
            partial=draft.partial,
        )

    def _located(self, value: Any) -> Any:
        """Say the caller's account and Region as CloudFormation does, or as they are known."""
        if isinstance(value, str):
            given = {"AccountId": self.account, "Region": self.region, "Partition": ""}
            for pattern, name in _WHERE:
                value = pattern.sub(given[name] or f"${{AWS::{name}}}", value)
            return value
        if isinstance(value, Mapping):
            return {key: self._located(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._located(item) for item in value]
        return value


def _tags(block: Block) -> dict[str, str]:
    given = tag_map(block.attributes)
    return {
        key: str(value)
        for key, value in (given.items() if isinstance(given, Mapping) else ())
        if isinstance(value, str | int | float) and key != UNKNOWN_KEY
    }


def _key(block: Block) -> str:
    return f"data.{block.type}" if block.mode == "data" else block.type


def _notes(blocks: Iterable[Block]) -> tuple[str, ...]:
    unread = Counter(
        block.type
        for block in blocks
        if block.mode == "managed"
        and not (block.type in KINDS or block.type in PARTS or block.type.startswith(_UTILITIES))
    )
    if not unread:
        return ()
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(unread.items()))
    return (f"not read: {counted}",)


def _drafts(blocks: Iterable[Block]) -> list[_Draft]:
    drafts: list[_Draft] = []
    for block in blocks:
        for kind in KINDS.get(_key(block), ()):
            if not kind.fits(block.attributes):
                continue
            attributes = {**block.attributes, "self": f"${{{block.address}.id}}"}
            drafts.append(_Draft(block.address, kind, block, build(kind.rows, attributes)))
            for spawn in kind.also:
                if block.attributes.get(spawn.when) not in (None, "", []):
                    address = f"{block.address}/{spawn.suffix}"
                    made = build(spawn.kind.rows, attributes)
                    drafts.append(_Draft(address, spawn.kind, block, made))
    return drafts


def _put_together(drafts: list[_Draft], blocks: Sequence[Block]) -> None:
    parts = [(part, block) for block in blocks for part in PARTS.get(_key(block), ())]
    stand_for = _stand_for(parts)
    for part, block in parts:
        properties = build(part.rows, block.attributes)
        if not properties:
            continue
        kind = KINDS[part.of][0]
        found = {
            match: [d for d, m in _matched(part, block, kind, drafts, stand_for) if m is match]
            for match in Match
        }
        for draft in found[Match.YES]:
            _merge(draft, part, block, properties)
        if found[Match.YES] or not _is_named(part, block):
            continue
        for draft in found[Match.MAYBE]:
            _doubt(draft, properties, f"{block.address} may belong to it")
        _undeclared(drafts, part, block, kind, properties)


def _matched(
    part: Part, block: Block, kind: Kind, drafts: Iterable[_Draft], stand_for: Mapping[str, str]
) -> Iterable[tuple[_Draft, Match]]:
    for draft in drafts:
        if draft.kind.type == kind.type and not draft.partial:
            yield (
                draft,
                matches(
                    part,
                    block.attributes,
                    address=draft.block.address,
                    parent=draft.block.attributes,
                    stand_for=stand_for,
                ),
            )


def _is_named(part: Part, block: Block) -> bool:
    """Whether a part names a parent of this kind at all: an attachment may name only users."""
    return all(block.attributes.get(name) not in (None, [], "") for name in part.by)


def _stand_for(parts: Sequence[tuple[Part, Block]]) -> dict[str, str]:
    named: dict[str, str] = {}
    for part, block in parts:
        value = look(block.attributes, next(iter(part.by)))
        if isinstance(value, str) and (address := next(referred(value), None)) is not None:
            named[block.address] = address
    for address in list(named):
        seen = {address}
        while (target := named[address]) in named and target not in seen:
            seen.add(target)
            named[address] = named[target]
    return named


def _undeclared(
    drafts: list[_Draft], part: Part, block: Block, kind: Kind, properties: Mapping[str, Any]
) -> None:
    """Keep a part whose parent is declared elsewhere, beside others that name the same one."""
    named = tuple(sorted((to, str(block.attributes[name])) for name, to in part.by.items()))
    draft = next((d for d in drafts if d.kind.type == kind.type and d.named == named), None)
    if draft is None:
        said = _identified(part, kind, block)
        unreadable = dict.fromkeys(_RELATIVES, _UNDECLARED)
        draft = _Draft(block.address, kind, block, said, unreadable=unreadable, named=named)
        draft.properties |= {n: unknown(_UNDECLARED) for n in _names(kind) if n not in said}
        drafts.append(draft)
    for name in {path.split(".")[0] for path in part.rows} - set(properties):
        draft.properties.pop(name, None)  # the part is there, and does not say it
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


def _merge(draft: _Draft, part: Part, block: Block, properties: Mapping[str, Any]) -> None:
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


def _doubt(draft: _Draft, properties: Mapping[str, Any], reason: str) -> None:
    for name, value in properties.items():
        before = draft.properties.get(name)
        if before is None:
            draft.properties[name] = unknown(reason)
        elif isinstance(before, list) and isinstance(value, list):
            draft.properties[name] = [*before, unknown(reason)]


def _mark_unlisted(drafts: Sequence[_Draft]) -> None:
    """Note where a resource may have a relative whose own reference is not known."""
    for draft in drafts:
        for name, parent in draft.kind.belongs.items():
            value = draft.properties.get(name)
            items = value if isinstance(value, list) else [value]
            if any(is_unknown(item) for item in items):
                for other in drafts:
                    if other.kind.type == parent:
                        reason = f"{draft.address} may belong to it"
                        other.unreadable[draft.kind.type] = reason
