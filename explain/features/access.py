"""Who can reach the resource, and whether they must say who they are."""

import math

from explain.feature import Column, Direction, feature
from explain.scene import Scene, known
from explain.sentence import levels


@feature(
    label="exposure",
    unit="0 nobody, 1 this account, 2 other accounts, 3 the internet",
    direction=Direction.RISES,
    source="resource policies, URLs, APIs and subscriptions, through the resource graph",
    says=levels(
        {
            0: "nothing but its own account's administrators can reach it",
            1: "only its own account can reach it",
            2: "other accounts can reach it",
            3: "anyone on the internet can reach it",
        }
    ),
    peers=levels(
        {
            0: "are out of everybody's reach",
            1: "can be reached only inside the account",
            2: "can be reached from other accounts",
            3: "can be reached by anyone on the internet",
        }
    ),
    evidence="exposure",
)
def exposure_level(scene: Scene) -> Column:
    """The widest circle from which the resource can be reached; not known where nothing was read."""

    def value(row: int) -> float:
        exposure = scene.exposures[row]
        return float(exposure.level) if known(exposure) else math.nan

    return scene.per_resource_row(value)


@feature(
    label="authentication",
    unit="0 callers are authenticated, 1 they are not",
    direction=Direction.RISES,
    source="authorizers, AuthType and policy principals, through the resource graph",
    says=levels({0: "callers must prove who they are", 1: "no authentication of callers"}),
    peers=levels({0: "authenticate their callers", 1: "admit callers without authentication"}),
)
def unauthenticated(scene: Scene) -> Column:
    """Whether those who reach it need not authenticate; not known where no policy decides it."""

    def value(row: int) -> float:
        exposure = scene.exposures[row]
        if exposure.authenticated is not None:
            return float(not exposure.authenticated)
        return 0.0 if known(exposure) and exposure.level <= 1 else math.nan

    return scene.per_resource_row(value)
