"""A resource in the making: what one block says, before parts are put to it."""

from dataclasses import dataclass, field
from typing import Any

from core.types import SourceSpan
from templates.terraform.mapping import Kind
from templates.terraform.model import Block


@dataclass(slots=True)
class Draft:
    """A resource in the making. `named` is how parts name one that is declared elsewhere."""

    address: str
    kind: Kind
    block: Block
    properties: dict[str, Any]
    places: dict[str, SourceSpan] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    named: tuple[Any, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether only parts of this are declared."""
        return self.named != ()


def key(block: Block) -> str:
    """Return the name under which the tables know a block's type."""
    return f"data.{block.type}" if block.mode == "data" else block.type
