"""Blueprints that state values and need nothing else: property path -> value.

A path is written with dots; `*` stands for every item of a list.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation.blueprint import FREE, blueprint
from remediation.draft import Path, Target, dig

Values = Mapping[str, Any]
_EVERY = "*"


def state(  # noqa: PLR0913 - what a blueprint says of itself, keywords all
    *check_ids: str,
    summary: str,
    tier: Tier,
    values: Values,
    sam: Values | None = None,
    asks_who_calls: bool = False,
    may_break: tuple[str, ...] = (),
    cost: str = FREE,
) -> None:
    """Register the blueprint of these checks that sets each path to its value.

    `sam` says where SAM's own types keep the values; None means that they cannot state them.
    """

    def apply(target: Target) -> None:
        state_values(target, _values_for(target, values, sam))

    blueprint(
        *check_ids,
        summary=summary,
        tier=tier,
        asks_who_calls=asks_who_calls,
        may_break=may_break,
        cost=cost,
    )(apply)


def state_values(target: Target, values: Values) -> None:
    """Set each path that says something else to its value. Raises: Declined."""
    for text, value in values.items():
        for path in _expanded(target, text.split("."), ()):
            if target.get(*path) != value:
                target.set(path, value)


def _values_for(target: Target, values: Values, sam: Values | None) -> Values:
    if not target.is_sam:
        return values
    if sam is None:
        raise Declined(f"{target.type} cannot state this; declare the resource it makes yourself")
    return sam


def _expanded(target: Target, steps: Sequence[str], before: Path) -> Iterator[Path]:
    """Yield the path with every `*` replaced by the number of an item."""
    if _EVERY not in steps:
        yield (*before, *steps)
        return
    place = list(steps).index(_EVERY)
    owner = (*before, *steps[:place])
    items = dig(target.properties, owner)
    if not isinstance(items, list) or not all(_is_plain(item) for item in items):
        raise Declined(f"{'.'.join(map(str, owner))} of {target.id} is not a plain list")
    for number in range(len(items)):
        yield from _expanded(target, steps[place + 1 :], (*owner, number))


def _is_plain(item: Any) -> bool:
    return isinstance(item, Mapping) and not any(str(k).startswith("Fn::") for k in item)
