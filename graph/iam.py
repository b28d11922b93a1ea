"""What IAM policy documents allow: wildcards, NotAction, NotResource, Deny, conditions.

Conditions depend on the call and cannot be decided from configuration, so we read them the careful
way round: an Allow with a condition may allow, a Deny with a condition may not deny. `decide` says
when an answer hangs on one.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from core.types import UNKNOWN_KEY, Resource, is_unknown
from graph import managed
from graph.reference import INLINE_POLICY, MANAGED_POLICY
from graph.relations import Relations
from graph.token import tokens

Statement = Mapping[str, Any]
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PSEUDO = re.compile(r"\$\{AWS::\w+\}")
_POLICY_VARIABLE = re.compile(r"\$\{(?:aws|saml|cognito|[a-z0-9-]+):[^}]+\}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an action is allowed, whether that hangs on a condition, and which statements say so."""

    allowed: bool
    conditional: bool = False
    because: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Permissions:
    """What an identity may do: its statements, its boundary's (None without one), what is unread."""

    statements: tuple[Statement, ...]
    boundary: tuple[Statement, ...] | None = None
    unread: tuple[str, ...] = ()

    def allows(self, action: str, resource: str | Sequence[str]) -> bool:
        """Whether both the policies and the boundary allow an action on a resource."""
        if self.boundary is not None and not allows(self.boundary, action, resource):
            return False
        return allows(self.statements, action, resource)


def statements(document: Any) -> tuple[Statement, ...]:
    """Return a document's statements, with Action, Resource and their opposites as lists.

    Takes a parsed document, its JSON text (URL-encoded or not), or bare statements. What
    cannot be read gives no statements; `unread` gives the reasons.
    """
    return tuple(_normal(s) for s in _raw_statements(document) if not is_unknown(s))


def unread(document: Any) -> tuple[str, ...]:
    """Return why parts of a document could not be read."""
    parts = [document]
    for s in _raw_statements(document):
        parts += [
            s,
            s.get("Effect"),
            s.get("Principal"),
            *(x for k in _LISTS for x in _listed(s.get(k))),
        ]
    flat = (one for part in parts for one in _listed(part))
    found = (reason for one in flat if (reason := _reason(one)) is not None)
    return tuple(dict.fromkeys(found))


def _reason(value: Any) -> str | None:
    return str(value[UNKNOWN_KEY]) if isinstance(value, Mapping) and is_unknown(value) else None


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _raw_statements(document: Any) -> list[Mapping[str, Any]]:
    if isinstance(document, str):
        document = _parsed(document)
    if isinstance(document, Mapping) and not is_unknown(document) and "Effect" not in document:
        document = document.get("Statement", [])
    if isinstance(document, Mapping):
        document = [document]
    if not isinstance(document, list | tuple):
        return []
    return [s for s in document if isinstance(s, Mapping)]


def _parsed(text: str) -> Any:
    try:
        return json.loads(unquote(text) if text.lstrip().startswith("%") else text)
    except (ValueError, RecursionError):
        return None


def _normal(statement: Mapping[str, Any]) -> Statement:
    normal = dict(statement)
    for key in _LISTS:
        if key in normal:
            value = normal[key]
            normal[key] = list(value) if isinstance(value, list | tuple) else [value]
    return normal


def allows(rules: Sequence[Statement], action: str, resource: str | Sequence[str]) -> bool:
    """Whether the statements may allow an action on a resource, given by any of its aliases."""
    return decide(rules, action, resource).allowed


def decide(rules: Sequence[Statement], action: str, resource: str | Sequence[str]) -> Verdict:
    """Weigh statements as IAM does: an unconditional Deny wins, else an Allow is needed."""
    names = (resource,) if isinstance(resource, str) else tuple(resource)
    matching = [r for r in rules if covers_action(r, action) and covers_resource(r, names)]
    denies = [r for r in matching if r.get("Effect") == "Deny"]
    if any(not r.get("Condition") for r in denies):
        return Verdict(allowed=False, because=tuple(denies))
    grants = [r for r in matching if r.get("Effect") == "Allow"]
    if not grants:
        return Verdict(allowed=False)
    conditional = bool(denies) or all(r.get("Condition") for r in grants)
    return Verdict(allowed=True, conditional=conditional, because=tuple(grants))


def covers_action(statement: Statement, action: str) -> bool:
    """Whether a statement speaks of an action."""
    if "NotAction" in statement:
        return not _any_matches(statement["NotAction"], action)
    return _any_matches(statement.get("Action"), action)


def covers_resource(statement: Statement, names: Sequence[str]) -> bool:
    """Whether a statement speaks of a resource; resource policies without Resource always do."""
    if "NotResource" in statement:
        return not any(resource_matches(p, names) for p in _texts(statement["NotResource"]))
    if "Resource" not in statement:
        return True
    return any(resource_matches(p, names) for p in _texts(statement["Resource"]))


def resource_matches(pattern: str, names: Sequence[str]) -> bool:
    """Whether a Resource pattern covers a thing that goes by any of these names.

    In templates a pattern holds `${Table.Arn}` or `arn:...:table/${Table}`: the logical id decides.
    """
    if pattern == "*":
        return True
    if "${" in pattern:
        named = [token.text for token in tokens(pattern)]
        if named:
            return any(name in names for name in named)
        pattern = _PSEUDO.sub("*", _POLICY_VARIABLE.sub("*", pattern))
    compiled = _wildcard(pattern)
    return any(compiled.match(name) is not None for name in names)


def _texts(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list | tuple) else [value]:
        if isinstance(item, str):
            yield item


def _any_matches(patterns: Any, action: str) -> bool:
    wanted = action.lower()
    services = _by_service(tuple(_texts(patterns)))
    found = (*services.get(wanted.partition(":")[0], ()), *services.get(_ANY_SERVICE, ()))
    return any(p in ("*", "*:*") or _wildcard(p).match(wanted) is not None for p in found)


_ANY_SERVICE = ""


@lru_cache(maxsize=4096)
def _by_service(patterns: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return action patterns by service: AWS's own policies list hundreds, of dozens of services."""
    found: dict[str, tuple[str, ...]] = {}
    for pattern in map(str.lower, patterns):
        service, colon, _ = pattern.partition(":")
        plain = colon and not any(c in service for c in "*?")
        key = service if plain else _ANY_SERVICE
        found[key] = (*found.get(key, ()), pattern)
    return found


@lru_cache(maxsize=16384)
def _wildcard(pattern: str) -> re.Pattern[str]:
    # translate() writes atomic groups, so that no pattern makes the matcher backtrack for ever.
    return re.compile(translate(pattern.replace("[", "[[]")))


def permissions(identity: Resource, relations: Relations) -> Permissions:
    """Return what a role, user or group may do, and what of it could not be read."""
    rules: list[Statement] = []
    missing: list[str] = []
    for origin, document in _documents(identity, relations, missing):
        told = {"Origin": origin, "Holder": identity.uid}
        rules += [{**s, **told} for s in statements(document)]
        missing += unread(document)
    boundary: tuple[Statement, ...] | None = None
    named = identity.properties.get("PermissionsBoundary")
    if named:
        document = _managed_document(named, identity, relations)
        if document is None or unread(document):
            missing.append("the permissions boundary could not be read")
        else:
            boundary = statements(document)
    return Permissions(tuple(rules), boundary, tuple(dict.fromkeys(missing)))


def role_statements(role: Resource, relations: Relations) -> tuple[Statement, ...]:
    """Return every statement of a role's policies; `Origin` names the policy it comes from.

    `Holder` is the uid of whose it is. Neither is part of the statement itself (`graph.ground`).
    """
    return permissions(role, relations).statements


def _documents(
    identity: Resource, relations: Relations, missing: list[str]
) -> Iterator[tuple[str, Any]]:
    for policy in _items(identity.properties.get("Policies"), missing):
        if isinstance(policy, Mapping):
            yield f"inline policy {policy.get('PolicyName', '')}", policy.get("PolicyDocument")
    attached = _items(identity.properties.get("ManagedPolicyArns"), missing)
    for named in attached:
        document = _managed_document(named, identity, relations)
        if document is None:
            missing.append(f"managed policy {named} could not be read")
        else:
            yield f"managed policy {named}", document
    boundary = identity.properties.get("PermissionsBoundary")
    related = relations.of(identity)
    for kind in (MANAGED_POLICY, INLINE_POLICY, "AWS::IAM::RolePolicy"):
        for policy in related.get(kind, ()):
            if {policy.uid, policy.name, *policy.aliases}.isdisjoint(
                [n for n in (*attached, boundary) if isinstance(n, str)]
            ):
                yield f"policy {policy.name}", policy.properties.get("PolicyDocument")


def _items(value: Any, missing: list[str]) -> list[Any]:
    items = _listed(value) if value is not None else []
    missing += [reason for i in items if (reason := _reason(i)) is not None]
    return [i for i in items if not is_unknown(i)]


def _managed_document(named: Any, identity: Resource, relations: Relations) -> Any:
    if not isinstance(named, str):
        return None
    policy = relations.by_alias(named, near=identity)
    if policy is not None and "PolicyDocument" in policy.properties:
        return policy.properties["PolicyDocument"]
    return managed.document(named)


def is_admin(rules: Sequence[Statement]) -> bool:
    """Whether the statements allow everything: all actions, IAM's among them, on all resources."""
    return bool(admin_statements(rules))


def admin_statements(rules: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return the statements that allow everything; none where another one denies it."""
    whole = [r for r in rules if not r.get("Condition") and _everything(r)]
    if any(r.get("Effect") == "Deny" for r in whole):
        return ()
    return tuple(r for r in whole if r.get("Effect") == "Allow")


def _everything(statement: Statement) -> bool:
    if "*" not in _texts(statement.get("Resource")):
        return False
    if "NotAction" in statement:
        return covers_action(statement, "iam:AttachRolePolicy")
    return any(p in ("*", "*:*") for p in _texts(statement.get("Action")))


def wildcard_actions(rules: Sequence[Statement]) -> tuple[str, ...]:
    """Return the allowed action patterns that hold a wildcard ("s3:*", "dynamodb:Get*", "*")."""
    return tuple(
        sorted(
            {
                pattern
                for r in rules
                if r.get("Effect") == "Allow"
                for pattern in _texts(r.get("Action"))
                if "*" in pattern
            }
            | {
                f"all but {', '.join(_texts(r['NotAction']))}"
                for r in rules
                if r.get("Effect") == "Allow" and "NotAction" in r
            }
        )
    )


def service_wildcards(rules: Sequence[Statement]) -> tuple[str, ...]:
    """Return the allowed patterns that grant a whole service or more ("s3:*", "*")."""
    return tuple(
        p
        for p in wildcard_actions(rules)
        if p == "*" or p.endswith(":*") or p.startswith("all but")
    )
