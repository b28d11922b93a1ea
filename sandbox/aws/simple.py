"""Handlers for the many types whose API calls mirror CloudFormation's properties."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.aws.handler import Call, Handler, register


class Tags(StrEnum):
    """How an API takes tags on creation."""

    NONE = "none"
    LIST = "list"
    MAP = "map"


@dataclass(frozen=True, slots=True)
class Simple:
    """One type in a table: which calls, and where the answers hold what.

    `made` is the path of the physical id in the answer to `create`, empty where it is the name; `key` the parameter by which
    the other calls know the resource (several calls take further properties, named in `also`);
    `found` the path of the resource in the answer to `read`, where a list means its first element.
    `attributes` maps a GetAtt name to a path in what `read` found. `free` takes away what would hold
    up the deletion.
    """

    type: str
    service: str
    create: str
    read: str
    delete: str
    key: str
    made: str = ""
    found: str = ""
    update: str = ""
    name: str = ""
    name_limit: int = 64
    tags: Tags = Tags.NONE
    tag_key: str = "Tags"
    also: tuple[str, ...] = ()
    key_is_list: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)
    immutable: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    not_verifiable: Mapping[str, str] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)
    reshape: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    free: Callable[[Call], None] | None = None


def at(value: Any, path: str) -> Any:
    """Follow a dotted path; a list on the way means its first element, nothing gives None."""
    for part in path.split(".") if path else ():
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(part) if isinstance(value, Mapping) else None
    return (
        value[0] if isinstance(value, list) and value and isinstance(value[0], Mapping) else value
    )


def register_simple(spec: Simple) -> None:
    """Register the handler that a row of the table describes."""

    def properties(call: Call) -> dict[str, Any]:
        found = {spec.rename.get(k, k): v for k, v in call.properties.items() if k != spec.tag_key}
        return spec.reshape(found) if spec.reshape else found

    def key(call: Call) -> dict[str, Any]:
        own = [call.physical_id] if spec.key_is_list else call.physical_id
        return {spec.key: own} | {name: call.get(name) for name in spec.also}

    def create(call: Call) -> str:
        fixed: dict[str, Any] = {}
        if spec.name:
            fixed[spec.name] = call.name(spec.name, limit=spec.name_limit)
        if spec.tags is not Tags.NONE:
            fixed[spec.tag_key] = _tags(call, spec)
        answer = call.api(
            spec.service,
            spec.create,
            properties(call) | {n: call.get(n) for n in spec.also} | fixed,
        )
        return str(at(answer, spec.made) if spec.made else fixed[spec.name])

    def read(call: Call) -> Mapping[str, Any]:
        answer = call.api(spec.service, spec.read, key(call))
        inner = at(answer, spec.found)
        found: Mapping[str, Any] = inner if isinstance(inner, Mapping) else {}
        back: dict[str, str] = {new: old for old, new in spec.rename.items()}
        shown: dict[str, Any] = {back.get(k) or k: v for k, v in found.items()}
        return shown | {name: call.get(name) for name in spec.also}

    def update(call: Call) -> None:
        call.api(spec.service, spec.update, properties(call) | key(call))

    def delete(call: Call) -> None:
        if spec.free:
            spec.free(call)
        call.api(spec.service, spec.delete, key(call))

    register(
        Handler(
            type=spec.type,
            create=create,
            read=read,
            delete=delete,
            update=update if spec.update else None,
            attributes=lambda call: (
                _attributes(read(call), spec.attributes) if spec.attributes else {}
            ),
            immutable=frozenset((*spec.immutable, spec.name) if spec.name else spec.immutable),
            part_of=spec.part_of,
            not_verifiable=spec.not_verifiable,
        )
    )


def _tags(call: Call, spec: Simple) -> Any:
    return call.tags(spec.tag_key) if spec.tags is Tags.MAP else call.tag_list(spec.tag_key)


def _attributes(found: Mapping[str, Any], wanted: Mapping[str, str]) -> dict[str, Any]:
    return {name: at(found, path) for name, path in wanted.items() if at(found, path) is not None}
