"""A template while it is edited, and the resource a blueprint puts right in it.

Each edit is applied before the next is made, so that two edits of one place cannot overlap; the
plan's edits are the difference between the first content and the last.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.errors import Declined
from core.gate import Tier
from core.types import Edit, Estate, Finding, Resource
from templates import Declared, Outline, Template, edit, read_outline
from templates.value import plain

Path = tuple[str | int, ...]
SAM = "AWS::Serverless::"
# Properties of these are merged from Globals, which may state them for the resource.
_GLOBALS = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::SimpleTable": "SimpleTable",
    "AWS::Serverless::StateMachine": "StateMachine",
}


class Draft:
    """The content of one template file, edited step by step.

    `tiers` collects what is touched beyond what the fix itself is about.
    """

    def __init__(self, data: bytes, *, read: Callable[[bytes], Template]) -> None:
        self._read = read
        self._template: Template | None = read(data)
        self._written: Outline | Template = self._template
        self.data = data
        self.tiers: set[Tier] = set()

    @property
    def template(self) -> Template:
        """The present content, translated and resolved; only then is it read in full."""
        if self._template is None:
            self._template = self._read(self.data)
        return self._template

    @property
    def declared(self) -> Mapping[str, Declared]:
        """What the present content declares, as it is written."""
        return self._written.declared

    def apply(self, edits: Sequence[Edit]) -> None:
        """Make edits that hold for the present content."""
        self.data = edit.apply(self.data, edits)
        self._written, self._template = read_outline(self.data, file=self._written.file), None

    def set(self, logical_id: str, path: Path, value: Any) -> None:
        """Set a property; the maps on the way to it are created where they are missing."""
        self.apply(edit.set_value(self._written, logical_id, path, value))

    def remove(self, logical_id: str, path: Path) -> None:
        """Remove a property."""
        self.apply(edit.remove(self._written, logical_id, path))

    def retype(self, logical_id: str, kind: str) -> None:
        """Declare a resource as one of another type."""
        self.apply(edit.set_value(self._written, "Resources", (logical_id, "Type"), kind))

    def add(self, name: str, body: Mapping[str, Any], *, after: str) -> str:
        """Add a resource after another; return its logical id, made unique where it is taken."""
        made, edits = edit.add_resource(self._written, name=name, body=body, after=after)
        self.apply(edits)
        return made

    def depend(self, logical_id: str, on: str) -> None:
        """Make a resource wait for another one."""
        path: Path = (logical_id, "DependsOn")
        present = dig(self.raw, ("Resources", *path))
        if isinstance(present, list):
            self.apply(edit.set_value(self._written, "Resources", (*path, len(present)), on))
        elif present is None:
            self.apply(edit.set_value(self._written, "Resources", path, on))
        elif present != on:
            self.apply(edit.set_value(self._written, "Resources", path, [present, on]))

    @property
    def raw(self) -> Mapping[str, Any]:
        """The whole template as plain values, intrinsics in long form."""
        value = plain(self._written.document.root)
        return value if isinstance(value, Mapping) else {}

    def properties(self, logical_id: str) -> Mapping[str, Any]:
        """Return the raw properties of a declared resource, intrinsics in long form."""
        return self.declared[logical_id].properties

    def of_type(self, *types: str) -> tuple[str, ...]:
        """List the logical ids declared with one of these types."""
        return tuple(k for k, d in self.declared.items() if d.type in types)


class Target:
    """The declared resource that a finding is about, inside a draft.

    `resource` is what it becomes after SAM translation; `notes` collects what a blueprint has to
    say of this one change ("also applies to ...").
    """

    def __init__(
        self,
        draft: Draft,
        *,
        logical_id: str,
        finding: Finding,
        resource: Resource,
        estate: Estate,
    ) -> None:
        self.draft = draft
        self.estate = estate
        self.id = logical_id
        self.finding = finding
        self.resource = resource
        self.notes: list[str] = []

    @property
    def type(self) -> str:
        """The declared type, `AWS::Serverless::...` for SAM's own."""
        return self.draft.declared[self.id].type

    @property
    def is_sam(self) -> bool:
        """Whether SAM translates the declaration into something else."""
        return self.type.startswith(SAM)

    @property
    def properties(self) -> Mapping[str, Any]:
        """The raw properties as declared, without Globals."""
        return self.draft.properties(self.id)

    def get(self, *path: str | int) -> Any:
        """Return the raw value at a path, None where there is none."""
        return dig(self.properties, path)

    def set(self, path: Path, value: Any) -> None:
        """Set a property of the resource itself."""
        self.draft.set(self.id, path, value)

    def set_where_stated(self, path: Path, value: Any) -> None:
        """Set a property where its value comes from: SAM's Globals if only they state it.

        Fits changes that harm no other resource; the note says how many more it reaches.
        """
        section = _GLOBALS.get(self.type, "")
        stated = section and dig(self.globals(section), path) is not None
        if not stated or self.get(*path) is not None:
            self.set(path, value)
            return
        self.draft.set("Globals", (section, *path), value)
        others = len(self.draft.of_type(self.type)) - 1
        if others:
            self.notes.append(f"Set in Globals, so {others} more of this template change with it")

    def globals(self, section: str) -> Mapping[str, Any]:
        """Return a section of SAM's Globals."""
        value = dig(self.draft.raw, ("Globals", section))
        return value if isinstance(value, Mapping) else {}

    def append(self, path: Path, item: Any) -> None:
        """Append to a list property, which is created where it is missing."""
        self.draft.set(self.id, *appended(self.properties, path, item, self.id))

    def other(self, logical_id: str) -> "Target":
        """Return another declared resource as the one to put right; it shares draft and notes.

        Raises: Declined when it is declared elsewhere.
        """
        resource = self.draft.template.resource(logical_id)
        if resource is None or logical_id not in self.draft.declared:
            raise Declined(f"What {self.id} refers to is not declared in this template")
        target = Target(
            self.draft,
            logical_id=logical_id,
            finding=self.finding,
            resource=resource,
            estate=self.estate,
        )
        target.notes = self.notes
        return target

    def companion(self, suffix: str, body: Mapping[str, Any]) -> str:
        """Add a resource that this one needs, under the same condition; return its logical id."""
        condition = self.draft.declared[self.id].condition
        extra = {"Condition": condition} if condition else {}
        kind = str(body["Type"])
        return self.draft.add(
            f"{self.id}{suffix}", {"Type": kind, **extra, **without(body, "Type")}, after=self.id
        )


def dig(value: Any, path: Sequence[str | int]) -> Any:
    """Return what lies at a path of nested maps and lists, None where it ends early."""
    for step in path:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, Sequence) and isinstance(step, int) and not isinstance(value, str):
            value = value[step] if step < len(value) else None
        else:
            return None
    return value


def appended(properties: Mapping[str, Any], path: Path, item: Any, owner: str) -> tuple[Path, Any]:
    """Return the path and value that append an item to a list property.

    Raises: Declined when the property is something else, such as an intrinsic function.
    """
    present = dig(properties, path)
    if present is None or present == []:
        return path, [item]
    if not isinstance(present, list):
        raise Declined(f"{'.'.join(map(str, path))} of {owner} is not a plain list")
    return (*path, len(present)), item


def without(mapping: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return a copy of a mapping without some keys."""
    return {k: v for k, v in mapping.items() if k not in keys}


def ref_id(value: Any, *, attribute: str = "") -> str | None:
    """Return the logical id that a raw value refers to by Ref, GetAtt or a bare Sub."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    kind, argument = next(iter(value.items()))
    if kind == "Ref" and isinstance(argument, str):
        return argument
    if kind == "Fn::GetAtt":
        parts = argument.split(".", 1) if isinstance(argument, str) else list(argument)
        fits = len(parts) == 2 and (not attribute or parts[1] == attribute)
        return str(parts[0]) if fits else None
    if kind == "Fn::Sub" and isinstance(argument, str) and argument.startswith("${"):
        name = argument[2:].rstrip("}")
        return name.split(".")[0] if argument.count("${") == 1 and argument.endswith("}") else None
    return None


def get_att(logical_id: str, attribute: str = "Arn") -> dict[str, Any]:
    """Return a GetAtt in long form."""
    return {"Fn::GetAtt": [logical_id, attribute]}


def ref(logical_id: str) -> dict[str, str]:
    """Return a Ref in long form."""
    return {"Ref": logical_id}


def sub(text: str) -> dict[str, str]:
    """Return a Sub in long form."""
    return {"Fn::Sub": text}
