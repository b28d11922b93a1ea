"""The registry: one decorated function is one collector.

A collector declares the resource types it yields and every API operation it may call; the
read-only role, the documentation and the benchmark's counts are generated from these declarations.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.types import Resource

if TYPE_CHECKING:  # the reader imports this module's types: a cycle at run time
    from collectors.reader import Reader

Collect = Callable[["Reader"], Iterable[Resource]]


class Scope(StrEnum):
    """How often a collector runs: in every region, or once an account."""

    REGIONAL = "regional"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Collector:
    """One registered collector. `calls` are botocore names ("lambda:ListFunctions")."""

    name: str
    title: str
    yields: tuple[str, ...]
    calls: tuple[str, ...]
    scope: Scope
    collect: Collect


COLLECTORS: dict[str, Collector] = {}

SHARED_CALLS = ("sts:GetCallerIdentity", "resourcegroupstaggingapi:GetResources")
"""Calls made on behalf of every collector: who we are, and the tags of everything."""

USAGE_CALLS = ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")
"""Calls made when usage is asked for."""


def collector(
    *, yields: Sequence[str], calls: Sequence[str], scope: Scope = Scope.REGIONAL
) -> Callable[[Collect], Collect]:
    """Register a function as a collector under its own name; its docstring is the title."""

    def register(function: Collect) -> Collect:
        name = function.__name__
        if name in COLLECTORS:
            raise ValueError(f"two collectors are called {name}")
        title = (function.__doc__ or "").strip().splitlines()[0]
        COLLECTORS[name] = Collector(
            name=name,
            title=title,
            yields=tuple(yields),
            calls=tuple(calls),
            scope=scope,
            collect=function,
        )
        return function

    return register


def registered() -> tuple[Collector, ...]:
    """Return every collector, in the order of their names."""
    from collectors import estate  # noqa: F401 - importing it registers them all

    return tuple(COLLECTORS[name] for name in sorted(COLLECTORS))


def supported_types() -> tuple[str, ...]:
    """Return every resource type that some collector yields."""
    return tuple(sorted({kind for each in registered() for kind in each.yields}))


def declared_calls() -> tuple[str, ...]:
    """Return every API operation that a scan may call."""
    calls = {call for each in registered() for call in each.calls}
    return tuple(sorted(calls | set(SHARED_CALLS) | set(USAGE_CALLS)))
