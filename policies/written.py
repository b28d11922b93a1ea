"""Cases that are written as people write: the resource of a Terraform or CloudFormation text."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from core.errors import UnreadableTemplate
from core.types import Resource
from graph import relate
from policies.model import Language, Policy

_SOURCES = ("terraform", "cloudformation")
_SECRET_KEY = b"cases"


def is_written(item: Mapping[str, Any]) -> bool:
    """Whether a case gives source text."""
    return any(language in item for language in _SOURCES)


def written(
    item: Mapping[str, Any], policy: Policy, *, account: str, region: str
) -> tuple[Resource, Mapping[str, tuple[Resource, ...]]]:
    """Return the one resource of a case's text that the policy judges, and its relatives.

    Raises: UnreadableTemplate; ValueError where it judges none or several.
    """
    ((language, text),) = [(each, str(item[each])) for each in _SOURCES if each in item]
    read = _terraform if language == "terraform" else _cloudformation
    resources = read(text, account, region)
    judged = [r for r in resources if not policy.resource_types or r.type in policy.resource_types]
    if "address" in item:
        judged = [r for r in judged if r.source and r.source.address == item["address"]]
    if len(judged) != 1:
        raise ValueError(
            f"{item['name']}: its {language} holds {len(judged)} resources that {policy.check_id} "
            "judges; name one by address"
        )
    related = relate(resources).of(judged[0])
    every = policy.foreign or policy.language is not Language.REGO
    wanted = related if every else policy.related_types
    # A copy of its own: the text is read once, and cases are told apart by their resources.
    return replace(judged[0]), {kind: each for kind, each in related.items() if kind in wanted}


@lru_cache(maxsize=1024)
def _terraform(text: str, account: str, region: str) -> tuple[Resource, ...]:
    from templates import terraform  # a scan, which runs no cases, needs none of the readers

    tree = terraform.read_tree(
        {"main.tf": text.encode()}, secret_key=_SECRET_KEY, region=region, account=account
    )
    for reason in tree.unreadable.values():
        raise UnreadableTemplate(reason)
    return tuple(resource for module in tree.modules for resource in module.resources)


@lru_cache(maxsize=1024)
def _cloudformation(text: str, account: str, region: str) -> tuple[Resource, ...]:
    import templates

    data = text.encode()
    return templates.read(
        data, file="template.yaml", secret_key=_SECRET_KEY, account=account, region=region
    ).resources
