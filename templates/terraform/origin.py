"""Where the value of an attribute is written: in its block, a local, a default, an argument."""

import posixpath
import re
from dataclasses import dataclass

from core.errors import Declined, FactMissing
from templates.terraform import edit
from templates.terraform.configuration import Sources, local_source
from templates.terraform.edit import Path, Where
from templates.terraform.syntax import (
    Access,
    Expression,
    Listing,
    Literal,
    Name,
    Nested,
    Record,
)

_MAX_SHOWN = 80
_MAX_HOPS = 20


@dataclass(frozen=True, slots=True)
class Spot:
    """A block of a file; an empty `where` is the file itself, as of a variable file."""

    file: str
    where: Where

    @property
    def directory(self) -> str:
        """The folder of the module that the block belongs to."""
        return posixpath.dirname(self.file)


@dataclass(frozen=True, slots=True)
class Origin:
    """The attribute to edit; `note` is what an edit of it means to others, if it is elsewhere."""

    spot: Spot
    path: Path
    note: str = ""


def origin(sources: Sources, spot: Spot, path: Path) -> Origin:
    """Follow a value to where it is written.

    A value that others use too, that is computed, or that is given only at deployment has no such
    place. Raises: Declined.
    """
    found = Origin(spot, path)
    for _ in range(_MAX_HOPS):
        file = sources.parsed(found.spot.file)
        value = edit.value_at(file, found.spot.where, found.path)
        named = _named(value)
        if named is None:
            if value is not None and not isinstance(value, Literal | Listing | Record):
                text = " ".join(file.content[value.start : value.end].decode().split())
                raise FactMissing(f"{edit.dotted(path)} is computed: {text[:_MAX_SHOWN]}")
            return found
        found = _step(sources, found.spot.directory, *named)
    raise Declined(f"{edit.dotted(path)} is handed on too often to be followed")


def _named(value: Expression | None) -> tuple[str, str] | None:
    """Return the root and name of a whole local or variable."""
    if not isinstance(value, Access) or not isinstance(value.target, Name):
        return None
    root, steps = value.target.name, value.steps
    if root in ("var", "local") and len(steps) == 1 and isinstance(steps[0], str):
        return root, steps[0]
    return None


def _step(sources: Sources, directory: str, root: str, name: str) -> Origin:
    _refuse_other_uses(sources, directory, f"{root}.{name}")
    if root == "local":
        return _local(sources, directory, name)
    block = sources.configuration(directory).variables.get(name)
    if block is None:
        raise Declined(f"var.{name} is not declared in {directory or 'this module'}")
    given = _argument(sources, directory, name)
    if given is not None:
        return given
    return _default(sources, directory, name, block)


def _refuse_other_uses(sources: Sources, directory: str, text: str) -> None:
    # A mention in a comment counts as a use: that errs to the safe side.
    pattern = re.compile(rf"(?<![\w.]){re.escape(text)}(?![\w-])")
    paths = sources.configuration(directory).files
    contents = [sources.content(p) or b"" for p in paths]
    uses = sum(len(pattern.findall(c.decode("utf-8", "replace"))) for c in contents)
    if uses > 1:
        raise Declined(f"The value is {text}, which {uses - 1} other places use too")


def _local(sources: Sources, directory: str, name: str) -> Origin:
    for path in sources.configuration(directory).files:
        for block in sources.parsed(path).body.of_type("locals"):
            if block.body.get(name) is not None:
                return Origin(Spot(path, ("locals",)), (name,))
    raise Declined(f"local.{name} is not declared in {directory or 'this module'}")


def _argument(sources: Sources, directory: str, name: str) -> Origin | None:
    """Return where the one caller gives a value; None where none gives any. Raises: Declined."""
    calls = [
        block
        for caller in sources.directories()
        for block in sources.configuration(caller).modules.values()
        if local_source(block, caller) == directory and directory != caller
    ]
    giving = [block for block in calls if block.body.get(name) is not None]
    if not giving:
        return None
    if len(calls) > 1:
        raise Declined(f"The value is var.{name}, and {len(calls)} calls of the module decide it")
    block = giving[0]
    return Origin(Spot(block.file.path, ("module", block.labels[0])), (name,))


def _default(sources: Sources, directory: str, name: str, block: Nested) -> Origin:
    if any(block.body.of_type("validation")):
        raise Declined(f"var.{name} has a validation: whether it takes the new value is not clear")
    for file in reversed(list(sources.values(directory))):
        if file.body.get(name) is not None:
            return Origin(Spot(file.path, ()), (name,))
    if block.body.get("default") is None:
        raise FactMissing(f"The value is var.{name}, which has no default: deployment gives it")
    note = f"The default of var.{name} changes; a value that is given at deployment still wins"
    return Origin(Spot(block.file.path, ("variable", name)), ("default",), note)
