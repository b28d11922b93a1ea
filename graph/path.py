"""Ways from the internet or another account to sensitive data or to an administrator's rights.

A way is a chain of typed edges, each with what says so. Least effort comes first: an open door costs
less than one that asks who comes, what is certain less than what may be. What counts as another way
is another chain of roles: a thousand functions that run as one role are one way in.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.types import Estate, Resource, Snapshot
from graph.access import Access
from graph.blast import is_sensitive
from graph.exposed import exposure
from graph.principal import Level
from graph.relations import Relations, relate
from graph.step import Edge, Kind, Steps

MOST_STEPS = 8
MOST_STATES = 5_000  # beginnings of ways looked at for one target
MOST_WAYS = 8  # told of one target; more are counted no further

_OPEN, _DOUBTFUL, _ASKING = 1, 2, 4  # effort of a way in: nobody asks, not known, a proof is asked


class Origin(StrEnum):
    """Where a way begins."""

    INTERNET = "the internet"
    FOREIGN = "another account"


class Goal(StrEnum):
    """What a way ends at."""

    DATA = "sensitive data"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Way:
    """One chain of edges. `alike` counts the other resources that stand in the first one's place."""

    edges: tuple[Edge, ...]
    effort: int
    alike: int = 0

    @property
    def certain(self) -> bool:
        """Whether every edge is sure to hold."""
        return all(edge.certain for edge in self.edges)


@dataclass(frozen=True, slots=True)
class AttackPath:
    """All ways found from an origin to one target, least effort first.

    `authenticated` says whether the first way asks callers for a proof; None where not known.
    `cut` is the edge whose removal breaks most of all ways found, `breaks` how many.
    """

    origin: Origin
    goal: Goal
    target: Resource
    ways: tuple[Way, ...]
    authenticated: bool | None
    cut: Edge
    breaks: int


@dataclass(frozen=True, slots=True)
class Paths:
    """The attack paths of a snapshot, and each resource's steps from the internet."""

    found: tuple[AttackPath, ...]
    distance: Mapping[str, int]
    through: Mapping[str, int]


def attack_paths(
    snapshot: Snapshot, *, estate: Estate | None = None, relations: Relations | None = None
) -> Paths:
    """Search a snapshot; the same snapshot gives the same paths in the same order."""
    estate, known = estate or Estate(), relations or relate(snapshot.resources)
    wanted = tuple(t.lower() for t in estate.sensitivity_tags)
    sensitive = [r for r in snapshot.resources if is_sensitive(r, wanted)]
    steps = Steps(snapshot.resources, sensitive, Access(known))
    found: list[tuple[Origin, str, list[Way]]] = []
    distance: Mapping[str, int] = {}
    through: dict[str, int] = {}
    for origin in Origin:
        search = _Search(steps, _doors(snapshot.resources, known, origin, estate))
        found += [(origin, goal, search.ways(goal)) for goal in sorted(search.goals())]
        if origin is Origin.INTERNET:
            distance = search.distance()
        for uid, count in search.through().items():
            through[uid] = through.get(uid, 0) + count
    cuts = _cuts(found)
    paths = [_path(origin, goal, ways, known, cuts) for origin, goal, ways in found if ways]
    return Paths(tuple(paths), distance, through)


def _doors(
    resources: Sequence[Resource], relations: Relations, origin: Origin, estate: Estate
) -> Iterator[Edge]:
    level = Level.INTERNET if origin is Origin.INTERNET else Level.CROSS_ACCOUNT
    for resource in resources:
        seen = exposure(resource, relations)
        if seen.level == level and not (
            origin is Origin.FOREIGN and _is_trusted(seen.why, resource, estate)
        ):
            effort = {False: _OPEN, None: _DOUBTFUL, True: _ASKING}[seen.authenticated]
            yield Edge(
                Kind.REACHES,
                origin.value,
                resource.uid,
                seen.why,
                resource.uid,
                effort,
                seen.authenticated is not None,
                seen.grounds,
            )


def _is_trusted(why: str, resource: Resource, estate: Estate) -> bool:
    """Whether the way in is an account that the settings trust."""
    return any(account in why for account in estate.trusted_accounts if account != resource.account)


class _Search:
    """One search from the doors of an origin; edges are made when they are first walked."""

    def __init__(self, steps: Steps, doors: Iterator[Edge]) -> None:
        self._effort: dict[str, int] = {}
        self._hops: dict[str, int] = {}
        self._back: dict[str, Edge] = {}
        self._into: dict[str, list[Edge]] = {}
        self._walk(steps, sorted(doors, key=lambda e: (e.effort, e.target)))

    def _walk(self, steps: Steps, doors: Sequence[Edge]) -> None:
        waiting = [(edge.effort, 1, edge.target, n) for n, edge in enumerate(doors)]
        edges = list(doors)
        heapq.heapify(waiting)
        while waiting:
            effort, hops, uid, number = heapq.heappop(waiting)
            self._into.setdefault(uid, []).append(edges[number])
            if uid in self._effort:
                continue
            self._effort[uid], self._hops[uid], self._back[uid] = effort, hops, edges[number]
            if hops >= MOST_STEPS:
                continue
            for edge in steps.onward(uid):
                heapq.heappush(waiting, (effort + edge.effort, hops + 1, edge.target, len(edges)))
                edges.append(edge)

    def goals(self) -> list[str]:
        return [uid for uid in self._effort if uid.startswith(("data|", "admin|"))]

    def distance(self) -> dict[str, int]:
        """Return the steps from the origin by least effort: 0 for what it reaches itself."""
        found = {u: h - 1 for u, h in self._hops.items() if not u.startswith(("data|", "admin|"))}
        for goal in self.goals():
            found.setdefault(goal.partition("|")[2], self._hops[goal] - 1)
        return found

    def through(self) -> dict[str, int]:
        """Return for each resource that is reached how many targets its own onward edges lead to."""
        counts: dict[str, set[str]] = {}
        for goal in self.goals():
            waiting, seen = [goal], {goal}
            while waiting:
                for edge in self._into.get(waiting.pop(), ()):
                    if edge.source in self._effort and edge.source not in seen:
                        seen.add(edge.source)
                        waiting.append(edge.source)
            for uid in seen:
                counts.setdefault(uid.partition("|")[2] if uid == goal else uid, set()).add(goal)
        return {uid: len(reached) for uid, reached in counts.items()}

    def ways(self, goal: str) -> list[Way]:
        """Return the ways to a target, least effort first, one for each chain of roles.

        Walked backwards; since the effort from the origin is known exactly for every node, they
        come in order and nothing is walked in vain.
        """
        found: list[Way] = []
        waiting: list[tuple[int, int, str, tuple[Edge, ...], int]] = [
            (self._effort[goal], 0, goal, (), 0)
        ]
        number = 0
        while waiting and len(found) < MOST_WAYS and number < MOST_STATES:
            effort, _, uid, tail, alike = heapq.heappop(waiting)
            if tail and uid not in self._effort:
                found.append(Way(tail, effort, alike))
                continue
            if len(tail) >= MOST_STEPS:
                continue
            behind = sum(edge.effort for edge in tail)
            visited = {edge.target for edge in tail}
            for edge, others in self._before(uid):
                if edge.source not in visited:
                    number += 1
                    least = self._effort.get(edge.source, 0) + edge.effort + behind
                    state = (least, number, edge.source, (edge, *tail), alike or others)
                    heapq.heappush(waiting, state)
        return found

    def _before(self, uid: str) -> list[tuple[Edge, int]]:
        """Return the edges to walk back: all between roles, the best one where things run as a role."""
        into = self._into.get(uid, [])
        between = [e for e in into if e.kind in _BETWEEN_ROLES]
        carried = [e for e in into if e.kind not in _BETWEEN_ROLES]
        best = min(
            carried,
            key=lambda e: (self._effort.get(e.source, 0) + e.effort, e.source),
            default=None,
        )
        others = max(sum(e.kind is Kind.RUNS_AS for e in carried) - 1, 0)
        return [(e, 0) for e in between] + ([(best, others)] if best else [])


_BETWEEN_ROLES = frozenset({Kind.ASSUMES, Kind.READS, Kind.INVOKES, Kind.ESCALATES})


def _cuts(found: Sequence[tuple[Origin, str, list[Way]]]) -> Mapping[Edge, int]:
    """Count for each edge the ways that end when it is gone; a door beside others ends none."""
    broken: dict[Edge, int] = {}
    for _, _, ways in found:
        for way in ways:
            for edge in _that_hold(way):
                broken[edge] = broken.get(edge, 0) + 1
    return broken


def _that_hold(way: Way) -> tuple[Edge, ...]:
    """Return the edges without which a way is no more."""
    if not way.alike:
        return way.edges
    first = next((n for n, e in enumerate(way.edges) if e.kind is Kind.RUNS_AS), -1)
    return way.edges[first + 1 :] or way.edges[-1:]


def _path(
    origin: Origin,
    goal: str,
    ways: Sequence[Way],
    relations: Relations,
    cuts: Mapping[Edge, int],
) -> AttackPath:
    kind, _, uid = goal.partition("|")
    target = relations.by_uid(uid)
    if target is None:
        raise LookupError(uid)
    removable = [e for e in _that_hold(ways[0]) if e.kind is not Kind.RUNS_AS]
    # Of equals the last: a statement nearer to the target is taken back with less harm than a door.
    cut = max(
        enumerate(removable or ways[0].edges), key=lambda pair: (cuts.get(pair[1], 0), pair[0])
    )[1]
    asks = {_OPEN: False, _DOUBTFUL: None, _ASKING: True}[ways[0].edges[0].effort]
    return AttackPath(
        origin,
        Goal.DATA if kind == "data" else Goal.ADMINISTRATOR,
        target,
        tuple(ways),
        asks,
        cut,
        cuts.get(cut, 0),
    )
