"""Whether a role may do something to a resource, weighing every policy that speaks of it.

An explicit Deny in any policy wins. In one account the identity's policies or the resource's are
enough, and the permissions boundary limits both; across accounts both must allow. A key and a
role's trust ask for their own policy always: what it leaves to the account needs an identity policy
besides. Session policies and those of an organisation are no part of a configuration that we read;
they could only narrow an answer.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
and https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html, excerpts read 2026-11-25.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.types import EMPTY, Resource
from graph import reference
from graph.condition import Context, Holds, all_of, any_of, context, holds, opposite
from graph.exposed import policies_of
from graph.iam import (
    Permissions,
    Statement,
    covers_action,
    permissions,
    resource_matches,
    statements,
    unread,
)
from graph.relations import Relations

# These answer to nobody whom their own policy does not name, in their own account either.
_OWN_POLICY_DECIDES = frozenset({reference.KEY, reference.ROLE})
_ACCOUNT_PRINCIPAL = re.compile(r"^(?:arn:[^:]*:iam::(\d{12}|\$\{AWS::AccountId\}):root|(\d{12}))$")
_OBJECT = re.compile(r"^s3:.*Object", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it is allowed (None: not known), the words of what says so, and the statements."""

    allowed: Holds
    because: tuple[str, ...] = ()
    grants: tuple[Statement, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether it is allowed, or may be."""
        return self.allowed is not False


@dataclass(frozen=True, slots=True)
class _Side:
    """What one policy says: whether it allows, whether it denies, and in which statements."""

    allow: Holds
    deny: Holds
    grants: tuple[tuple[str, Statement], ...] = ()


@dataclass(frozen=True)
class Access:
    """Answers questions about one snapshot; what an identity may do is read once."""

    relations: Relations
    _held: dict[str, Permissions] = field(default_factory=dict)
    _own: dict[str, tuple[tuple[str, tuple[Statement, ...], tuple[str, ...]], ...]] = field(
        default_factory=dict
    )

    def held(self, principal: Resource) -> Permissions:
        """Return what a role or user may do."""
        if principal.uid not in self._held:
            self._held[principal.uid] = permissions(principal, self.relations)
        return self._held[principal.uid]

    def may(
        self, principal: Resource, action: str, target: Resource, *, call: Context = EMPTY
    ) -> Answer:
        """Say whether a principal may do an action on a target, or a part of it.

        `call` adds condition keys that are known of this call, in lower case.
        """
        held, known = self.held(principal), {**context(principal, target), **call}
        identity = _unread(_weigh(held.statements, action, target, known), held.unread)
        limit = _limit(held, action, target, known)
        direct, delegated = self._granted(principal, action, target, known)
        limited = all_of((identity.allow, limit.allow))
        # What names the role itself is limited by the boundary too; see the flow of one account.
        named = all_of((direct.allow, limit.allow))
        if principal.account != target.account:
            allow = all_of((limited, any_of((direct.allow, delegated.allow))))
        elif target.type in _OWN_POLICY_DECIDES and self._policies(target):
            allow = any_of((named, all_of((limited, delegated.allow))))
        else:
            allow = any_of((limited, named))
        denied = any_of((identity.deny, limit.deny, direct.deny, delegated.deny))
        grants = (*identity.grants, *direct.grants, *delegated.grants)
        return Answer(
            all_of((allow, opposite(denied))),
            tuple(dict.fromkeys(words for words, _ in grants)),
            tuple(rule for _, rule in grants),
        )

    def _policies(
        self, target: Resource
    ) -> tuple[tuple[str, tuple[Statement, ...], tuple[str, ...]], ...]:
        if target.uid not in self._own:
            self._own[target.uid] = tuple(
                (where, _held_by(uid, document), unread(document))
                for where, document, uid in policies_of(target, self.relations)
            )
        return self._own[target.uid]

    def _granted(
        self, principal: Resource, action: str, target: Resource, known: Context
    ) -> tuple[_Side, _Side]:
        """Return what a resource's own policies grant the principal, and what they leave to its account."""
        named: list[Statement] = []
        left: list[Statement] = []
        missing: list[str] = []
        for where, rules, reasons in self._policies(target):
            missing += reasons
            for rule in rules:
                told = {**rule, "Origin": where}
                if _names(rule, principal, self.relations):
                    named.append(told)
                elif _names_account(rule, principal):
                    left.append(told)
        missing += [w for kind, w in target.unreadable.items() if "Policy" in kind]
        direct = _weigh(named, action, target, known)
        return _unread(direct, missing), _weigh(left, action, target, known)


def _held_by(uid: str, document: Any) -> tuple[Statement, ...]:
    return tuple({**rule, "Holder": uid} for rule in statements(document))


def _unread(side: _Side, missing: Sequence[str]) -> _Side:
    if not missing:
        return side
    return _Side(any_of((side.allow, None)), any_of((side.deny, None)), side.grants)


def _limit(held: Permissions, action: str, target: Resource, known: Context) -> _Side:
    if held.boundary is None:
        lost = any("boundary" in reason for reason in held.unread)
        return _Side(None if lost else True, False)
    return _weigh(held.boundary, action, target, known)


def _weigh(rules: Sequence[Statement], action: str, target: Resource, known: Context) -> _Side:
    allows: list[Holds] = []
    denies: list[Holds] = []
    said: list[tuple[str, Statement]] = []
    for rule in rules:
        if not covers_action(rule, action):
            continue
        grants = rule.get("Effect") == "Allow"
        if not _covers(rule, action, target, whole=not grants):
            continue
        held = holds(rule.get("Condition"), known)
        (allows if grants else denies).append(held)
        if grants and held is not False:
            said.append((_words(rule, action), rule))
    return _Side(any_of(allows), any_of(denies), tuple(said))


def _words(rule: Statement, action: str) -> str:
    sid = f"statement {rule['Sid']}" if isinstance(rule.get("Sid"), str) else "a statement"
    origin = rule.get("Origin", "a policy")
    under = " under conditions" if rule.get("Condition") else ""
    return f"{origin}: {sid} allows {action}{under}"


def _covers(rule: Statement, action: str, target: Resource, *, whole: bool) -> bool:
    """Whether a statement speaks of the target; with `whole`, of all that is in it."""
    if "NotResource" in rule:
        return not any(
            _speaks(p, action, target, whole=not whole) for p in _texts(rule["NotResource"])
        )
    if "Resource" not in rule:
        return True
    return any(_speaks(p, action, target, whole=whole) for p in _texts(rule["Resource"]))


def _speaks(pattern: str, action: str, target: Resource, *, whole: bool) -> bool:
    names = (target.uid, *target.aliases)
    if target.type != reference.BUCKET or pattern == "*":
        return resource_matches(pattern, names)
    head, slash, tail = pattern.partition("/")
    if _OBJECT.match(action):
        # Objects have names of their own: a bucket's ARN alone is none of them.
        if not slash and not head.endswith("*"):
            return False
        partial = bool(slash) and tail not in ("*", "**")
        return resource_matches(head, names) and not (whole and partial)
    return not slash and resource_matches(head, names)


def _texts(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list | tuple) else [value]:
        if isinstance(item, str):
            yield item


def _principals(rule: Statement, key: str = "Principal") -> list[str]:
    named = rule.get(key)
    if isinstance(named, Mapping):
        return [*_texts(named.get("AWS"))]
    return [*_texts(named)] if named == "*" else []


def _names(rule: Statement, principal: Resource, relations: Relations) -> bool:
    """Whether a statement names a principal itself, or everybody."""
    if "NotPrincipal" in rule:
        # The listed are left out of an Allow and spared by a Deny alike.
        listed = _principals(rule, "NotPrincipal")
        return not any(_is(p, principal, relations) for p in listed)
    return any(p == "*" or _is(p, principal, relations) for p in _principals(rule))


def _is(named: str, principal: Resource, relations: Relations) -> bool:
    if named in (principal.uid, *principal.aliases):
        return True
    found = relations.by_alias(named, near=principal) if "${" in named else None
    return found is not None and found.uid == principal.uid


def _names_account(rule: Statement, principal: Resource) -> bool:
    for named in _principals(rule):
        found = _ACCOUNT_PRINCIPAL.match(named)
        account = (found.group(1) or found.group(2)) if found else ""
        here = not principal.account or account.startswith("${")  # a template's own account
        if account and (here or account == principal.account):
            return True
    return False
