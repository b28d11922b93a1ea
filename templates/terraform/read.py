"""Read a root module: everything it declares, evaluated, with its places."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from core.types import unknown
from templates.terraform.configuration import Sources
from templates.terraform.evaluate import Evaluator
from templates.terraform.model import Block
from templates.terraform.module import Caller, Found, ModuleScope, Run
from templates.terraform.provider import all_tags
from templates.terraform.syntax import Body, Literal, Step
from templates.terraform.values import Budget, TooMuch, Unknown
from templates.terraform.written import document, finished

_DOCUMENTS = re.compile(
    r"(?:\w*polic(?:y|ies)|\w*documents?|\w*pattern|\w*definitions?|\w*body|json|minified_json)\Z"
)


@dataclass(frozen=True, slots=True)
class Module:
    """What a root module declares, with the modules it calls.

    `conditional` says, by address, why it is not known whether or how often a block exists.
    `providers` holds `region` and `default_tags` by the provider's name ("aws", "aws.west").
    `notes` say what was not read.
    """

    directory: str
    blocks: tuple[Block, ...]
    conditional: Mapping[str, str] = field(default_factory=dict)
    providers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_module(
    files: Mapping[str, bytes] | Sources,
    *,
    directory: str = "",
    variables: Mapping[str, Any] | None = None,
    secret_key: bytes,
) -> Module:
    """Read the root module in a directory of a tree.

    `files` holds everything below the checked root by its path there; reading several modules of
    one tree is faster with one `Sources`. `variables` go before the directory's variable files.
    Whatever the author calls sensitive leaves as a fingerprint; all other values stand as they
    are written, so that who keeps them must veil them first. Raises: UnreadableTemplate.
    """
    sources = files if isinstance(files, Sources) else Sources(files)
    run = Run(sources, directory, secret_key, Budget(directory))
    scope = ModuleScope(directory, run, Caller(arguments=_given(sources, run, variables or {})))
    blocks: list[Block] = []
    conditional: dict[str, str] = {}
    for found in scope.blocks():
        blocks.append(_block(found, run.budget))
        if found.uncertain:
            conditional[found.instance.address] = found.uncertain
    providers = {
        p.name: _finished("", {"region": p.region(), "default_tags": p.default_tags()}, run.budget)
        for p in scope.providers.values()
    }
    return Module(directory, tuple(blocks), conditional, providers, tuple(run.notes))


class _Constants:
    """The scope of variable files: they may name nothing."""

    def __init__(self, run: Run) -> None:
        self.budget = run.budget
        self.secret_key = run.secret_key

    def lookup(self, name: str, steps: Sequence[Step]) -> tuple[Any, int]:
        return Unknown(f"{name} in a variable file"), len(steps)

    def read(self, _path: str) -> bytes | None:
        return None


def _given(
    sources: Sources, run: Run, variables: Mapping[str, Any]
) -> dict[str, Callable[[], Any]]:
    """Return the values that are given to the root module's variables, the strongest last."""
    evaluator = Evaluator(_Constants(run))
    given: dict[str, Callable[[], Any]] = {}
    for file in sources.values(run.root):
        given |= {a.name: partial(evaluator.value, a.value) for a in file.body.attributes}
    return given | {name: partial(_same, value) for name, value in variables.items()}


def _same(value: Any) -> Any:
    return value


def _block(found: Found, budget: Budget) -> Block:
    instance = found.instance
    kind, name = instance.block.labels
    values = instance.values(budget)
    if found.mode == "managed" and kind.startswith("aws_"):
        defaults = found.provider.default_tags() if found.provider else None
        if defaults or "tags" in values:
            values.setdefault("tags_all", all_tags(values.get("tags"), defaults))
    attributes = {n: _finished(n, v, budget) for n, v in values.items()}
    if found.provider and "." in found.provider.name:
        attributes["provider"] = found.provider.name
    if lifecycle := _lifecycle(instance.block.body):
        attributes["lifecycle"] = [lifecycle]
    block = instance.block
    return Block(
        mode=found.mode,
        type=kind,
        name=name,
        address=instance.address,
        attributes=attributes,
        span=block.file.span(block.start, block.end, address=instance.address),
        spans=instance.spans(),
    )


def _lifecycle(body: Body) -> dict[str, bool]:
    """Return the switches of a block's lifecycle, which Terraform takes as literals only."""
    return {
        attribute.name: attribute.value.value is True
        for block in body.of_type("lifecycle")
        for attribute in block.body.attributes
        if attribute.name in ("prevent_destroy", "create_before_destroy")
        and isinstance(attribute.value, Literal)
    }


def _finished(name: str, value: Any, budget: Budget) -> Any:
    try:
        budget.measure(value)  # before the walk below, which counts nothing itself
        return finished(_documented(name, value, budget), budget)
    except TooMuch as error:
        return unknown(str(error))


def _documented(name: str, value: Any, budget: Budget) -> Any:
    """Parse JSON where an attribute's name says that it is a document.

    Maps are left alone: a text in a map of environment variables or tags is only a text, and one
    that stays whole can be veiled whole.
    """
    if isinstance(value, list):
        return [
            {k: _documented(k, m, budget) for k, m in member.items()}
            if isinstance(member, dict)
            else _documented(name, member, budget)
            for member in value
        ]
    return document(value, budget) if _DOCUMENTS.match(name) else value
