"""A scene as arrays that a network can learn from: nodes, typed edges, findings on nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explain.feature import Feature, Scope, declared
from explain.features import access, grants, identity, paths
from explain.memory import REMEMBERED
from explain.scene import Scene
from graph import reference
from graph.typed import FOREIGN, INTERNET, EdgeType, typed_edges

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

_OF_ROLE = (identity, grants)
_BY_GRAPH = (access, paths)
_ALSO_BY_GRAPH = ("stores_in_reach", "sensitive_in_reach", "role_sharers", "referrers", "triggers")


def read_through_the_graph() -> frozenset[str]:
    """Return the features that are read of other resources than the finding's own."""
    modules = [each.__name__ for each in (*_OF_ROLE, *_BY_GRAPH)]
    return frozenset(
        f.name for f in declared() if f.compute.__module__ in modules or f.name in _ALSO_BY_GRAPH
    )


def of_finding() -> tuple[Feature, ...]:
    """Return the features of a finding itself, without what a model remembers of decisions."""
    return tuple(f for f in declared() if f.scope is Scope.FINDING and f.name not in REMEMBERED)


def of_node() -> tuple[Feature, ...]:
    """Return the features of a resource that are read of it alone; a role's are its own."""
    through = read_through_the_graph()
    return tuple(
        f
        for f in declared()
        if f.scope is Scope.RESOURCE and (f.name not in through or _is_of_role(f))
    )


def _is_of_role(feature: Feature) -> bool:
    modules = [each.__name__ for each in _OF_ROLE]
    return feature.compute.__module__ in modules and feature.name not in _ALSO_BY_GRAPH


@dataclass(frozen=True, slots=True)
class GraphArrays:
    """One snapshot: the resources and, as the last two nodes, the internet and other accounts.

    `nodes` is nodes x features, scaled by `scaled`; `kinds` names each node's type; `edges` has for
    each edge type and direction the sources and targets (2 x edges).
    """

    nodes: Array
    kinds: tuple[str, ...]
    edges: Mapping[tuple[EdgeType, bool], Rows]


def graph_arrays(scene: Scene) -> GraphArrays:
    """Return a scene's resource graph, every edge in both directions."""
    resources = scene.resources
    place = {r.uid: row for row, r in enumerate(resources)}
    place |= {INTERNET: len(resources), FOREIGN: len(resources) + 1}
    pairs: dict[tuple[EdgeType, bool], list[tuple[int, int]]] = {}
    for kind, source, target in typed_edges(resources, scene.relations):
        a, b = place[source], place[target]
        pairs.setdefault((kind, True), []).append((a, b))
        pairs.setdefault((kind, False), []).append((b, a))
    edges = {k: np.array(v, dtype=np.intp).T for k, v in sorted(pairs.items())}
    kinds = (*(r.type for r in resources), INTERNET, FOREIGN)
    return GraphArrays(_nodes(scene), kinds, edges)


def _nodes(scene: Scene) -> Array:
    has_own = np.array(
        [r.type in (reference.ROLE, reference.USER) for r in scene.resources], dtype=bool
    )
    columns = [
        np.where(has_own, scene.columns[f.name], np.nan)
        if _is_of_role(f)
        else scene.columns[f.name]
        for f in of_node()
    ]
    own = scaled(np.column_stack(columns))
    return np.vstack([own, np.zeros((2, own.shape[1]))])


def scaled(x: Array) -> Array:
    """Return numbers on a scale of about 0 to 3, 0 where not known, and beside them what is known."""
    known = ~np.isnan(x)
    shrunk = np.sign(x) * np.log1p(np.abs(x))
    return np.hstack([np.where(known, shrunk / 2, 0.0), known.astype(np.float64)])


def of_findings(matrix: Array, names: Sequence[str]) -> Array:
    """Take the features of findings out of a matrix with these columns, scaled."""
    return scaled(matrix[:, [list(names).index(f.name) for f in of_finding()]])
