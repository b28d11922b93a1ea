"""Whom a resource policy lets in: nobody else, the account, other accounts, everyone.

Source: "The meaning of public",
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from core.types import Resource, is_unknown
from graph.ground import Ground
from graph.iam import Statement, covers_action, statements, unread


class Level(IntEnum):
    """From how far away a resource can be reached."""

    NONE = 0
    ACCOUNT = 1
    CROSS_ACCOUNT = 2
    INTERNET = 3


@dataclass(frozen=True, slots=True)
class Exposure:
    """From how far a resource can be reached, and whether callers must prove who they are.

    `level` is 0 for nobody, 1 for its account or network, 2 for other accounts, 3 for the internet.
    `authenticated` is None when that is not known. `why` is a sentence for people, `grounds` the
    statements and settings that say so.
    """

    level: int
    authenticated: bool | None
    why: str
    grounds: tuple[Ground, ...] = field(default=(), compare=False)


UNREACHED = Exposure(Level.NONE, None, "nothing lets anyone in from outside its own role")

_ACCOUNT = re.compile(r"^(?:arn:[^:]*:(?:iam|sts)::(\d{12}):|(\d{12})$)")
_IN_ARN = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:(\d{12}):")
_HERE = ("${AWS::AccountId}", "${")
_ACCOUNT_KEYS = frozenset(
    {"aws:sourceaccount", "aws:principalaccount", "aws:sourceowner", "kms:calleraccount"}
)
_ORGANISATION_KEYS = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"}
)
_ARN_KEYS = frozenset({"aws:sourcearn", "aws:principalarn"})
_NETWORK_KEYS = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip"})
_POSITIVE = re.compile(
    r"(?:ForAnyValue:)?(?:String(?:Equals|Like|EqualsIgnoreCase)|Arn(?:Equals|Like)|IpAddress)\Z"
)
_EVERYWHERE = frozenset({"*", "0.0.0.0/0", "::/0"})


def widest(found: Iterator[Exposure] | list[Exposure]) -> Exposure:
    """Return the exposure that reaches furthest, with the least proof of identity."""
    return max(found, key=lambda e: (e.level, _OPENNESS[e.authenticated]), default=UNREACHED)


_OPENNESS = {False: 2, None: 1, True: 0}


def policy_exposure(document: Any, resource: Resource, *, what: str) -> Exposure:
    """Read a resource policy. `what` names it in the sentence ("its queue policy")."""
    rules = statements(document)
    found = [
        _statement_exposure(rule, resource, what)
        for rule in rules
        if rule.get("Effect") == "Allow" and not _denied_to_all(rule, rules)
    ]
    reasons = unread(document)
    if reasons:
        found.append(Exposure(Level.NONE, None, f"{what} is not fully known: {reasons[0]}"))
    return widest(found)


def _denied_to_all(rule: Statement, rules: tuple[Statement, ...]) -> bool:
    denies = [
        r
        for r in rules
        if r.get("Effect") == "Deny" and not r.get("Condition") and _is_everyone(r.get("Principal"))
    ]
    actions = rule.get("Action") or []
    return bool(actions) and all(
        any(covers_action(d, a) for d in denies) for a in actions if isinstance(a, str)
    )


def _statement_exposure(rule: Statement, resource: Resource, what: str) -> Exposure:
    if "NotPrincipal" in rule:
        why = f"{what} lets in everyone but a few (NotPrincipal)"
        found = Exposure(Level.INTERNET, False, why)
    else:
        found = widest(
            [principal_exposure(p, rule.get("Condition"), resource, what) for p in principals(rule)]
        )
    holder = str(rule.get("Holder", resource.uid))
    return replace(found, grounds=(Ground(holder, what, rule),))


def principals(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return whom a statement names, services left out: they call for someone else."""
    named = rule.get("Principal")
    if isinstance(named, Mapping) and not is_unknown(named):
        named = [
            x for kind in ("AWS", "Federated", "CanonicalUser") for x in _listed(named.get(kind))
        ]
    return tuple(p for p in _listed(named) if p is not None)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _is_everyone(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        return "*" in _listed(principal.get("AWS"))
    return "*" in _listed(principal)


def principal_exposure(principal: Any, condition: Any, resource: Resource, what: str) -> Exposure:
    """Say how far one principal reaches, given the statement's conditions."""
    if not isinstance(principal, str):
        return Exposure(Level.NONE, None, f"{what} names a principal that is not known")
    if principal.endswith(".amazonaws.com"):
        return UNREACHED
    limit = restriction(condition, resource)
    if principal == "*":
        if limit is None:
            return Exposure(Level.INTERNET, False, f"{what} admits everyone")
        return Exposure(limit.level, limit.authenticated, f"{what} admits everyone {limit.why}")
    level = _level_of(principal, resource)
    if limit is not None and limit.level < level:
        return Exposure(limit.level, limit.authenticated, f"{what} admits {principal} {limit.why}")
    where = {Level.ACCOUNT: "of its own account", Level.CROSS_ACCOUNT: "from outside its account"}
    return Exposure(level, True, f"{what} admits {principal}, {where[level]}")


def _level_of(principal: str, resource: Resource) -> Level:
    found = _ACCOUNT.match(principal)
    account = (found.group(1) or found.group(2)) if found else ""
    if account:
        return Level.ACCOUNT if account == resource.account else Level.CROSS_ACCOUNT
    # A reference, this account's pseudo parameter, or the unique id of a principal of the account.
    here = any(mark in principal for mark in _HERE) or principal.startswith(("AROA", "AIDA"))
    return Level.ACCOUNT if here else Level.CROSS_ACCOUNT


def restriction(condition: Any, resource: Resource) -> Exposure | None:
    """Return what conditions narrow "everyone" down to, None when they leave it everyone.

    Operators that also hold when the key is absent (`...IfExists`, negations) narrow nothing.
    """
    if not isinstance(condition, Mapping):
        return None
    if is_unknown(condition):
        return Exposure(Level.CROSS_ACCOUNT, None, "under conditions that are not known")
    found = [
        limit
        for operator, tests in condition.items()
        if _POSITIVE.match(str(operator)) and isinstance(tests, Mapping)
        for key, values in tests.items()
        if (limit := _limit(str(key).lower(), _listed(values), resource)) is not None
    ]
    return min(found, key=lambda e: e.level, default=None)


def _limit(key: str, values: list[Any], resource: Resource) -> Exposure | None:
    texts = [v for v in values if isinstance(v, str)]
    if len(texts) < len(values):
        return Exposure(Level.CROSS_ACCOUNT, None, f"under a condition on {key} that is not known")
    if not texts or _EVERYWHERE & set(texts):
        return None
    if key in _ACCOUNT_KEYS:
        here = all(t == resource.account or t.startswith("${") for t in texts)
        return _narrowed(here, "of its own account", "of the accounts it lists")
    if key in _ORGANISATION_KEYS:
        return Exposure(Level.CROSS_ACCOUNT, True, "of its organisation")
    if key in _NETWORK_KEYS:
        return Exposure(Level.ACCOUNT, None, "from its own network")
    if key == "aws:sourceip":
        return Exposure(Level.CROSS_ACCOUNT, None, "from the addresses it lists")
    if key in _ARN_KEYS:
        return _arn_limit(texts, resource)
    return None


def _arn_limit(texts: list[str], resource: Resource) -> Exposure | None:
    accounts = {found.group(1) if (found := _IN_ARN.match(t)) else "" for t in texts}
    if any(t.startswith("*") or re.match(r"arn:[^:]*:\*", t) for t in texts):
        return None
    # Bucket and API ARNs may carry no account; they name one thing all the same.
    here = all(a in ("", resource.account) for a in accounts)
    return _narrowed(here, "through the source it names", "through the sources it names")


def _narrowed(here: bool, near: str, far: str) -> Exposure:  # the two outcomes of one question
    return Exposure(Level.ACCOUNT, True, near) if here else Exposure(Level.CROSS_ACCOUNT, True, far)
