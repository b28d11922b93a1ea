"""What a resource can do harm to: the data its role may act on, and how near the internet it is."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from core.types import Estate, Resource, Snapshot
from graph import reference
from graph.exposed import exposure
from graph.iam import Permissions, Statement, covers_action, permissions, resource_matches
from graph.principal import Level
from graph.relations import Relations, relate

# Actions that read, change or destroy what a store holds. Source: AWS Service Authorization
# Reference, read 2026-11-22.
STORE_ACTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        reference.TABLE: (
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:PartiQLSelect",
        ),
        reference.BUCKET: ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"),
        reference.QUEUE: (
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
            "sqs:DeleteMessage",
            "sqs:PurgeQueue",
        ),
        reference.SECRET: ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"),
        reference.PARAMETER: (
            "ssm:GetParameter",
            "ssm:GetParameters",
            "ssm:GetParametersByPath",
            "ssm:PutParameter",
        ),
        reference.KEY: ("kms:Decrypt", "kms:GenerateDataKey", "kms:Encrypt"),
        reference.STREAM: ("kinesis:GetRecords", "kinesis:PutRecord", "kinesis:PutRecords"),
    }
)
_HARMLESS = frozenset({"", "public", "none", "no", "false", "low", "non-sensitive", "open"})
_TRIGGERED = frozenset(
    {
        reference.FUNCTION,
        reference.ALIAS,
        reference.QUEUE,
        reference.TOPIC,
        reference.STREAM,
        reference.STATE_MACHINE,
        reference.EVENT_BUS,
        reference.HTTP_INTEGRATION,
    }
)
# Whoever reaches one of these reaches what it calls.
_CALLERS = frozenset(
    {
        reference.BUCKET,
        reference.TOPIC,
        reference.RULE,
        reference.REST_API,
        reference.HTTP_API,
        reference.HTTP_INTEGRATION,
        reference.ALIAS,
        "AWS::ApiGateway::Method",
        "AWS::ApiGatewayV2::Route",
        "AWS::Lambda::Url",
        "AWS::AppSync::DataSource",
    }
)
# These tie a source (the property's target) to what it calls.
_BRIDGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "AWS::Lambda::EventSourceMapping": ("EventSourceArn", "FunctionName"),
        "AWS::SNS::Subscription": ("TopicArn", "Endpoint"),
        "AWS::Pipes::Pipe": ("Source", "Target"),
        reference.RULE: ("EventBusName", "Targets[].Arn"),
        "AWS::AppSync::DataSource": ("ApiId", "LambdaConfig.LambdaFunctionArn"),
    }
)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a resource's role may act on.

    `stores` are uids of tables, buckets, queues, secrets, parameters, keys and streams; `sensitive`
    counts those tagged so. `distance` is the number of steps from a resource that the internet
    reaches without proof of identity (0: itself), None when there is no way. `unread` says why the
    stores may be more.
    """

    stores: tuple[str, ...] = ()
    count: int = 0
    sensitive: int = 0
    distance: int | None = None
    unread: tuple[str, ...] = ()


def reach(snapshot: Snapshot, *, estate: Estate | None = None) -> Mapping[str, Reach]:
    """Return, for every resource, the stores in its reach and its distance from the internet."""
    relations = relate(snapshot.resources)
    stores = Stores(snapshot.resources)
    wanted = tuple(t.lower() for t in (estate or Estate()).sensitivity_tags)
    sensitive = {r.uid for r in snapshot.resources if is_sensitive(r, wanted)}
    by_role: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    reached = {r.uid: _reached(r, relations, stores, by_role) for r in snapshot.resources}
    distances = _distances(snapshot.resources, relations, {u: s for u, (s, _) in reached.items()})
    return {
        uid: Reach(
            stores=found,
            count=len(found),
            sensitive=len(sensitive.intersection(found)),
            distance=distances.get(uid),
            unread=missing,
        )
        for uid, (found, missing) in reached.items()
    }


def is_sensitive(resource: Resource, tag_names: Sequence[str]) -> bool:
    """Whether one of these tags (lower case) says that a resource holds sensitive data."""
    return any(
        key.lower() in tag_names and value.strip().lower() not in _HARMLESS
        for key, value in resource.tags.items()
    )


def _reached(
    resource: Resource,
    relations: Relations,
    stores: "Stores",
    by_role: dict[str, tuple[tuple[str, ...], tuple[str, ...]]],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    role = identity_of(resource, relations)
    if role is None:
        named = resource.properties.get("Role") if resource.type == reference.FUNCTION else None
        return (), ("its role could not be read",) if named else ()
    if role.uid not in by_role:
        held = permissions(role, relations)
        by_role[role.uid] = (stores.within(held, role), held.unread)
    return by_role[role.uid]


def identity_of(resource: Resource, relations: Relations) -> Resource | None:
    """Return the role that a resource acts as: itself, or the one it names."""
    if resource.type in (reference.ROLE, reference.USER):
        return resource
    edges = relations.outgoing(resource)
    return next((e.target for e in edges if e.target.type == reference.ROLE), None)


class Stores:
    """Finds the stores that statements cover; each pattern is matched once."""

    def __init__(
        self,
        resources: Sequence[Resource],
        actions: Mapping[str, Sequence[str]] = STORE_ACTIONS,
    ) -> None:
        self._actions = actions
        self._by_place: dict[tuple[str, str], dict[str, Resource]] = {}
        self._named: dict[tuple[str, str, str], set[str]] = {}
        for r in resources:
            if r.type in actions:
                place = _place(r)
                self._by_place.setdefault((place, r.type), {})[r.uid] = r
                for alias in (r.uid, *r.aliases):
                    self._named.setdefault((place, r.type, alias), set()).add(r.uid)
        self._matched: dict[tuple[str, str, str], frozenset[str]] = {}

    def within(self, held: Permissions, role: Resource) -> tuple[str, ...]:
        """Return the uids of the stores in the role's own place that it may act on."""
        place = _place(role)
        found: set[str] = set()
        for kind, actions in self._actions.items():
            if (place, kind) not in self._by_place:
                continue
            for action in actions:
                allowed = self._allowed(held.statements, action, place, kind)
                if held.boundary is not None:
                    allowed &= self._allowed(held.boundary, action, place, kind)
                found |= allowed
        return tuple(sorted(found))

    def _allowed(self, rules: Sequence[Statement], action: str, place: str, kind: str) -> set[str]:
        allowed: set[str] = set()
        denied: set[str] = set()
        for rule in rules:
            grants = rule.get("Effect") == "Allow"
            if (grants or not rule.get("Condition")) and _speaks_of(rule, action):
                covered = self._covered(rule, place, kind, whole=not grants)
                (allowed if grants else denied).update(covered)
        return allowed - denied

    def _covered(self, rule: Statement, place: str, kind: str, *, whole: bool) -> set[str]:
        """Return the stores that a statement speaks of; with `whole`, of all that is in them."""
        everything = set(self._by_place[place, kind])
        if "NotResource" in rule:
            patterns = [
                p
                for p in rule["NotResource"]
                if isinstance(p, str) and (whole or kind != reference.BUCKET or not _is_part(p))
            ]
            return everything.difference(*(self._match(p, place, kind) for p in patterns))
        patterns = [
            p
            for p in rule.get("Resource", ())
            if isinstance(p, str) and not (whole and kind == reference.BUCKET and _is_part(p))
        ]
        return set().union(*(self._match(p, place, kind) for p in patterns))

    def _match(self, pattern: str, place: str, kind: str) -> frozenset[str]:
        key = (pattern, place, kind)
        if key not in self._matched:
            self._matched[key] = frozenset(self._search(pattern, place, kind))
        return self._matched[key]

    def _search(self, pattern: str, place: str, kind: str) -> set[str]:
        if pattern == "*":
            return set(self._by_place[place, kind])
        # A part of a store (objects under a prefix, an index) is the store for our purpose.
        whole = pattern.split("/", maxsplit=1)[0] if kind == reference.BUCKET else pattern
        if "*" not in whole and "?" not in whole and "${" not in whole:
            return self._named.get((place, kind, whole), set())
        members = self._by_place[place, kind].values()
        return {r.uid for r in members if resource_matches(whole, (r.uid, *r.aliases))}


def _is_part(pattern: str) -> bool:
    """Whether a pattern names some of a bucket's objects, and not all."""
    _, slash, tail = pattern.partition("/")
    return bool(slash) and tail not in ("*", "**")


def _place(resource: Resource) -> str:
    """Return what bounds a bare `*`: the account, or the template."""
    return resource.account if resource.is_live else resource.uid.rpartition("//")[0]


def _speaks_of(rule: Statement, action: str) -> bool:
    opposite = "NotAction" in rule
    patterns = rule.get("NotAction" if opposite else "Action") or ()
    return _covers(opposite, tuple(p for p in patterns if isinstance(p, str)), action)


@lru_cache(maxsize=65536)
def _covers(opposite: bool, patterns: tuple[str, ...], action: str) -> bool:
    return covers_action({"NotAction" if opposite else "Action": list(patterns)}, action)


def _distances(
    resources: Sequence[Resource], relations: Relations, stores: Mapping[str, tuple[str, ...]]
) -> dict[str, int]:
    onward: dict[str, set[str]] = {}
    for resource in resources:
        for source, target in calls(resource, relations):
            onward.setdefault(source, set()).add(target)
    distances: dict[str, int] = {}
    for resource in resources:
        open_to = exposure(resource, relations)
        if open_to.level == Level.INTERNET and open_to.authenticated is not True:
            distances[resource.uid] = 0
    waiting = deque(distances)
    while waiting:
        uid = waiting.popleft()
        for target in (*onward.get(uid, ()), *stores.get(uid, ())):
            if target not in distances:
                distances[target] = distances[uid] + 1
                waiting.append(target)
    return distances


def calls(resource: Resource, relations: Relations) -> Iterator[tuple[str, str]]:
    """Yield the uids of who calls whom through this resource."""
    edges = relations.outgoing(resource)
    if resource.type in _CALLERS:
        for edge in edges:
            if edge.target.type in _TRIGGERED:
                yield resource.uid, edge.target.uid
    if resource.type in _BRIDGES:
        source_path, target_path = _BRIDGES[resource.type]
        for source in edges:
            for target in edges:
                if source.path == source_path and target.path == target_path:
                    yield source.target.uid, target.target.uid
