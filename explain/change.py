"""Changes that somebody could make, and what each would do to the features."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from core.types import Counterfactual
from explain.feature import Column

Mask = NDArray[np.bool_]
Row = Mapping[str, Column]


class Effort(IntEnum):
    """What a change asks of people, least first."""

    SETTING = 1
    POLICY = 2
    MIGRATION = 3


@dataclass(frozen=True, slots=True)
class Change:
    """An actionable change: when it applies, and the values it leaves.

    `words` may depend on the type of resource; `*` stands for any other type. `control` is the one
    whose fix is this change, by which its price is known; empty where there is no one price.
    """

    feature: str
    words: Mapping[str, str]
    effort: Effort
    applies: Callable[[Row], Mask]
    leaves: Callable[[Row], Mapping[str, Column]]
    control: str = ""

    def phrase(self, resource_type: str) -> str:
        """Return what to do, as an imperative."""
        return self.words.get(resource_type, self.words["*"])


def _to(row: Row, name: str, ceiling: float) -> Column:
    """Return the column with every known value above the ceiling brought down to it."""
    return np.fmin(row[name], np.where(np.isnan(row[name]), np.nan, ceiling))


def _above(name: str, threshold: float) -> Callable[[Row], Mask]:
    return lambda row: np.nan_to_num(row[name], nan=-1.0) > threshold


def _set(**ceilings: float) -> Callable[[Row], Mapping[str, Column]]:
    # an older model does not know every feature
    return lambda row: {name: _to(row, name, c) for name, c in ceilings.items() if name in row}


CHANGES: tuple[Change, ...] = (
    Change(
        "unauthenticated",
        {
            "AWS::Lambda::Url": "set AuthType to AWS_IAM",
            "AWS::Lambda::Function": "require AWS_IAM on its URL, or an authorizer on its API",
            "AWS::ApiGateway::RestApi": "attach an authorizer",
            "AWS::ApiGatewayV2::Api": "attach an authorizer",
            "AWS::ApiGateway::Method": "attach an authorizer",
            "AWS::ApiGatewayV2::Route": "attach an authorizer",
            "*": "require callers to authenticate",
        },
        Effort.SETTING,
        _above("unauthenticated", 0),
        _set(unauthenticated=0.0, exposure_level=2.0),  # who must sign in is no longer "anyone"
        control="lambda-url-authentication",
    ),
    Change(
        "exposure_level",
        {
            "AWS::S3::Bucket": "block public and foreign access to the bucket",
            "AWS::Lambda::Function": "let only its own account call it",
            "AWS::IAM::Role": "trust only principals of its own account",
            "*": "close it to everyone outside the account",
        },
        Effort.SETTING,
        _above("exposure_level", 1),
        _set(exposure_level=1.0, unauthenticated=0.0),
        control="lambda-not-public",
    ),
    Change(
        "weak_encryption",
        {"*": "encrypt it with a key of your own"},
        Effort.SETTING,
        _above("weak_encryption", 0),
        _set(weak_encryption=0.0),
        control="dynamodb-cmk",
    ),
    Change(
        "role_admin",
        {"*": "replace administrator rights by the actions it uses"},
        Effort.POLICY,
        _above("role_admin", 0),
        lambda row: {
            **_set(role_admin=0.0, whole_services=0.0, escalations=0.0, wildcard_actions=0.0)(row)
        },
        control="iam-admin",
    ),
    Change(
        "whole_services",
        {"*": "name the actions the role uses instead of wildcards"},
        Effort.POLICY,
        lambda row: _above("wildcard_actions", 0)(row) & ~_above("role_admin", 0)(row),
        _set(whole_services=0.0, wildcard_actions=0.0),
        control="iam-wildcard-action",
    ),
    Change(
        "escalations",
        {"*": "take away the IAM actions by which the role can raise its own rights"},
        Effort.POLICY,
        lambda row: _above("escalations", 0)(row) & ~_above("role_admin", 0)(row),
        _set(escalations=0.0),
        control="iam-privilege-escalation",
    ),
    Change(
        "sensitive_in_reach",
        {"*": "keep the role away from the stores tagged sensitive"},
        Effort.POLICY,
        _above("sensitive_in_reach", 0),
        lambda row: {
            "sensitive_in_reach": _to(row, "sensitive_in_reach", 0.0),
            "stores_in_reach": row["stores_in_reach"] - row["sensitive_in_reach"],
        },
        control="iam-wildcard-resource",
    ),
    Change(
        "secrets_in_environment",
        {"*": "move the secrets from the environment to Secrets Manager"},
        Effort.MIGRATION,
        _above("secrets_in_environment", 0),
        _set(secrets_in_environment=0.0),
        control="lambda-env-secrets",
    ),
    Change(
        "runtime_deprecated_days",
        {"*": "move to a supported runtime"},
        Effort.MIGRATION,
        _above("runtime_deprecated_days", 0),
        _set(runtime_deprecated_days=0.0, exploited_since=0.0),
        control="lambda-runtime",
    ),
    Change(
        "other_findings",
        {"*": "fix the other findings on it"},
        Effort.MIGRATION,
        _above("other_findings", 0),
        _set(other_findings=0.0, worst_other=0.0),
    ),
)


CONTROLS: Mapping[str, str] = {change.feature: change.control for change in CHANGES}
"""By the feature that a change is about: the control whose fix has its price."""


def cheapest_first(found: Iterable[Counterfactual]) -> tuple[Counterfactual, ...]:
    """Order changes: least effort, then least money (what is not known last), then most effect."""
    return tuple(
        sorted(
            found,
            key=lambda c: (c.effort, c.monthly_delta is None, c.monthly_delta or 0, c.risk_after),
        )
    )
