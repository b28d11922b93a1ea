"""Which resource refers to which, joined through their aliases."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from core.types import Resource
from graph import reference
from graph.token import tokens

_INVOCATION = re.compile(r"functions/(arn:[^/]+)/invocations")
_REST_STAGE = re.compile(r"/restapis/(?P<api>[^/]+)/stages/(?P<stage>[^/]+)\Z")
_GLOBAL_NAMES = frozenset({reference.BUCKET})
_ACCOUNT_WIDE = "AWS::IAM::"
_NONE: Mapping[str, tuple[Resource, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Edge:
    """One reference: `source` names `target` in the property at `path`."""

    source: Resource
    path: str
    target: Resource


class Relations:
    """The references among a set of resources, in both directions."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._by_uid = {r.uid: r for r in resources}
        self._index = _Index(resources)
        self._out: dict[str, list[Edge]] = {}
        self._in: dict[str, list[Edge]] = {}
        for resource in resources:
            for edge in _edges(resource, self._index):
                self._out.setdefault(edge.source.uid, []).append(edge)
                self._in.setdefault(edge.target.uid, []).append(edge)
        self._of: dict[str, Mapping[str, tuple[Resource, ...]]] = {}

    def of(self, resource: Resource) -> Mapping[str, tuple[Resource, ...]]:
        """Return, by type, the resources that refer to this one or that it refers to.

        A function also stands beside its role's policies and its subnets' VPC.
        """
        if resource.uid not in self._of:
            self._of[resource.uid] = self._related(resource)
        return self._of[resource.uid]

    def outgoing(self, resource: Resource) -> tuple[Edge, ...]:
        """Return the references this resource makes."""
        return tuple(self._out.get(resource.uid, ()))

    def incoming(self, resource: Resource) -> tuple[Edge, ...]:
        """Return the references made to this resource."""
        return tuple(self._in.get(resource.uid, ()))

    def by_uid(self, uid: str) -> Resource | None:
        """Return the resource with this uid."""
        return self._by_uid.get(uid)

    def by_alias(self, text: str, *, near: Resource | None = None) -> Resource | None:
        """Return the one resource an ARN, URL, name or `${LogicalId}` stands for.

        Where several answer to it (two templates, two regions), the one beside `near` is meant;
        without it the answer is None rather than a guess.
        """
        found = self._index.find(text, (), near) if near else self._index.anywhere(text)
        return found[0] if len(found) == 1 else None

    def _related(self, resource: Resource) -> Mapping[str, tuple[Resource, ...]]:
        found = self._neighbours(resource)
        for via, types in reference.THROUGH.get(resource.type, {}).items():
            for middle in [r for r in found.values() if r.type == via]:
                found |= {
                    uid: r
                    for uid, r in self._neighbours(middle).items()
                    if r.type in types and uid != resource.uid
                }
        if not found:
            return _NONE
        by_type: dict[str, list[Resource]] = {}
        for other in found.values():
            by_type.setdefault(other.type, []).append(other)
        return MappingProxyType({kind: tuple(members) for kind, members in by_type.items()})

    def _neighbours(self, resource: Resource) -> dict[str, Resource]:
        found = {e.target.uid: e.target for e in self._out.get(resource.uid, ())}
        found |= {e.source.uid: e.source for e in self._in.get(resource.uid, ())}
        found.pop(resource.uid, None)
        return found


def relate(resources: Sequence[Resource]) -> Relations:
    """Join resources by the aliases they go by and the properties that name them."""
    return Relations(resources)


class _Index:
    """Finds resources by alias; names and logical ids only within their own surroundings."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._named: dict[str, list[Resource]] = {}
        for resource in resources:
            for alias in dict.fromkeys((resource.uid, resource.name, *resource.aliases)):
                if alias:
                    self._named.setdefault(alias, []).append(resource)

    def anywhere(self, text: str) -> list[Resource]:
        return list(
            {r.uid: r for name in _spellings(text) for r in self._named.get(name, ())}.values()
        )

    def find(self, text: str, types: Sequence[str], near: Resource) -> list[Resource]:
        for name in _spellings(text):
            candidates = self._named.get(name)
            if not candidates:
                continue
            fitting = [
                r
                for r in candidates
                if (r.type in types if types else _unmistakable(name)) and _in_sight(r, name, near)
            ]
            if fitting:
                return _closest(fitting, near)
        return []


def _unmistakable(alias: str) -> bool:
    return alias.startswith(("arn:", "${", "http")) or "." in alias


def _surroundings(resource: Resource) -> tuple[str, str]:
    if resource.source is None:
        return (resource.account, resource.region)
    return (resource.uid.rpartition("//")[0], "")


def _in_sight(candidate: Resource, alias: str, near: Resource) -> bool:
    if alias.startswith(("arn:", "http")) or candidate.type in _GLOBAL_NAMES:
        return candidate.is_live == near.is_live or "${" not in alias
    if _surroundings(candidate) == _surroundings(near):
        return True
    return (
        candidate.type.startswith(_ACCOUNT_WIDE)
        and candidate.is_live
        and near.is_live
        and candidate.account == near.account
    )


def _closest(fitting: list[Resource], near: Resource) -> list[Resource]:
    beside = [r for r in fitting if _surroundings(r) == _surroundings(near)]
    return beside or fitting


@lru_cache(maxsize=65536)
def _spellings(text: str) -> tuple[str, ...]:
    """Return the aliases a value may mean, exact first, then with what it adds taken off."""
    spellings = [text]
    if (invocation := _INVOCATION.search(text)) is not None:
        spellings.append(invocation.group(1))
    spellings += [name for token in tokens(text) for name in (token.text, token.whole)]
    for candidate in tuple(spellings):
        if candidate.startswith("arn:"):
            spellings += _shorter_arns(candidate)
    for prefix in ("integrations/", "table/"):  # a route's target; what scales a table
        if text.startswith(prefix):
            spellings.append(text.removeprefix(prefix))
    return tuple(dict.fromkeys(spellings))


def _shorter_arns(arn: str) -> list[str]:
    parts = arn.split(":")
    if len(parts) < 6:
        return []
    service, rest = parts[2], parts[5:]
    if service == "lambda" and len(rest) == 3:
        return [":".join(parts[:7])]  # without the version or alias
    if service == "logs" and rest[-1] == "*":
        return [":".join(parts[:-1])]
    if service == "dynamodb" and rest[0].count("/") > 1:
        return [":".join((*parts[:5], "/".join(rest[0].split("/")[:2])))]  # a stream or an index
    if service == "execute-api":
        return [rest[0].split("/")[0]]
    if service == "s3":
        return [":".join((*parts[:5], rest[0].split("/")[0]))]
    return []


def _edges(resource: Resource, index: _Index) -> Iterator[Edge]:
    seen: set[tuple[str, str]] = set()
    for path, types in reference.REFERENCES.get(resource.type, {}).items():
        for value in _values(resource.properties, _steps(path)):
            for target in index.find(value, types, resource):
                if target.uid != resource.uid and (path, target.uid) not in seen:
                    seen.add((path, target.uid))
                    yield Edge(resource, path, target)
    if resource.type == reference.LOG_GROUP:
        yield from _log_owner(resource, index)
    if resource.type == reference.WEB_ACL_ASSOCIATION:
        yield from _guarded_stage(resource, index)


def _log_owner(group: Resource, index: _Index) -> Iterator[Edge]:
    name = group.properties.get("LogGroupName")
    for prefix, owner_type in reference.LOG_GROUP_NAMES.items():
        if isinstance(name, str) and name.startswith(prefix):
            for owner in index.find(name.removeprefix(prefix), (owner_type,), group):
                yield Edge(group, "LogGroupName", owner)


def _guarded_stage(association: Resource, index: _Index) -> Iterator[Edge]:
    """Find the stage of a REST API in an ARN that a template puts together from both names."""
    found = _REST_STAGE.search(str(association.properties.get("ResourceArn", "")))
    if found is None:
        return
    for stage in index.find(found["stage"], (reference.REST_STAGE,), association):
        if stage.properties.get("RestApiId") == found["api"]:
            yield Edge(association, "ResourceArn", stage)


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(step for part in path.split(".") for step in _split_list(part))


def _split_list(part: str) -> tuple[str, ...]:
    return (part[:-2], "[]") if part.endswith("[]") else (part,)


def _values(value: Any, steps: tuple[str, ...]) -> Iterator[str]:
    if not steps:
        if isinstance(value, str):
            yield value
        return
    step, rest = steps[0], steps[1:]
    if step == "[]":
        items = value if isinstance(value, list | tuple) else [value]
        for item in items:
            yield from _values(item, rest)
    elif isinstance(value, Mapping):
        if step == "*":
            for item in value.values():
                yield from _values(item, rest)
        elif step in value:
            yield from _values(value[step], rest)
