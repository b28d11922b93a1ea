"""Turns evaluated Terraform blocks into resources with CloudFormation's names.

Where CloudFormation has one resource and Terraform several (a bucket and its versioning), they are
put together again; `Resource.places` remembers which block says what. Parts whose parent is not
declared beside them are read as a parent of which nothing else is known.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.identity import declared_uid
from core.types import UNKNOWN_KEY, Resource
from templates.naming import aliases_of, name_of, url_suffix
from templates.terraform.assemble import assembled
from templates.terraform.draft import Draft, key
from templates.terraform.mapping import build, tag_map
from templates.terraform.model import Block
from templates.terraform.types import KINDS, PARTS
from templates.veil import veiled

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
_IN_MODULE = r"\$\{(?:module\.[^{}]+\.)?"
_WHERE = (
    (
        re.compile(_IN_MODULE + r"data\.aws_caller_identity\.[\w-]+\.(?:account_id|id)\}"),
        "AccountId",
    ),
    (re.compile(_IN_MODULE + r"data\.aws_region\.[\w-]+\.(?:name|id|region)\}"), "Region"),
    (re.compile(_IN_MODULE + r"data\.aws_partition\.[\w-]+\.(?:partition|id)\}"), "Partition"),
    (re.compile(_IN_MODULE + r"data\.aws_partition\.[\w-]+\.dns_suffix\}"), "URLSuffix"),
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
    drafts = assembled(_drafts(blocks), blocks)
    place = _Place(repository, module, secret_key, region, account)
    return Translation(tuple(place.resource(draft) for draft in drafts), _notes(blocks))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where and with what key resources are read."""

    repository: str
    module: str
    secret_key: bytes
    region: str
    account: str

    def resource(self, draft: Draft) -> Resource:
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
            given = {
                "AccountId": self.account,
                "Region": self.region,
                "Partition": "",
                "URLSuffix": url_suffix(self.region),
            }
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


def _drafts(blocks: Iterable[Block]) -> list[Draft]:
    drafts: list[Draft] = []
    for block in blocks:
        for kind in KINDS.get(key(block), ()):
            if not kind.fits(block.attributes):
                continue
            attributes = {**block.attributes, "self": f"${{{block.address}.id}}"}
            drafts.append(Draft(block.address, kind, block, build(kind.rows, attributes)))
            for spawn in kind.also:
                if block.attributes.get(spawn.when) not in (None, "", []):
                    address = f"{block.address}/{spawn.suffix}"
                    made = build(spawn.kind.rows, attributes)
                    drafts.append(Draft(address, spawn.kind, block, made))
    return drafts
