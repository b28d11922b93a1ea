"""What the resource may do, itself or through its role."""

from collections.abc import Callable

import numpy as np

from explain.feature import Column, Direction, feature
from explain.scene import Scene
from explain.sentence import counted, levels
from graph import escalation, iam
from graph.iam import Permissions

SOURCE = "the role's inline and managed policies, with their denies"


def of_permissions(scene: Scene, value: Callable[[Permissions], float]) -> Column:
    """Build a column from what each resource may do; NaN without a role.

    Where part of the policies could not be read, "none" is not known either.
    """
    known: dict[int, float] = {}
    column = np.full(len(scene.resources), np.nan)
    for row, permissions in enumerate(scene.permissions):
        if permissions is None:
            continue
        if id(permissions) not in known:
            found = value(permissions)
            known[id(permissions)] = np.nan if permissions.unread and not found else found
        column[row] = known[id(permissions)]
    return column


@feature(
    label="administrator",
    unit="0 or 1",
    direction=Direction.RISES,
    source=SOURCE,
    says=levels({0: "the role is no administrator", 1: "the role may do anything in the account"}),
    peers=levels({0: "have a role short of administrator", 1: "run as an administrator"}),
)
def role_admin(scene: Scene) -> Column:
    """Whether the identity may do everything."""
    return of_permissions(scene, lambda p: float(iam.is_admin(p.statements) and p.boundary is None))


@feature(
    label="wildcard actions",
    unit="action patterns",
    direction=Direction.RISES,
    source=SOURCE,
    says=counted(
        none="the role names every action it may take",
        one="the role's policies grant 1 action pattern by wildcard",
        many="the role's policies grant {n} action patterns by wildcard",
    ),
)
def wildcard_actions(scene: Scene) -> Column:
    """How many allowed action patterns hold a wildcard."""
    return of_permissions(scene, lambda p: float(len(iam.wildcard_actions(p.statements))))


@feature(
    label="whole services",
    unit="services",
    direction=Direction.RISES,
    source=SOURCE,
    says=counted(
        none="the role is granted no service as a whole",
        one="the role may do everything in 1 service",
        many="the role may do everything in {n} services",
    ),
    peers=counted(
        none="grant no service as a whole",
        one="have a role with a whole service",
        many="have a role with {n} whole services or more",
    ),
)
def whole_services(scene: Scene) -> Column:
    """How many services the identity is granted in full."""
    return of_permissions(scene, lambda p: float(len(iam.service_wildcards(p.statements))))


@feature(
    label="ways to escalate",
    unit="known ways",
    direction=Direction.RISES,
    source="sets of IAM actions that let an identity raise itself (MITRE ATT&CK T1098)",
    says=counted(
        none="the role has no known way to raise its own rights",
        one="the role has 1 known way to raise its own rights",
        many="the role has {n} known ways to raise its own rights",
    ),
    peers=counted(
        none="have no way to raise their own rights",
        one="have a role that can raise its own rights",
        many="have a role with {n} or more ways to raise its own rights",
    ),
)
def escalations(scene: Scene) -> Column:
    """How many known ways of privilege escalation the identity is allowed."""
    return of_permissions(scene, lambda p: float(len(escalation.escalations(p.statements))))
