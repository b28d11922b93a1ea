"""Facts about IAM roles."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.types import Resource
from detectors.fact import Kind, Value, View, at, fact, number, present, size, word
from graph import iam

ROLE = "AWS::IAM::Role"


@fact(ROLE, Kind.NUMERIC, "{x} statement{s} in its policies", path="Policies")
def statements(resource: Resource, view: View) -> Value:
    """How many statements its policies have."""
    rules = view.rules(resource)
    return None if rules is None else float(len(rules))


@fact(ROLE, Kind.NUMERIC, "inline policies: {x}", path="Policies")
def inline_policies(resource: Resource, _: View) -> Value:
    """How many inline policies it has."""
    return size(at(resource, "Policies"))


@fact(ROLE, Kind.NUMERIC, "managed policies: {x}", path="ManagedPolicyArns")
def managed_policies(resource: Resource, _: View) -> Value:
    """How many managed policies are attached."""
    return size(at(resource, "ManagedPolicyArns"))


@fact(ROLE, Kind.NUMERIC, "{x} action{s} granted by wildcard", path="Policies", matters=True)
def wildcard_actions(resource: Resource, view: View) -> Value:
    """How many allowed action patterns hold a wildcard."""
    rules = view.rules(resource)
    return None if rules is None else float(len(iam.wildcard_actions(rules)))


@fact(ROLE, Kind.NUMERIC, "rights in {x} service{s}", path="Policies", matters=True)
def services(resource: Resource, view: View) -> Value:
    """How many services its policies name."""
    rules = view.rules(resource)
    if rules is None:
        return None
    named = {
        a.partition(":")[0]
        for r in rules
        if r.get("Effect") == "Allow"
        for a in r.get("Action", ())
        if isinstance(a, str)
    }
    return float(len(named))


@fact(ROLE, Kind.CATEGORICAL, "administrator: {x}", path="Policies", matters=True, safe=("no",))
def administrator(resource: Resource, view: View) -> Value:
    """Whether it may do everything."""
    rules = view.rules(resource)
    return None if rules is None else present(iam.is_admin(rules))


@fact(ROLE, Kind.CATEGORICAL, "trust in {x}", path="AssumeRolePolicyDocument", matters=True)
def trusted(resource: Resource, _: View) -> Value:
    """What kinds of principal may assume it, services by name."""
    return ", ".join(sorted(set(_principals(resource)))) or None


@fact(
    ROLE, Kind.NUMERIC, "trust in {x} principal{s}", path="AssumeRolePolicyDocument", matters=True
)
def trusted_count(resource: Resource, _: View) -> Value:
    """How many kinds of principal may assume it."""
    found = set(_principals(resource))
    return float(len(found)) if found else None


@fact(
    ROLE,
    Kind.CATEGORICAL,
    "conditions on who may assume it: {x}",
    path="AssumeRolePolicyDocument",
    matters=True,
    safe=("yes",),
)
def trust_condition(resource: Resource, _: View) -> Value:
    """Whether trust is conditional."""
    rules = iam.statements(at(resource, "AssumeRolePolicyDocument"))
    return present(any(r.get("Condition") for r in rules)) if rules else None


@fact(
    ROLE,
    Kind.CATEGORICAL,
    "a permissions boundary: {x}",
    path="PermissionsBoundary",
    matters=True,
    safe=("yes",),
)
def boundary(resource: Resource, _: View) -> Value:
    """Whether a boundary limits it."""
    return present(at(resource, "PermissionsBoundary"))


@fact(ROLE, Kind.NUMERIC, "sessions of {x} s", path="MaxSessionDuration")
def session(resource: Resource, _: View) -> Value:
    """How long a session may last, in seconds."""
    return number(at(resource, "MaxSessionDuration"), 3600)


@fact(ROLE, Kind.CATEGORICAL, "the path {x}", path="Path")
def path(resource: Resource, _: View) -> Value:
    """IAM path."""
    return word(at(resource, "Path"), "/")


def _principals(resource: Resource) -> Iterator[str]:
    for rule in iam.statements(at(resource, "AssumeRolePolicyDocument")):
        principal: Any = rule.get("Principal")
        if principal == "*":
            yield "anyone"
        if not isinstance(principal, Mapping):
            continue
        for kind, named in principal.items():
            for name in named if isinstance(named, list | tuple) else [named]:
                yield _kind_of(kind, str(name), resource.account)


def _kind_of(kind: str, name: str, account: str) -> str:
    """Name services as they are, accounts by whether they are the role's own."""
    if kind == "Service":
        return name
    if kind == "Federated":
        return "an identity provider"
    if name == "*":
        return "anyone"
    return "its own account" if account and account in name else "another account"
