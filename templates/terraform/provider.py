"""Provider blocks: which region, and which tags every resource gets.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from templates.terraform.syntax import Access, Expression, Literal, Name, Nested
from templates.terraform.values import later


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider configuration: `name` is "aws", or "aws.west" for one with an alias.

    What it says is evaluated when asked for: it may come from a module that uses it.
    """

    name: str
    region: Callable[[], Any]
    default_tags: Callable[[], Any]


def providers_of(
    blocks: Iterable[Nested], evaluate: Callable[[str, Expression | None], Any]
) -> dict[str, Provider]:
    """Return the providers of a module by name; `evaluate` takes a name to remember it by."""
    found: dict[str, Provider] = {}
    for block in blocks:
        alias = block.body.get("alias")
        suffix = f".{alias.value}" if isinstance(alias, Literal) else ""
        name = f"{block.labels[0]}{suffix}"
        region = block.body.get("region")
        tags = next((t.body.get("tags") for t in block.body.of_type("default_tags")), None)
        found[name] = Provider(
            name,
            partial(evaluate, f"{name}.region", region),
            partial(evaluate, f"{name}.default_tags", tags),
        )
    return found


def provider_name(expression: Expression) -> str:
    """Return the name that `provider = aws.west`, or its text, refers to."""
    if isinstance(expression, Literal):
        return str(expression.value)
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Access) and isinstance(expression.target, Name):
        steps = (s for s in expression.steps if isinstance(s, str))
        return ".".join((expression.target.name, *steps))
    return ""


def all_tags(tags: Any, defaults: Any) -> Any:
    """Return the tags that a resource gets: its own over its provider's."""
    if defaults is None:
        return tags
    if tags is None:
        return defaults
    if isinstance(tags, Mapping) and isinstance(defaults, Mapping):
        return {**defaults, **tags}
    return later(defaults if isinstance(tags, Mapping) else tags)
