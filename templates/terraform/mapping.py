"""The words in which a Terraform type is put into CloudFormation's: rows from property to attribute.

A row reads "property P holds what attribute A holds", both as dotted paths; a step of A that meets
a nested block goes into the first one. What is absent stays absent, what is unknown stays unknown
in its place.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.types import UNKNOWN_KEY, is_unknown, unknown


class _Absent:
    """What an attribute that is not given yields: no property."""


ABSENT = _Absent()

Attributes = Mapping[str, Any]
Take = Callable[[Attributes], Any]
Rows = Mapping[str, str | Take]


@dataclass(frozen=True, slots=True)
class Kind:
    """A Terraform type that is a resource of its own.

    `belongs` names, by property, the type that the property says this resource belongs to: where
    that is unknown, any of that type may have one. `also` are further resources that the same
    block declares, where `when` is given.
    """

    terraform: str
    type: str
    rows: Rows
    belongs: Mapping[str, str] = field(default_factory=dict)
    also: "tuple[Spawn, ...]" = ()
    fits: Callable[[Attributes], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Spawn:
    """A resource that stands in an attribute of another's block: a queue's `policy`."""

    suffix: str
    kind: Kind
    when: str


@dataclass(frozen=True, slots=True)
class Part:
    """A Terraform type that CloudFormation keeps as properties of another resource.

    `by` says which of its attributes name the parent: attribute of the part to attribute of the
    parent. An attribute that holds a list names several parents.
    """

    terraform: str
    of: str
    by: Mapping[str, str]
    rows: Rows


def build(rows: Rows, attributes: Attributes) -> dict[str, Any]:
    """Return the properties that rows make of a block's attributes."""
    properties: dict[str, Any] = {}
    for path, row in rows.items():
        value = look(attributes, row) if isinstance(row, str) else row(attributes)
        if value is not ABSENT:
            _put(properties, path.split("."), value)
    return properties


def look(attributes: Attributes, path: str) -> Any:
    """Return the value at a path, ABSENT where nothing is given, unknown below what is unknown."""
    value: Any = attributes
    for step in path.split("."):
        if isinstance(value, list):
            value = value[0] if value else None
        if is_unknown(value) and step not in value:
            return {UNKNOWN_KEY: value[UNKNOWN_KEY]}
        value = value.get(step) if isinstance(value, Mapping) else None
        if value is None:
            return ABSENT
    return value


def _put(properties: dict[str, Any], steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        properties = properties.setdefault(step, {})
    properties[steps[-1]] = value


@dataclass(frozen=True, slots=True)
class Nested:
    """Takes a nested block as an object, or a repeated one as a list of them."""

    block: str
    rows: Rows
    repeated: bool

    def __call__(self, attributes: Attributes) -> Any:
        """Take the block; none of them is absent."""
        found = look(attributes, self.block)
        if is_unknown(found):
            return found
        made = [_inner(item, self.rows) for item in _blocks(found)]
        if not made:
            return ABSENT
        return made if self.repeated else made[0]


def one(block: str, rows: Rows) -> Nested:
    """Take a block that occurs at most once as an object."""
    return Nested(block, rows, repeated=False)


def each(block: str, rows: Rows) -> Nested:
    """Take a repeated block as a list of objects."""
    return Nested(block, rows, repeated=True)


def _blocks(value: Any) -> list[Any]:
    if value is ABSENT:
        return []
    return value if isinstance(value, list) else [value]


def _inner(block: Any, rows: Rows) -> Any:
    if is_unknown(block) and len(block) == 1:
        return block
    return build(rows, block) if isinstance(block, Mapping) else unknown("it is not a block")


def listed(*paths: str) -> Take:
    """Take single values as one list."""

    def take(attributes: Attributes) -> Any:
        found = [value for value in (look(attributes, p) for p in paths) if value is not ABSENT]
        items = [i for value in found for i in (value if isinstance(value, list) else [value])]
        return items or ABSENT

    return take


def fallback(row: str | Take, default: Any) -> Take:
    """Take a value, or what the provider sets where none is given."""

    def take(attributes: Attributes) -> Any:
        value = look(attributes, row) if isinstance(row, str) else row(attributes)
        return default if value is ABSENT else value

    return take


def first(*rows: str | Take) -> Take:
    """Take the first of these that is given."""

    def take(attributes: Attributes) -> Any:
        found = (look(attributes, r) if isinstance(r, str) else r(attributes) for r in rows)
        return next((value for value in found if value is not ABSENT), ABSENT)

    return take


def constant(value: Any) -> Take:
    """Take what Terraform's type implies and CloudFormation's says."""
    return lambda _: value


def renamed(path: str, names: Mapping[Any, Any]) -> Take:
    """Take a value that the two call differently; a switch may be keyed by True and False."""

    def take(attributes: Attributes) -> Any:
        value = look(attributes, path)
        if value is ABSENT or isinstance(value, Mapping | list):
            return value
        if isinstance(value, str) and value in ("true", "false") and True in names:
            value = value == "true"
        return names.get(value, value)

    return take


def changed(path: str, change: Callable[[Any], Any]) -> Take:
    """Take a value in another form."""

    def take(attributes: Attributes) -> Any:
        value = look(attributes, path)
        return value if value is ABSENT or is_unknown(value) else change(value)

    return take


def document(path: str) -> Take:
    """Take a JSON document, with its Statement as a list; text that is no JSON is unknown."""
    return changed(path, _document)


def _document(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return unknown("the document is no JSON that can be read here")
    if isinstance(value, Mapping) and isinstance(value.get("Statement"), Mapping):
        statement = value["Statement"]
        return {**value, "Statement": statement if is_unknown(statement) else [statement]}
    return value


def tag_map(attributes: Attributes) -> Any:
    """Take tags, the provider's default ones too, where CloudFormation takes a map as well."""
    return first("tags_all", "tags")(attributes)


def tags(attributes: Attributes) -> Any:
    """Take tags, the provider's default ones too, as CloudFormation's list of Key and Value."""
    given = tag_map(attributes)
    if given is ABSENT or is_unknown(given):
        return given
    if not isinstance(given, Mapping):
        return ABSENT
    return [{"Key": key, "Value": value} for key, value in given.items()]
