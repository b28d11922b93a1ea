"""Who may act for whom: trust policies of roles, permissions of functions."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation import sam_role
from remediation.blueprint import blueprint
from remediation.draft import Path, Target, dig, ref

# Services that act for a resource of the account that passed them the role, and say which.
# Source: each service's guide, "confused deputy".
_SHARED = frozenset(
    f"{name}.amazonaws.com" for name in ("bedrock", "codebuild", "pipes", "scheduler", "states")
)
_TRUST: Path = ("AssumeRolePolicyDocument", "Statement")


@blueprint(
    "PL-IAM-016",
    summary="Let the services take the role for this account only",
    tier=Tier.IDENTITY,
    may_break=("A service that acts for another account can no longer take the role",),
)
def service_trust(target: Target) -> None:
    """A role is passed within its account, so whoever uses it rightly is in this one."""
    if target.type != "AWS::IAM::Role":
        target = sam_role.write_out(target)
    statements = target.get(*_TRUST)
    if not isinstance(statements, list):
        raise Declined(f"The trust policy of {target.id} is not written as a list of statements")
    for number, statement in enumerate(statements):
        if _is_open(statement):
            path = (*_TRUST, number, "Condition", "StringEquals", "aws:SourceAccount")
            target.set(path, ref("AWS::AccountId"))


def _is_open(statement: Any) -> bool:
    services = dig(statement, ("Principal", "Service"))
    names = services if isinstance(services, list) else [services]
    shared = [n for n in names if isinstance(n, str) and n in _SHARED]
    if not shared or dig(statement, ("Effect",)) != "Allow":
        return False
    if len(shared) < len(names):
        raise Declined(
            "The statement trusts other services too: give them a statement of their own"
        )
    conditions = statement.get("Condition")
    keys = {
        str(key).lower()
        for of_kind in (conditions.values() if isinstance(conditions, Mapping) else ())
        for key in (of_kind if isinstance(of_kind, Mapping) else ())
    }
    return not keys & {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"}


@blueprint(
    "PL-LAMBDA-032",
    "PL-LAMBDA-033",
    summary="Let the service call the function for this account only",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("The same service can no longer call on behalf of other accounts",),
)
def permission_account(target: Target) -> None:
    """A bucket's name can be taken by another account once it is free; the account cannot."""
    if target.type != "AWS::Lambda::Permission":
        raise Declined("The permission comes from an event of the function")
    target.set(("SourceAccount",), ref("AWS::AccountId"))
