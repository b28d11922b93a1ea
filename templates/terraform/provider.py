"""Provider blocks: which region, and which tags every resource gets.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#default_tags
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from templates.terraform.evaluate import Evaluator
from templates.terraform.syntax import Access, Expression, Literal, Name, Nested
from templates.terraform.values import later


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider configuration: `name` is "aws", or "aws.west" for one with an alias."""

    name: str
    region: Any
    default_tags: Any


def providers_of(blocks: Iterable[Nested], evaluator: Evaluator) -> dict[str, Provider]:
    """Return the providers of a module by name."""
    found: dict[str, Provider] = {}
    for block in blocks:
        alias = block.body.get("alias")
        suffix = f".{alias.value}" if isinstance(alias, Literal) else ""
        name = f"{block.labels[0]}{suffix}"
        region = block.body.get("region")
        tags = next((t.body.get("tags") for t in block.body.of_type("default_tags")), None)
        found[name] = Provider(
            name,
            evaluator.value(region) if region is not None else None,
            evaluator.value(tags) if tags is not None else {},
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
    if tags is None:
        return defaults
    if isinstance(tags, Mapping) and isinstance(defaults, Mapping):
        return {**defaults, **tags}
    return later(defaults if isinstance(tags, Mapping) else tags)
