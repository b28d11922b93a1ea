"""Read a whole tree of Terraform: each root module, as the resources that policies judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import UnreadableTemplate
from core.types import Resource
from templates.terraform.configuration import Sources, root_modules
from templates.terraform.model import Block
from templates.terraform.read import Module, read_module
from templates.terraform.translate import translate

_TOO_DEEP = "The module is nested or refers to itself too deeply."


@dataclass(frozen=True, slots=True)
class ReadModule:
    """A root module in CloudFormation's names.

    `conditional` says, by address, why it is not known whether a block exists. `notes` tell what
    could not be read as it stands. `blocks` are what the resources were translated from.
    """

    directory: str
    resources: tuple[Resource, ...]
    conditional: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """The root modules of a tree; `unreadable` says, by directory, why one could not be read."""

    modules: tuple[ReadModule, ...]
    unreadable: Mapping[str, str]


def read_tree(
    files: Mapping[str, bytes],
    *,
    repository: str = "",
    secret_key: bytes,
    region: str = "",
    account: str = "",
) -> Tree:
    """Read every module that no other one calls, with the modules it calls itself.

    `files` holds all files below one folder by their paths there, those that are not Terraform
    too: `file()` may read them. Without a `region`, the provider's stands.
    """
    sources = Sources(files)
    modules: list[ReadModule] = []
    unreadable: dict[str, str] = {}
    for directory in root_modules(sources):
        try:
            modules.append(
                read_root(
                    sources,
                    directory,
                    repository=repository,
                    secret_key=secret_key,
                    region=region,
                    account=account,
                )
            )
        except UnreadableTemplate as error:
            unreadable[directory] = str(error)
    return Tree(tuple(modules), unreadable)


def read_root(  # noqa: PLR0913 - one call says what is read and where it stands
    sources: Sources,
    directory: str,
    *,
    repository: str,
    secret_key: bytes,
    region: str = "",
    account: str = "",
) -> ReadModule:
    """Read one root module of a tree. Raises: UnreadableTemplate."""
    try:
        module = read_module(sources, directory=directory, secret_key=secret_key)
    except RecursionError as error:
        raise UnreadableTemplate(_TOO_DEEP) from error
    translation = translate(
        module.blocks,
        repository=repository,
        secret_key=secret_key,
        module=directory,
        region=region or _region(module),
        account=account,
    )
    notes = (*module.notes, *translation.notes)
    return ReadModule(
        directory, translation.resources, module.conditional, notes, blocks=module.blocks
    )


def _region(module: Module) -> str:
    region = module.providers.get("aws", {}).get("region")
    return region if isinstance(region, str) and "${" not in region else ""
