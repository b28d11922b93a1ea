"""Turns resources into the input documents that policies read.

    {"resource": {"uid", "Type", "Name", "Account", "Region", "Properties", "Tags", "Live",
                  "Unreadable": {"<type that could not be listed>": "why"}, "AwsOwned"},
     "related": {"<type>": [the same shape, ...]}, "now": RFC 3339, "settings": {...}}

A policy is shown the part of it that its code can name (policies.sight). Each property of a resource
is converted to JSON once, and a document is put together from these texts: conversion costs more
than most verdicts.
"""

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from core.types import UNKNOWN_KEY, Estate, Resource
from policies.doubt import Related
from policies.sight import ANY_NAME, PARTS, Sight

STAND_IN = f"name-{secrets.token_hex(16)}"
"""Stands for the resource's name where a policy only repeats it. No template can contain it."""

_UNKNOWN_MARK = f'"{UNKNOWN_KEY}"'
_WHOLE = (*PARTS, "Name")

AWS_POLICY = ":iam::aws:policy/"
"""What the ARN of a managed policy contains that AWS wrote and keeps."""


class Documents:
    """The input documents of one estate at one time."""

    def __init__(self, *, estate: Estate, now: datetime) -> None:
        self._texts: dict[int, Texts] = {}
        self._now = f',"now":{_encode(rfc3339(now))}'
        self._settings = f',"settings":{settings_json(estate)}'

    def texts(self, resource: Resource) -> "Texts":
        """Return a resource as JSON in parts, converted when it is first asked for."""
        found = self._texts.get(id(resource))
        if found is None:
            found = self._texts[id(resource)] = Texts(resource)
        return found

    def whole(self, resource: Resource, related: Related) -> str:
        """Return all that there is to see of a resource and these relatives."""
        others = _related(
            (kind, [self.texts(each).whole() for each in found]) for kind, found in related.items()
        )
        own = self.texts(resource).whole()
        return f'{{"resource":{own},"related":{others}{self._now}{self._settings}}}'

    def view(self, sight: Sight) -> "View":
        """Return what writes documents for policies of this sight."""
        tail = (self._now if sight.now else "") + (self._settings if sight.settings else "")
        return View(sight, tail + "}", self)


class View:
    """Writes what a policy sees."""

    def __init__(self, sight: Sight, tail: str, documents: Documents) -> None:
        self._sight = sight
        self._documents = documents
        self._alone = f'}}}},"related":{{}}{tail}'
        self._beside, self._tail = '}},"related":', tail
        self._only_name = sight.own == (ANY_NAME,)
        self._relatives: dict[int, str] = {}
        self._visible: dict[tuple[str, ...], tuple[str, ...]] = {}

    def document(self, texts: "Texts", related: Related) -> str:
        """Return the input for a resource with these relatives."""
        visible = self._visible.get(texts.names)
        if visible is None:
            visible = self._visible[texts.names] = self._sight.visible_of_own(texts.names)
        properties = ",".join(map(texts.properties.__getitem__, visible))
        own = _ONLY_NAME if self._only_name else texts.opening(self._sight.own)
        if self._sight.related_types.isdisjoint(related):
            return f'{{"resource":{own}{properties}{self._alone}'
        return f'{{"resource":{own}{properties}{self._beside}{self._others(related)}{self._tail}'

    def _others(self, related: Related) -> str:
        shown = {kind: related[kind] for kind in related if kind in self._sight.related_types}
        return _related(
            (kind, [self._other(each) for each in found]) for kind, found in shown.items()
        )

    def _other(self, resource: Resource) -> str:
        found = self._relatives.get(id(resource))
        if found is None:
            texts = self._documents.texts(resource)
            found = texts.some(self._sight.others, self._sight.visible(texts.names))
            self._relatives[id(resource)] = found
        return found


class Texts:
    """The parts and properties of a resource as JSON, each with its key.

    It keeps the resource, so that its id is not given to another.
    """

    __slots__ = ("_openings", "_parts", "_resource", "marked", "names", "properties")

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._parts: dict[str, str] = {}
        self._openings: dict[tuple[str, ...], str] = {}
        self.names = tuple(resource.properties)
        self.properties = {
            name: _key(name) + _encode(value) for name, value in resource.properties.items()
        }
        self.marked = any(_UNKNOWN_MARK in text for text in self.properties.values())

    def opening(self, parts: tuple[str, ...]) -> str:
        """Return the beginning of the object, up to its properties."""
        found = self._openings.get(parts)
        if found is None:
            shown = "".join([f"{self._part(part)}," for part in parts])
            found = self._openings[parts] = f'{{{shown}"Properties":{{'
        return found

    def _part(self, part: str) -> str:
        found = self._parts.get(part)
        if found is None:
            found = self._parts[part] = _part(self._resource, part)
        return found

    def some(self, parts: tuple[str, ...], names: Iterable[str]) -> str:
        """Return the object with these parts and properties."""
        properties = ",".join([self.properties[name] for name in names])
        return f"{self.opening(parts)}{properties}}}}}"

    def whole(self) -> str:
        """Return the object with all that it has."""
        return self.some(_WHOLE, self.names)


def _related(found: Iterable[tuple[str, list[str]]]) -> str:
    return "{" + ",".join([f"{_encode(kind)}:[{','.join(texts)}]" for kind, texts in found]) + "}"


def _part(resource: Resource, part: str) -> str:
    if part == ANY_NAME:
        return f'"Name":"{STAND_IN}"'
    return f'"{part}":{_encode(_READ[part](resource))}'


_READ: Mapping[str, Callable[[Resource], Any]] = {
    "uid": lambda resource: resource.uid,
    "Type": lambda resource: resource.type,
    "Name": lambda resource: resource.name,
    "Account": lambda resource: resource.account,
    "Region": lambda resource: resource.region,
    "Tags": lambda resource: resource.tags,
    "Live": lambda resource: resource.is_live,
    "Unreadable": lambda resource: resource.unreadable,
    "AwsOwned": lambda resource: AWS_POLICY in resource.uid,
}


def settings_json(estate: Estate) -> str:
    """Return how this company names things, as policies read it."""
    return json.dumps(
        {
            "tag_prefix": estate.tag_prefix,
            "owner_tags": list(estate.owner_tags),
            "environment_tags": list(estate.environment_tags),
            "sensitivity_tags": list(estate.sensitivity_tags),
            "trusted_accounts": list(estate.trusted_accounts),
        }
    )


def rfc3339(moment: datetime) -> str:
    """Return an aware time as Rego's `time.parse_rfc3339_ns` reads it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """Return what JSON can hold of a value that it has no form for."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, Iterable):
        return list(value)
    return str(value)


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return f"{_encode(name)}:"


_encode = json.JSONEncoder(default=plain, separators=(",", ":")).encode
_ONLY_NAME = f'{{"Name":"{STAND_IN}","Properties":{{'
