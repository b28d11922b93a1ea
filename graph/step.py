"""The steps of an attack path: what leads on from a resource, and what says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from core.types import Resource
from graph import reference
from graph.access import Access, Answer
from graph.blast import Stores, calls, identity_of
from graph.condition import all_of
from graph.escalation import escalations
from graph.exposed import exposure, policies_of
from graph.ground import Ground, grounds
from graph.iam import (
    Permissions,
    Statement,
    admin_statements,
    allows,
    covers_action,
    is_admin,
    statements,
)
from graph.principal import Level, policy_exposure

_STEP = 1
_MAYBE = 2  # an edge that hangs on what is not known costs more, so that sure ways come first

# Actions that give the content away. Source: AWS Service Authorization Reference, excerpts read 2026-11-25.
READ_ACTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        reference.TABLE: (
            "dynamodb:GetItem",
            "dynamodb:BatchGetItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:PartiQLSelect",
        ),
        reference.BUCKET: ("s3:GetObject",),
        reference.QUEUE: ("sqs:ReceiveMessage",),
        reference.SECRET: ("secretsmanager:GetSecretValue",),
        reference.PARAMETER: ("ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"),
        reference.STREAM: ("kinesis:GetRecords",),
    }
)
_SERVICE: Mapping[str, str] = MappingProxyType(
    {
        reference.TABLE: "dynamodb",
        reference.BUCKET: "s3",
        reference.QUEUE: "sqs",
        reference.SECRET: "secretsmanager",
        reference.PARAMETER: "ssm",
        reference.STREAM: "kinesis",
    }
)
_DECRYPT = "kms:Decrypt"
_ASSUME = "sts:AssumeRole"
# Whoever changes a function's code acts as its role outright; whoever calls it has to find a flaw.
_RUN = ("lambda:UpdateFunctionCode", "lambda:InvokeFunction")
_ROLE_SETTINGS = ("Role", "RoleArn", "ServiceRoleArn", "Credentials", "CredentialsArn")


class Kind(StrEnum):
    """What an edge of a path stands for."""

    REACHES = "reaches"
    CALLS = "calls"
    RUNS_AS = "runs as"
    ASSUMES = "may assume"
    INVOKES = "may run"
    READS = "may read"
    ESCALATES = "may become administrator"


@dataclass(frozen=True, slots=True)
class Edge:
    """One step. `where` is the uid of the resource whose configuration allows it, `why` what says so.

    `grounds` are the statements and settings behind `why`.
    """

    kind: Kind
    source: str
    target: str
    why: str
    where: str
    effort: int = _STEP
    certain: bool = True
    grounds: tuple[Ground, ...] = field(default=(), compare=False)


class Steps:
    """Gives the edges that leave a resource, made on demand and kept."""

    def __init__(
        self, resources: Sequence[Resource], sensitive: Sequence[Resource], access: Access
    ) -> None:
        self._access = access
        self._relations = access.relations
        self._known = {r.uid: r for r in resources}
        self._stores = {r.uid: r for r in sensitive if r.type in READ_ACTIONS}
        self._index = Stores(tuple(self._stores.values()))
        # Not those open to everybody: that a role may read them too is no other way in.
        self._shared = [
            r
            for r in self._stores.values()
            if any(policies_of(r, self._relations)) and self._opened_to(r)[0] < Level.INTERNET
        ]
        self._trusting = [r for r in resources if r.type == reference.ROLE and _trusts_roles(r)]
        self._functions = _by_role(resources, access)
        self._called: dict[str, dict[str, str]] = {}
        for resource in resources:
            for source, target in calls(resource, self._relations):
                self._called.setdefault(source, {})[target] = resource.uid
        self._kept: dict[str, tuple[Edge, ...]] = {}

    def onward(self, uid: str) -> tuple[Edge, ...]:
        """Return the edges that leave a resource."""
        if uid not in self._kept:
            resource = self._known.get(uid)
            self._kept[uid] = tuple(self._edges(resource)) if resource else ()
        return self._kept[uid]

    def _edges(self, resource: Resource) -> Iterator[Edge]:
        for target, through in sorted(self._called.get(resource.uid, {}).items()):
            yield Edge(
                Kind.CALLS,
                resource.uid,
                target,
                "its trigger or integration",
                through,
                grounds=self._trigger(through, resource.uid, target),
            )
        if resource.uid in self._stores:
            yield from self._opened(resource)
        role = identity_of(resource, self._relations)
        if role is not None and role.uid != resource.uid and _acts(resource):
            why = f"its role is {role.name}"
            yield Edge(
                Kind.RUNS_AS, resource.uid, role.uid, why, resource.uid, grounds=_role_of(resource)
            )
        if resource.type == reference.ROLE:
            yield from self._of_role(resource)

    def _trigger(self, through: str, source: str, target: str) -> tuple[Ground, ...]:
        """Quote what of a trigger or an integration names the two that it joins."""
        own = self._known[through]
        ends = [self._known[uid] for uid in (source, target) if uid in self._known]
        names = {name for end in ends for name in (end.uid, *end.aliases) if name}
        said = {
            key: value
            for key, value in own.properties.items()
            if isinstance(value, str) and any(name in value for name in names)
        }
        return (Ground(own.uid, own.name, said),) if said else ()

    def _opened(self, store: Resource) -> Iterator[Edge]:
        level, why, found = self._opened_to(store)
        if level >= Level.CROSS_ACCOUNT:
            yield Edge(Kind.READS, store.uid, f"data|{store.uid}", why, store.uid, grounds=found)

    def _opened_to(self, store: Resource) -> tuple[int, str, tuple[Ground, ...]]:
        """Return how far away a store's own policies let others read it, and what says so."""
        reads = READ_ACTIONS[store.type]
        found = [
            {**rule, "Holder": uid}
            for _, document, uid in policies_of(store, self._relations)
            for rule in statements(document)
            if rule.get("Effect") == "Deny" or any(covers_action(rule, a) for a in reads)
        ]
        opened = policy_exposure(found, store, what="its policy")
        seen = exposure(store, self._relations)
        if store.type == reference.BUCKET and seen.why.startswith("its ACL"):
            return seen.level, seen.why, seen.grounds
        return min(opened.level, seen.level), f"{opened.why} to read it", opened.grounds

    def _of_role(self, role: Resource) -> Iterator[Edge]:
        held = self._access.held(role)
        way_up = _administrator(held)
        if way_up is not None:
            why, certain, grants = way_up
            effort = _STEP if certain else _MAYBE
            yield Edge(
                Kind.ESCALATES,
                role.uid,
                f"admin|{role.uid}",
                why,
                role.uid,
                effort,
                certain,
                grounds(grants),
            )
        if way_up is not None and is_admin(held.statements):
            return  # what else it may do is part of that
        yield from self._reads(role, held)
        yield from self._assumes(role, held)
        yield from self._runs(role, held)

    def _reads(self, role: Resource, held: Permissions) -> Iterator[Edge]:
        named = [self._stores[uid] for uid in self._index.within(held, role)]
        # Policies that were not read may allow anything; that is a gap of its own, not a path.
        for store in {r.uid: r for r in (*named, *self._shared)}.values():
            answer = self._reading(role, store)
            if answer.possible and answer.because:
                yield _edge(Kind.READS, role.uid, f"data|{store.uid}", answer, role.uid)

    def _reading(self, role: Resource, store: Resource) -> Answer:
        best = self._best(role, READ_ACTIONS[store.type], store)
        key = _key_of(store)
        if not best.possible or not key:
            return best
        target = self._key(key, store)
        if target is None:
            unsure = (*best.because, "whether it may decrypt is not known")
            return Answer(None, unsure, best.grants)
        via = f"{_SERVICE[store.type]}.{store.region}.amazonaws.com"
        decrypts = self._access.may(role, _DECRYPT, target, call={"kms:viaservice": via})
        return Answer(
            all_of((best.allowed, decrypts.allowed)),
            (*best.because, *decrypts.because),
            (*best.grants, *decrypts.grants),
        )

    def _best(self, role: Resource, actions: Sequence[str], target: Resource) -> Answer:
        """Return the first sure answer, else one that may be."""
        best = Answer(allowed=False)
        for action in actions:
            answer = self._access.may(role, action, target)
            if answer.allowed is True:
                return answer
            if answer.possible and (answer.because or not best.possible):
                best = answer
        return best

    def _key(self, named: str, store: Resource) -> Resource | None:
        found = self._relations.by_alias(named, near=store)
        if found is not None and found.type == reference.KEY_ALIAS:
            edges = self._relations.outgoing(found)
            found = next((e.target for e in edges if e.target.type == reference.KEY), None)
        return found if found is not None and found.type == reference.KEY else None

    def _assumes(self, role: Resource, held: Permissions) -> Iterator[Edge]:
        asks = any(
            s.get("Effect") == "Allow" and covers_action(s, _ASSUME) for s in held.statements
        )
        for other in self._trusting:
            if other.uid != role.uid and (asks or _is_named(other, role)):
                answer = self._access.may(role, _ASSUME, other)
                if answer.possible and answer.because:
                    yield _edge(Kind.ASSUMES, role.uid, other.uid, answer, other.uid)

    def _runs(self, role: Resource, held: Permissions) -> Iterator[Edge]:
        """Yield one edge for each role that a function the role may run has, whatever their number."""
        granted = [s for s in held.statements if s.get("Effect") == "Allow"]
        for action in _RUN:
            if not any(covers_action(s, action) for s in granted):
                continue
            for uid, functions in self._functions.items():
                if uid == role.uid:
                    continue
                for function in functions:
                    answer = self._access.may(role, action, function)
                    if answer.possible and answer.because:
                        yield _edge(Kind.INVOKES, role.uid, function.uid, answer, role.uid)
                        break


def _edge(kind: Kind, source: str, target: str, answer: Answer, where: str) -> Edge:
    certain = answer.allowed is True
    why = "; ".join(answer.because)
    effort = _STEP if certain else _MAYBE
    return Edge(kind, source, target, why, where, effort, certain, grounds(answer.grants))


def _administrator(held: Permissions) -> tuple[str, bool, tuple[Statement, ...]] | None:
    """Return how an identity gets an administrator's rights, whether that is sure, and by what.

    None where it does not.
    """
    limit = held.boundary
    certain = not any("boundary" in reason for reason in held.unread)
    whole = admin_statements(held.statements)
    if whole and (limit is None or is_admin(limit)):
        return "its policies allow every action on every resource", certain, whole
    for way in escalations(held.statements):
        if limit is None or all(allows(limit, action, "*") for action in way.actions):
            grants = tuple(
                rule
                for rule in held.statements
                if rule.get("Effect") == "Allow"
                and any(covers_action(rule, a) for a in way.actions)
            )
            return f"it {way.gives} ({', '.join(way.actions)})", certain, grants
    return None


def _role_of(resource: Resource) -> tuple[Ground, ...]:
    """Quote the setting that names a resource's role."""
    named = {k: v for k, v in resource.properties.items() if k in _ROLE_SETTINGS}
    return (Ground(resource.uid, "its configuration", named),) if named else ()


def _acts(resource: Resource) -> bool:
    return resource.type in (
        reference.FUNCTION,
        reference.STATE_MACHINE,
        "AWS::Pipes::Pipe",
        "AWS::AppSync::DataSource",
        "AWS::ApiGateway::Method",
        reference.HTTP_INTEGRATION,
    )


def _by_role(resources: Sequence[Resource], access: Access) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for resource in resources:
        if resource.type == reference.FUNCTION:
            role = identity_of(resource, access.relations)
            if role is not None:
                found.setdefault(role.uid, []).append(resource)
    return found


def _trusts_roles(role: Resource) -> bool:
    """Whether a trust policy names more than services."""
    return any(
        "NotPrincipal" in rule
        or rule.get("Principal") == "*"
        or (isinstance(rule.get("Principal"), Mapping) and "AWS" in rule["Principal"])
        for rule in statements(role.properties.get("AssumeRolePolicyDocument"))
    )


def _is_named(other: Resource, role: Resource) -> bool:
    text = str(other.properties.get("AssumeRolePolicyDocument"))
    return "*" in text or any(name in text for name in (role.uid, *role.aliases) if name)


def _key_of(store: Resource) -> str:
    """Return the customer's key that a store is encrypted with; empty for AWS's own or none."""
    given = store.properties
    if store.type == reference.BUCKET:
        named = _bucket_key(given.get("BucketEncryption"))
    elif store.type == reference.TABLE:
        named = _inner(given.get("SSESpecification"), "KMSMasterKeyId")
    elif store.type == reference.STREAM:
        named = _inner(given.get("StreamEncryption"), "KeyId")
    elif store.type == reference.PARAMETER:
        named = given.get("KeyId") if given.get("Type") == "SecureString" else None
    else:
        named = given.get("KmsMasterKeyId" if store.type == reference.QUEUE else "KmsKeyId")
    if not named or "alias/aws/" in str(named):
        return ""
    return named if isinstance(named, str) else "an unknown key"


def _bucket_key(encryption: object) -> object:
    rules = _inner(encryption, "ServerSideEncryptionConfiguration")
    first = rules[0] if isinstance(rules, list | tuple) and rules else None
    return _inner(_inner(first, "ServerSideEncryptionByDefault"), "KMSMasterKeyID")


def _inner(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None
