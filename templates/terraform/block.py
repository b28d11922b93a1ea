"""Evaluate the body of a block: attributes, nested blocks, `dynamic` blocks."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.types import EMPTY, SourceSpan
from templates.terraform.access import pairs_of
from templates.terraform.evaluate import Evaluator
from templates.terraform.policy_document import policy_document
from templates.terraform.syntax import Body, Literal, Name, Nested
from templates.terraform.values import Budget, Encoded, Reference, Text, TooMuch, Unknown

META_ATTRIBUTES = frozenset({"count", "for_each", "depends_on", "provider"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection"})
Places = dict[str, tuple[int, int]]
NO_BLOCKS: list[Any] = []  # what a dynamic block over nothing leaves
_RENDERED = frozenset({"json", "minified_json"})


class BlockInstance:
    """One instance of a `resource` or `data` block, each part evaluated once."""

    def __init__(
        self, block: Nested, *, address: str, names: Mapping[str, Any], evaluator: Evaluator
    ) -> None:
        self.block = block
        self.address = address
        self._evaluator = evaluator
        self._names = {**names, "self": Unknown("self is known only after deployment")}
        self._places: Places = {}
        self._body = _Body(block.body, names=self._names, evaluator=evaluator, places=self._places)
        self._values: dict[str, Any] = {}
        self._open: set[str] = set()

    @property
    def is_policy_document(self) -> bool:
        """Whether this renders a policy."""
        return self.block.labels[0] == "aws_iam_policy_document" and self.block.type == "data"

    def attribute(self, name: str) -> Any:
        """Return what the block says of an attribute; a reference where only the provider knows."""
        written = Reference(f"{self.address}.{name}")
        budget = self._evaluator.budget
        is_meta = name in META_ATTRIBUTES or name in META_BLOCKS
        if is_meta or name in self._open or not budget.deeper():
            return written
        try:
            value = self._part(name)
        finally:
            budget.depth -= 1
        lost = isinstance(value, Unknown) or (
            isinstance(value, Text) and any(isinstance(p, Unknown) for p in value.parts)
        )
        return written if value is None or lost else value

    def values(self, budget: Budget) -> dict[str, Any]:
        """Return all that the block says, by name."""
        body = self.block.body
        names = [a.name for a in body.attributes if a.name not in META_ATTRIBUTES]
        names += [kind for b in body.blocks if (kind := kind_of(b)) not in META_BLOCKS]
        if self.is_policy_document:
            names.append("json")
        found: dict[str, Any] = {}
        for name in dict.fromkeys(names):
            part = self._part(name)
            if part is not NO_BLOCKS:
                found[name] = part
        budget.spend(len(found))
        return found

    def _part(self, name: str) -> Any:
        if name not in self._values:
            self._open.add(name)
            try:
                rendered = name in _RENDERED and self.is_policy_document
                self._values[name] = self._rendered() if rendered else self._body.part(name)
            finally:
                self._open.discard(name)
        return self._values[name]

    def _rendered(self) -> Any:
        body = self.block.body
        names = (*(a.name for a in body.attributes), *map(kind_of, body.blocks))
        own = {n: self._part(n) for n in names if n not in META_ATTRIBUTES | _RENDERED}
        try:
            return Encoded(policy_document(own, self._evaluator.budget))
        except TooMuch as error:
            return Unknown(str(error))

    def spans(self) -> dict[str, SourceSpan]:
        """Return where each part that was evaluated is written, by its path."""
        file = self.block.file
        return {
            path: file.span(start, end, address=self.address)
            for path, (start, end) in self._places.items()
        }


def kind_of(block: Nested) -> str:
    """Return the type of a nested block; a `dynamic` one stands for its label's."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


class _Body:
    """Evaluates the parts of one body and notes where they are written."""

    def __init__(
        self, body: Body, *, names: Mapping[str, Any], evaluator: Evaluator, places: Places
    ) -> None:
        self._body = body
        self._names = names
        self._evaluator = evaluator
        self._places = places

    def part(self, name: str, path: str = "") -> Any:
        """Return an attribute's value, or the nested blocks of one type; None where neither is."""
        found = [a for a in self._body.attributes if a.name == name]
        if found:
            self._places[f"{path}{name}"] = (found[0].start, found[0].end)
            return self._evaluator.value(found[0].value, self._names)
        blocks = [b for b in self._body.blocks if kind_of(b) == name]
        return self._nested(blocks, f"{path}{name}.") if blocks else None

    def whole(self, path: str) -> dict[str, Any]:
        """Return all parts by name."""
        names = [a.name for a in self._body.attributes] + [kind_of(b) for b in self._body.blocks]
        parts = {name: self.part(name, path) for name in dict.fromkeys(names)}
        return {name: part for name, part in parts.items() if part is not NO_BLOCKS}

    def _nested(self, blocks: Iterable[Nested], path: str) -> Any:
        members: list[Any] = []
        for block in blocks:
            for body, names in self._bodies(block):
                self._evaluator.budget.spend()
                place = f"{path}{len(members)}"
                self._places[place] = (block.start, block.end)
                if isinstance(body, Unknown):
                    members.append(body)
                    continue
                inner = _Body(body, names=names, evaluator=self._evaluator, places=self._places)
                members.append(inner.whole(f"{place}."))
        only = members[0] if len(members) == 1 else None
        return only if isinstance(only, Unknown) else members or NO_BLOCKS

    def _bodies(self, block: Nested) -> list[tuple[Body | Unknown, Mapping[str, Any]]]:
        """Return the bodies that a block stands for: several or none if it is dynamic."""
        if block.type != "dynamic":
            return [(block.body, self._names)]
        content = next(block.body.of_type("content"), None)
        collection = block.body.get("for_each")
        if collection is None or content is None:
            return [(Unknown("a dynamic block without for_each or content"), EMPTY)]
        pairs = pairs_of(self._evaluator.value(collection, self._names))
        if isinstance(pairs, Unknown):
            return [(pairs, EMPTY)]
        iterator = _iterator(block)
        return [
            (content.body, {**self._names, iterator: {"key": key, "value": value}})
            for key, value in pairs
        ]


def _iterator(block: Nested) -> str:
    named = block.body.get("iterator")
    if isinstance(named, Literal):
        return str(named.value)
    return named.name if isinstance(named, Name) else kind_of(block)
