"""How wide, how conditional and how shared the identity behind a resource is."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from explain.feature import Column, Direction, feature
from explain.features.identity import SOURCE, of_permissions
from explain.scene import ROLE, Scene
from explain.sentence import counted, levels, share
from graph.iam import Permissions, Statement


def _of(permissions: Permissions, effect: str) -> list[Statement]:
    return [s for s in permissions.statements if s.get("Effect") == effect]


def _actions(permissions: Permissions) -> Iterator[str]:
    for statement in _of(permissions, "Allow"):
        yield from (a for a in statement.get("Action", ()) if isinstance(a, str))


@feature(
    label="granted actions",
    unit="action patterns",
    direction=Direction.RISES,
    source=SOURCE,
    says=counted(
        none="the role is granted nothing",
        one="the role is granted 1 action",
        many="the role is granted {n} actions or patterns of actions",
    ),
)
def granted_actions(scene: Scene) -> Column:
    """How many different actions, or patterns of them, the policies name."""
    return of_permissions(scene, lambda p: float(len({a.lower() for a in _actions(p)})))


@feature(
    label="grants on every resource",
    unit="statements",
    direction=Direction.RISES,
    source=SOURCE,
    says=counted(
        none="every grant of the role names its resources",
        one="1 statement of the role grants its actions on every resource",
        many="{n} statements of the role grant their actions on every resource",
    ),
    peers=counted(
        none="name the resources of every grant",
        one="have a grant on every resource",
        many="have {n} or more grants on every resource",
    ),
)
def unscoped_grants(scene: Scene) -> Column:
    """How many Allow statements name no resource."""
    return of_permissions(
        scene, lambda p: float(sum("*" in s.get("Resource", ()) for s in _of(p, "Allow")))
    )


@feature(
    label="conditional grants",
    unit="share 0 to 1",
    direction=Direction.FREE,
    source=SOURCE,
    says=share("{x} of the role's grants hang on a condition"),
    speaks=bool,
)
def conditional_grants(scene: Scene) -> Column:
    """Which share of the Allow statements has a condition; not known without any."""

    def value(permissions: Permissions) -> float:
        grants = _of(permissions, "Allow")
        return sum(bool(s.get("Condition")) for s in grants) / len(grants) if grants else np.nan

    return of_permissions(scene, value)


@feature(
    label="denies",
    unit="statements",
    direction=Direction.FREE,
    source=SOURCE,
    says=counted(
        none="nothing is denied to the role",
        one="1 statement denies something to the role",
        many="{n} statements deny something to the role",
    ),
    speaks=bool,
)
def denies(scene: Scene) -> Column:
    """How many statements deny the identity something."""
    return of_permissions(scene, lambda p: float(len(_of(p, "Deny"))))


@feature(
    label="permissions boundary",
    unit="0 has one, 1 has none",
    direction=Direction.FREE,
    source="the role's permissions boundary",
    says=levels(
        {0: "a permissions boundary holds the role", 1: "no permissions boundary holds it"}
    ),
    peers=levels({0: "have a permissions boundary", 1: "have no permissions boundary"}),
)
def unbounded(scene: Scene) -> Column:
    """Whether no boundary limits the identity."""
    return of_permissions(scene, lambda p: float(p.boundary is None))


_DESTROYS = ("delete", "remove", "terminate", "purge", "destroy")


@feature(
    label="destructive actions",
    unit="action patterns",
    direction=Direction.RISES,
    source=SOURCE,
    says=counted(
        none="the role names no action that deletes",
        one="the role may take 1 kind of action that deletes",
        many="the role may take {n} kinds of action that delete",
    ),
    speaks=bool,
)
def destructive_actions(scene: Scene) -> Column:
    """How many granted actions delete, or are so wide that they take deleting in."""

    def destroys(action: str) -> bool:
        verb = action.partition(":")[2].lower() or action
        return verb.startswith(("*", *_DESTROYS))

    return of_permissions(scene, lambda p: float(len({a for a in _actions(p) if destroys(a)})))


@feature(
    label="shared role",
    unit="other resources with the same role",
    direction=Direction.FREE,
    source="the resource graph: who runs as the role",
    says=counted(
        none="nothing else uses its role",
        one="1 other resource uses the same role",
        many="{n} other resources use the same role",
    ),
    peers=counted(
        none="have a role to themselves",
        one="share their role",
        many="share their role with {n} or more others",
    ),
    speaks=bool,
)
def role_sharers(scene: Scene) -> Column:
    """How many other resources run as the same role; of a role, how many run as it."""
    users: Counter[int] = Counter()
    role_of = np.full(len(scene.resources), -1)
    for row, resource in enumerate(scene.resources):
        if resource.type == ROLE:
            role_of[row] = row
            continue
        for edge in scene.relations.outgoing(resource):
            if edge.target.type == ROLE:
                role_of[row] = scene.row_of[edge.target.uid]
                users[int(role_of[row])] += 1
                break
    counts = np.array([users[row] for row in range(len(scene.resources))], dtype=np.float64)
    own = np.array([r.type != ROLE for r in scene.resources], dtype=np.float64)
    return np.where(role_of >= 0, counts[role_of] - own, np.nan) if len(counts) else counts
