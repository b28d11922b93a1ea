"""Every edge of a snapshot by its type: who invokes, assumes, reads, writes, decrypts, is exposed.

Unlike the steps of an attack path these do not ask where they lead to: they are the whole resource
graph, as a network learns from it. Conditions and policies of the other side are not weighed here.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum

from core.types import Resource
from graph import reference
from graph.blast import STORE_ACTIONS, Stores, calls, identity_of
from graph.exposed import exposure
from graph.iam import permissions
from graph.principal import Level
from graph.relations import Relations
from graph.step import READ_ACTIONS

INTERNET, FOREIGN = "the internet", "another account"
"""What stands in the place of a resource where an edge comes from outside."""

_RUN = ("lambda:InvokeFunction", "lambda:UpdateFunctionCode")


class EdgeType(IntEnum):
    """What an edge stands for; the numbers are part of a trained network."""

    INVOKE = 0
    ASSUME = 1
    READ = 2
    WRITE = 3
    DECRYPT = 4
    EXPOSE = 5
    PART = 6


TypedEdge = tuple[EdgeType, str, str]
"""A type and the uids of its two ends."""


def typed_edges(resources: Sequence[Resource], relations: Relations) -> tuple[TypedEdge, ...]:
    """Return every edge once, sorted; INTERNET and FOREIGN stand for those outside."""
    found: set[TypedEdge] = set()
    for resource in resources:
        found.update(_exposed(resource, relations))
        found.update(_named(resource, relations))
    found.update(_of_roles(resources, relations))
    known = {r.uid for r in resources} | {INTERNET, FOREIGN}
    return tuple(sorted(e for e in found if e[1] != e[2] and e[1] in known and e[2] in known))


def _exposed(resource: Resource, relations: Relations) -> Iterator[TypedEdge]:
    level = exposure(resource, relations).level
    if level >= Level.CROSS_ACCOUNT:
        yield EdgeType.EXPOSE, INTERNET if level == Level.INTERNET else FOREIGN, resource.uid


def _named(resource: Resource, relations: Relations) -> Iterator[TypedEdge]:
    for source, target in calls(resource, relations):
        yield EdgeType.INVOKE, source, target
    role = identity_of(resource, relations)
    if role is not None:
        yield EdgeType.ASSUME, resource.uid, role.uid
    whole = resource.uid.partition("|")[0]
    if whole != resource.uid:
        yield EdgeType.PART, resource.uid, whole
    for edge in relations.outgoing(resource):
        if edge.target.type in (reference.KEY, reference.KEY_ALIAS):
            yield EdgeType.DECRYPT, resource.uid, edge.target.uid


def _of_roles(resources: Sequence[Resource], relations: Relations) -> Iterator[TypedEdge]:
    stores = {way: Stores(resources, actions) for way, actions in _WAYS.items()}
    for role in resources:
        if role.type in (reference.ROLE, reference.USER):
            held = permissions(role, relations)
            for way, of in stores.items():
                yield from ((way, role.uid, uid) for uid in of.within(held, role))
            yield from _trusted(role, relations)


def _trusted(role: Resource, relations: Relations) -> Iterator[TypedEdge]:
    """Yield who may take a role, as its trust policy names them."""
    for edge in relations.outgoing(role):
        if edge.target.type in (reference.ROLE, reference.USER):
            yield EdgeType.ASSUME, edge.target.uid, role.uid


def _written(kind: str) -> tuple[str, ...]:
    return tuple(a for a in STORE_ACTIONS[kind] if a not in READ_ACTIONS.get(kind, ()))


_WAYS = {
    EdgeType.READ: READ_ACTIONS,
    EdgeType.WRITE: {kind: _written(kind) for kind in READ_ACTIONS},
    EdgeType.DECRYPT: {reference.KEY: ("kms:Decrypt",)},
    EdgeType.INVOKE: {reference.FUNCTION: _RUN},
}
