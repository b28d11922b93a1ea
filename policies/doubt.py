"""Says what it means for a verdict that a value is not known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.types import UNKNOWN_KEY, Resource, is_unknown
from policies.model import ITSELF, RELATED, Policy

Related = Mapping[str, Sequence[Resource]]
"""Resources related to one, by type."""


def supposed(resource: Resource) -> Resource:
    """Suppose the worst of what is unknown in policy statements, where that is one thing.

    An Allow reaches every resource without a condition, a Deny reaches none. Where even that breaks
    no rule, the unknown value decides nothing: writing to a queue whose ARN is not known is not
    administrator access. Unknown actions and principals stay: none is the worst for every rule.
    """
    return replace(resource, properties=_supposed(resource.properties))


def _supposed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_supposed(item) for item in value]
    if not isinstance(value, Mapping) or is_unknown(value):
        return value
    if "Effect" not in value:
        return {key: _supposed(item) for key, item in value.items()}
    statement = dict(value)
    effect = statement.get("Effect")
    if "Resource" in statement:
        reach = "*" if effect == "Allow" else ""
        statement["Resource"] = _reaching(statement["Resource"], reach)
    if effect == "Allow" and holds_unknown(statement.get("Condition")):
        del statement["Condition"]
    return statement


def _reaching(resources: Any, reach: str) -> Any:
    if isinstance(resources, list | tuple):
        return [reach if is_unknown(each) else each for each in resources]
    return reach if is_unknown(resources) else resources


def holds_unknown(value: Any) -> bool:
    """Whether a value is the unknown marker or holds one at any depth."""
    return next(_unknown_in(value, ()), None) is not None


def undecided(policy: Policy, resource: Resource, related: Related) -> tuple[str, ...]:
    """Return why a policy's silence proves nothing: what it reads that is unknown, and the reason."""
    if resource.partial and not any(_stated(path, resource) for path in policy.reads):
        return ()
    found: dict[str, None] = {}
    for path in policy.reads:
        for reason in _unknown_along(path, resource, related):
            found[reason] = None
    return tuple(found)


def _stated(path: str, resource: Resource) -> bool:
    """Whether the part that is declared here says what a path reads.

    The rest of the resource is declared elsewhere, and to be judged there.
    """
    first = path.split(".", maxsplit=1)[0].removesuffix(ITSELF)
    return first in resource.properties and not is_unknown(resource.properties[first])


def _unknown_along(path: str, resource: Resource, related: Related) -> Iterator[str]:
    if not path.startswith(RELATED):
        for reason in _unknown_in(resource.properties, path.split(".")):
            yield f"{path.removesuffix(ITSELF)} is not known ({reason})"
        return
    kind, _, inner = path.removeprefix(RELATED).partition(".")
    if kind in resource.unreadable:
        yield f"{kind} could not be read ({resource.unreadable[kind]})"
    for other in related.get(kind, ()):
        for reason in _unknown_in(other.properties, inner.split(".") if inner else []):
            yield f"{inner.removesuffix(ITSELF) or kind} of {other.name} is not known ({reason})"


def _unknown_in(value: Any, path: Sequence[str]) -> Iterator[str]:
    """Yield the reason of each unknown value met on the way down a path, or below its end.

    A path that ends in `!` means the value itself: what it holds does not matter.
    """
    if is_unknown(value):
        yield str(value[UNKNOWN_KEY])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _unknown_in(item, path)
    elif isinstance(value, Mapping):
        if not path:
            for item in value.values():
                yield from _unknown_in(item, path)
        elif path[0].endswith(ITSELF):
            yield from _reason(value.get(path[0].removesuffix(ITSELF)))
        elif path[0] in value:
            yield from _unknown_in(value[path[0]], path[1:])


def _reason(value: Any) -> Iterator[str]:
    if is_unknown(value):
        yield str(value[UNKNOWN_KEY])
