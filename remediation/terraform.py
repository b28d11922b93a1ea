"""A tree of Terraform while it is edited, and the block a blueprint puts right in it.

As with templates, each edit is applied before the next is made.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.errors import Declined, UnreadableTemplate
from core.types import Edit, Estate, Finding, Resource, SourceSpan
from remediation import words
from templates.patch import apply
from templates.terraform import Block, ReadModule, Sources, edit, writer
from templates.terraform.configuration import calls_of, reach
from templates.terraform.origin import Spot, origin
from templates.terraform.syntax import Nested
from templates.terraform.writer import Code

Path = tuple[str | int, ...]
_INDEX = re.compile(r"\[[^\]]*\]\Z")
_META = ("provider", "for_each", "count")

ReadRoot = Callable[[Sources, str], ReadModule]


@dataclass(frozen=True, slots=True)
class DeclaredBlock:
    """One instance of a resource block."""

    type: str
    span: SourceSpan


@dataclass(frozen=True)
class Reading:
    """The root modules of a tree that see one file, read."""

    files: Mapping[str, bytes]
    modules: tuple[ReadModule, ...]
    outputs: frozenset[str] = field(default_factory=frozenset)

    @property
    def content(self) -> tuple[tuple[str, bytes], ...]:
        """What tells this version of the tree from others."""
        return tuple(self.files.items())

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Every resource of these modules."""
        return tuple(r for module in self.modules for r in module.resources)

    @cached_property
    def groups(self) -> tuple[tuple[Resource, ...], ...]:
        """The resources of each module: those of one know nothing of the others'."""
        return tuple(module.resources for module in self.modules)

    @cached_property
    def declared(self) -> Mapping[str, DeclaredBlock]:
        """The blocks by address."""
        return {
            block.address: DeclaredBlock(block.type, block.span)
            for module in self.modules
            for block in module.blocks
            if block.mode == "managed"
        }


class TreeDraft:
    """The files of a tree, edited step by step."""

    def __init__(self, files: Mapping[str, bytes], *, seeing: str, read_root: ReadRoot) -> None:
        """Take a tree; `seeing` is the directory whose root modules are read.

        Raises: Declined when none can be.
        """
        self.files = dict(files)
        self.sources = Sources(self.files)
        self._read_root = read_root
        self._roots = _roots(self.sources, seeing)
        self._reading: Reading | None = None

    def apply(self, path: str, edits: Sequence[Edit]) -> None:
        """Make edits that hold for the present content of a file, and read the tree again."""
        if edits:
            self.files[path] = apply(self.files[path], edits)
            self.sources = Sources(self.files)
            self._reading = None

    @property
    def reading(self) -> Reading:
        """The tree as it is now. Raises: Declined when it cannot be read."""
        if self._reading is None:
            self._reading = self._read()
        return self._reading

    def _read(self) -> Reading:
        try:
            modules = tuple(self._read_root(self.sources, root) for root in self._roots)
            outputs = {
                f"{directory}/{name}"
                for directory in self.sources.directories()
                for name in self.sources.configuration(directory).outputs
            }
        except UnreadableTemplate as error:
            raise Declined(f"The module cannot be read: {error}") from error
        return Reading(dict(self.files), modules, frozenset(outputs))


def _roots(sources: Sources, directory: str) -> tuple[str, ...]:
    """Return the root modules that a directory is part of, itself included if nobody calls it."""
    calls = calls_of(sources)
    if directory not in calls:
        raise Declined(f"There is no Terraform in {words.one_line(directory) or 'the root folder'}")
    called = {target for caller, targets in calls.items() for target in targets - {caller}}
    found = []
    for root in sorted(set(calls) - called) or [directory]:
        reached: set[str] = set()
        reach(root, calls, reached)
        if directory in reached:
            found.append(root)
    return tuple(found) or (directory,)


class TerraformTarget:
    """The block that a finding is about, inside a draft.

    `notes` collects what a blueprint has to say of this one change.
    """

    def __init__(
        self, draft: TreeDraft, *, resource: Resource, finding: Finding, estate: Estate
    ) -> None:
        if resource.source is None:
            raise Declined("The resource is declared nowhere in the tree")
        self.draft = draft
        self.estate = estate
        self.finding = finding
        self.resource = resource
        self.notes: list[str] = []
        self.spot = spot_of(draft.sources, resource.source)
        self._read = draft.sources  # what the places of `resource` are places in
        self._last = self.spot.where
        self._note_instances()

    @property
    def type(self) -> str:
        """The Terraform type of the block."""
        return self.spot.where[1]

    @property
    def name(self) -> str:
        """The block's own name."""
        return self.spot.where[2]

    @property
    def ref(self) -> str:
        """How another block of the same instances refers to this one."""
        return f"{self.type}.{self.name}{self.index}"

    @property
    def index(self) -> str:
        """What picks one's own instance of a block that has several."""
        body = self._block(self.spot).body
        if body.get("for_each") is not None:
            return "[each.key]"
        return "[count.index]" if body.get("count") is not None else ""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """What the block says, evaluated."""
        address = self.resource.source.address if self.resource.source else ""
        for module in self.draft.reading.modules:
            for block in module.blocks:
                if block.address == address and block.span.file == self.spot.file:
                    return block.attributes
        return {}

    def get(self, *path: str | int) -> Any:
        """Return the evaluated value at a path, the first of nested blocks where none is named."""
        value: Any = self.attributes
        for step in path:
            if isinstance(value, list) and isinstance(step, str):
                value = value[0] if value else None
            if isinstance(value, Mapping) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int):
                value = value[step] if step < len(value) else None
            else:
                return None
        return value

    def count(self, name: str) -> int:
        """Return how many nested blocks of a type the block has."""
        value = self.attributes.get(name)
        return len(value) if isinstance(value, list) else 0

    def source(self, *path: str | int, at: Spot | None = None) -> str:
        """Return the text of an attribute's expression, empty where it has none."""
        spot = at or self.spot
        file = self.draft.sources.parsed(spot.file)
        value = edit.value_at(file, spot.where, path)
        return "" if value is None else file.content[value.start : value.end].decode()

    def set(self, path: Path, value: Any, *, at: Spot | None = None) -> None:
        """Set an attribute where its value comes from. Raises: Declined."""
        found = origin(self.draft.sources, at or self.spot, path)
        if found.spot != (at or self.spot) and _refers(value):
            raise Declined(f"{edit.dotted(path)} is given from elsewhere, and cannot refer to this")
        if found.note:
            self.notes.append(found.note)
        file = self.draft.sources.parsed(found.spot.file)
        self.draft.apply(found.spot.file, edit.set_value(file, found.spot.where, found.path, value))

    def drop(self, *path: str | int) -> None:
        """Remove an attribute."""
        file = self.draft.sources.parsed(self.spot.file)
        self.draft.apply(self.spot.file, edit.remove(file, self.spot.where, path))

    def add_to(self, at: Spot, path: Path, item: Any, *, into: Sequence[str] = ()) -> None:
        """Append to a list that is written out in a block."""
        file = self.draft.sources.parsed(at.file)
        self.draft.apply(at.file, edit.append(file, at.where, path, item, into=into))

    def add_nested(self, at: Spot, name: str, parts: Mapping[str, Any]) -> None:
        """Add one more nested block to a block."""
        file = self.draft.sources.parsed(at.file)
        self.draft.apply(at.file, edit.add_nested(file, at.where, name, parts))

    def depend(self, on: str, *, at: Spot) -> None:
        """Make a block wait for another one."""
        present = self.source("depends_on", at=at)
        needed = _INDEX.sub("", on)
        if needed in present:
            return
        if present:
            self.add_to(at, ("depends_on",), Code(needed))
        else:
            self.set(("depends_on",), [Code(needed)], at=at)

    def parts(self, kind: str) -> tuple[Spot, ...]:
        """Return the blocks of a type that hold properties of this resource."""
        spots = (spot_of(self._read, span) for span in self.resource.places.values())
        return tuple(dict.fromkeys(s for s in spots if s.where[1] == kind))

    def part(self, kind: str) -> Spot | None:
        """Return the block of a type that holds properties of this resource, if there is one."""
        return next(iter(self.parts(kind)), None)

    def belonging(self, kind: str, of: str) -> Spot | None:
        """Return the resource of CloudFormation's type whose property names this one."""
        for other in self.draft.reading.resources:
            named = other.properties.get(of)
            names = named if isinstance(named, list) else [named]
            if other.type == kind and other.source and set(names) & {*self.resource.aliases}:
                return spot_of(self.draft.sources, other.source)
        return None

    def other(self, kind: str, named: Any) -> "TerraformTarget":
        """Return the block of CloudFormation's type that a value names, as the one to put right.

        It shares draft and notes. Raises: Declined when it is declared elsewhere.
        """
        for resource in self.draft.reading.resources:
            if resource.type == kind and resource.source and named in resource.aliases:
                other = TerraformTarget(
                    self.draft, resource=resource, finding=self.finding, estate=self.estate
                )
                self.notes.extend(other.notes)
                other.notes = self.notes
                return other
        raise Declined(f"What {self.ref} refers to is not declared in this module")

    def companion(
        self, kind: str, parts: Mapping[str, Any], *, suffix: str = "", last: bool = True
    ) -> str:
        """Add a block behind this one, with as many instances; return how to refer to its own.

        It has the name of this block where a type and name are not taken, else a suffix as well.
        """
        name = self._free(kind, suffix)
        where = ("resource", kind, name)
        self._add(where, {**self._meta(), **parts}, last=last)
        return f"{kind}.{name}{self.index}"

    def data(self, kind: str) -> str:
        """Return how to refer to a data source without arguments, which is added if need be."""
        known = self.draft.sources.configuration(self.spot.directory).resources
        for (mode, found, name), block in known.items():
            if (mode, found) == ("data", kind) and not block.body.attributes:
                return f"data.{kind}.{name}"
        taken = {name for mode, found, name in known if (mode, found) == ("data", kind)}
        name = "current" if "current" not in taken else f"current_{self.name}"
        self._add(("data", kind, name), {}, last=True)
        return f"data.{kind}.{name}"

    def block_spot(self, kind: str, name: str) -> Spot | None:
        """Return a resource block of this module."""
        known = self.draft.sources.configuration(self.spot.directory).resources
        block = known.get(("managed", kind, name))
        return None if block is None else Spot(block.file.path, ("resource", kind, name))

    def _add(self, where: edit.Where, parts: Mapping[str, Any], *, last: bool) -> None:
        file = self.draft.sources.parsed(self.spot.file)
        self.draft.apply(self.spot.file, edit.add_block(file, where, parts, after=self._last))
        if last:
            self._last = where

    def _meta(self) -> dict[str, Code]:
        """Return what gives a companion as many instances as this block, in the same place."""
        found: dict[str, Code] = {}
        for name in _META:
            text = self.source(name)
            if "\n" in text and name == "for_each":
                text = f"{self.type}.{self.name}"  # one map of instances serves as well
            if text:
                found[name] = Code(text)
        return found

    def _free(self, kind: str, suffix: str) -> str:
        join = "-" if "-" in self.name and "_" not in self.name else "_"
        wanted = join.join([self.name, *suffix.split()])
        known = self.draft.sources.configuration(self.spot.directory).resources
        candidate, number = wanted, 2
        while ("managed", kind, candidate) in known:
            candidate, number = f"{wanted}{join}{number}", number + 1
        return candidate

    def _block(self, spot: Spot) -> Nested:
        return edit.find(self.draft.sources.parsed(spot.file), spot.where)

    def _note_instances(self) -> None:
        span = self.resource.source
        count = sum(
            d.span.file == self.spot.file
            and span is not None
            and d.span.start_byte == span.start_byte
            for d in self.draft.reading.declared.values()
        )
        if count > 1:
            self.notes.append(f"The block stands for {count} resources: all change with it")


def spot_of(sources: Sources, span: SourceSpan) -> Spot:
    """Return the block at a place. Raises: Declined."""
    if span.file.endswith(".json"):
        raise Declined("Terraform written as JSON is not edited yet")
    for block in sources.parsed(span.file).body.blocks:
        if block.start <= span.start_byte < block.end:
            return Spot(span.file, (block.type, *block.labels))
    raise Declined(f"The block is no longer in {words.one_line(span.file)}")


def _refers(value: Any) -> bool:
    if isinstance(value, Code):
        return True
    if isinstance(value, writer.Json):
        return True
    members: Iterator[Any] = iter(())
    if isinstance(value, Mapping):
        members = iter(value.values())
    elif isinstance(value, list | tuple):
        members = iter(value)
    return any(_refers(member) for member in members)


def belongs(path: str, folder: str) -> bool:
    """Whether a file is part of a Terraform tree, or may be read by the module in a folder."""
    name = posixpath.basename(path)
    if name.endswith((".tf", ".tf.json")) or ".tfvars" in name:
        return True
    read = name.endswith((".json", ".tpl", ".tftpl", ".yaml", ".yml"))
    return read and (not folder or path.startswith(f"{folder}/"))


__all__ = ["Block", "Code", "Reading", "Spot", "TerraformTarget", "TreeDraft", "belongs", "spot_of"]
