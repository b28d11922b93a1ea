"""Find which resource a part belongs to: by reference, by name, or by neither for certain."""

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from core.types import is_unknown
from templates.terraform.mapping import ABSENT, Attributes, Part, look

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


def matches(
    part: Part,
    attributes: Attributes,
    *,
    address: str,
    parent: Attributes,
    stand_for: Mapping[str, str],
) -> Match:
    """Return whether a part's attributes name the resource at `address` with attributes `parent`.

    `stand_for` gives, for the address of a part, that of the resource it names itself: `bucket`
    may be taken from another part of the same bucket.
    """
    found = [
        _names(value, address, look(parent, to), stand_for)
        for value, to in ((look(attributes, name), to) for name, to in part.by.items())
    ]
    if Match.NO in found:
        return Match.NO
    return Match.MAYBE if Match.MAYBE in found else Match.YES


def _names(value: Any, address: str, own: Any, stand_for: Mapping[str, str]) -> Match:
    if isinstance(value, list):
        each = [_names(item, address, own, stand_for) for item in value]
        return next((m for m in (Match.YES, Match.MAYBE) if m in each), Match.NO)
    if is_unknown(value):
        return Match.MAYBE
    if value is ABSENT or not isinstance(value, str):
        return Match.NO
    addresses = {stand_for.get(each, each) for each in referred(value)}
    if address in addresses or value == own:
        return Match.YES
    if _LAST_INDEX.sub("", address) in {a.removesuffix("[*]") for a in addresses} - {address}:
        return Match.MAYBE  # one of several instances, and not known which
    return Match.MAYBE if is_unknown(own) and not addresses else Match.NO
