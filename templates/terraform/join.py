"""Find which resource a part belongs to: by reference, by name, or by neither for certain."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from core.types import is_unknown
from templates.terraform.draft import Draft
from templates.terraform.mapping import ABSENT, Attributes, Part, look
from templates.terraform.model import Block

_INDEX = r"(?:\[(?:\d+|\"[^\"]*\"|\*)\])?"
_STEP = rf"[\w-]+{_INDEX}"
_REFERENCE = re.compile(
    rf"\$\{{((?:module\.{_STEP}\.)*(?:data\.)?[a-z][a-z0-9]*_[a-z0-9_]+\.{_STEP})[^}}]*\}}"
)
_LAST_INDEX = re.compile(r"\[[^\]]*\]\Z")


class Match(Enum):
    """Whether a part belongs to a resource."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


def referred(text: str) -> Iterator[str]:
    """Yield the addresses that a text refers to."""
    for found in _REFERENCE.finditer(text):
        yield found.group(1)


class Joins:
    """Finds the parents of parts among drafts without comparing each with each."""

    def __init__(self, drafts: Iterable[Draft], parts: Sequence[tuple[Part, Block]]) -> None:
        self._stand_for = _stand_for(parts)
        self._of_type: dict[str, list[Draft]] = defaultdict(list)
        self._at: dict[tuple[str, str], list[Draft]] = defaultdict(list)
        self._saying: dict[tuple[str, str], dict[str, list[Draft]]] = {}
        for draft in drafts:
            kind, address = draft.kind.type, draft.block.address
            self._of_type[kind].append(draft)
            for name in {address, _LAST_INDEX.sub("", address)}:
                self._at[kind, name].append(draft)

    def parents(self, part: Part, attributes: Attributes, kind: str) -> dict[Match, list[Draft]]:
        """Return the drafts of a type that a part belongs to, or may belong to."""
        found: dict[Match, list[Draft]] = {match: [] for match in Match}
        for draft in self._likely(part, attributes, kind):
            own = draft.block
            each = [
                self._names(look(attributes, name), own.address, look(own.attributes, to))
                for name, to in part.by.items()
            ]
            worst = next((m for m in (Match.NO, Match.MAYBE) if m in each), Match.YES)
            found[worst].append(draft)
        return found

    def _likely(self, part: Part, attributes: Attributes, kind: str) -> Sequence[Draft]:
        """Return those that can match: few by any of the attributes that name them."""
        every = self._of_type[kind]
        by_each = (self._by(look(attributes, n), to, kind) for n, to in part.by.items())
        return min((found for found in by_each if found is not None), key=len, default=every)

    def _by(self, value: Any, to: str, kind: str) -> list[Draft] | None:
        """Return those that one attribute can mean; None where it can mean any."""
        if isinstance(value, list):
            lists = [self._by(item, to, kind) for item in value]
            return None if None in lists else _unique(d for each in lists for d in each or ())
        if is_unknown(value):
            return None
        if not isinstance(value, str):
            return []
        addresses = self._meant(value)
        saying = self._saying.get((kind, to))
        if saying is None:
            saying = self._saying[kind, to] = _by_value(self._of_type[kind], to)
        found = [*saying.get(value, ()), *([] if addresses else saying.get("", ()))]
        for address in addresses:
            found += self._at.get((kind, address), ())
        return _unique(found)

    def _names(self, value: Any, address: str, own: Any) -> Match:
        """Return whether a value names the resource at an address, whose attribute is `own`."""
        if isinstance(value, list):
            each = [self._names(item, address, own) for item in value]
            return next((m for m in (Match.YES, Match.MAYBE) if m in each), Match.NO)
        if is_unknown(value):
            return Match.MAYBE
        if not isinstance(value, str):
            return Match.NO
        addresses = self._meant(value)
        if address in addresses or value == own:
            return Match.YES
        if _LAST_INDEX.sub("", address) in addresses:
            return Match.MAYBE  # one of several instances, and not known which
        return Match.MAYBE if is_unknown(own) and not addresses else Match.NO

    def _meant(self, text: str) -> set[str]:
        found = (self._stand_for.get(address, address) for address in referred(text))
        return {address.removesuffix("[*]") for address in found}


def _by_value(drafts: Iterable[Draft], to: str) -> dict[str, list[Draft]]:
    """Index drafts by an attribute; under "" stand those that do not know theirs."""
    found: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        own = look(draft.block.attributes, to)
        if isinstance(own, str):
            found[own].append(draft)
        elif own is not ABSENT and is_unknown(own):
            found[""].append(draft)
    return found


def _unique(drafts: Iterable[Draft]) -> list[Draft]:
    return list({id(draft): draft for draft in drafts}.values())


def _stand_for(parts: Sequence[tuple[Part, Block]]) -> Mapping[str, str]:
    """Return, for a part's address, that of the resource it names.

    A bucket may be taken from another part of it.
    """
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
