"""Whether ways from outside lead through the resource, how near the internet it is, and to what."""

import math

from core.types import Resource
from explain.feature import Column, Direction, feature
from explain.scene import Scene
from explain.sentence import counted, levels
from graph.path import Goal


@feature(
    label="attack paths",
    unit="targets",
    direction=Direction.RISES,
    source="the resource graph: ways from the internet or another account, through this resource",
    says=counted(
        none="no way from outside leads through it to sensitive data or administrator rights",
        one="ways from outside lead through it to 1 sensitive store or administrator",
        many="ways from outside lead through it to {n} sensitive stores and administrators",
    ),
    peers=counted(
        none="stand on no attack path",
        one="stand on an attack path",
        many="stand on the way to {n} or more targets",
    ),
)
def attack_paths(scene: Scene) -> Column:
    """How many targets are reached from outside through it; not known where "none" was not fully read."""
    through = scene.paths.through

    def value(resource: Resource) -> float:
        count = through.get(resource.uid, 0)
        unread = not count and scene.reach[resource.uid].unread
        return math.nan if unread else float(count)

    return scene.per_resource(value)


@feature(
    label="steps from the internet",
    unit="steps, 0 for what the internet reaches itself",
    direction=Direction.FALLS,
    source="the resource graph: the way of least effort",
    says=counted(
        none="the internet reaches it directly",
        one="it is 1 step away from what the internet reaches",
        many="it is {n} steps away from what the internet reaches",
    ),
)
def internet_distance(scene: Scene) -> Column:
    """How many steps from what the internet reaches; not known where no way leads there."""
    distance = scene.paths.distance
    return scene.per_resource(lambda r: float(distance.get(r.uid, math.nan)))


@feature(
    label="on the way to sensitive data",
    unit="0 or 1",
    direction=Direction.RISES,
    source="the resource graph: the attack paths of least effort that are told as findings",
    says=levels(
        {
            0: "no attack path to sensitive data that we tell runs over it",
            1: "an attack path to sensitive data runs over it",
        }
    ),
    peers=levels(
        {0: "are on no told path to sensitive data", 1: "are on a path to sensitive data"}
    ),
)
def on_path_to_sensitive(scene: Scene) -> Column:
    """Whether a told way to sensitive data runs over the resource."""
    on = {
        uid
        for path in scene.paths.found
        if path.goal is Goal.DATA
        for way in path.ways
        for edge in way.edges
        for uid in (edge.source, edge.target.partition("|")[2] or edge.target, edge.where)
    }
    return scene.per_resource(lambda r: float(r.uid in on))
