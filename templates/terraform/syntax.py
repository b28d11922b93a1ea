"""What a Terraform file says, with its bytes, before anything is evaluated.

Two notations (HCL and JSON) end in these types; evaluation knows no parser. `start` to `end` are
the bytes of a thing in its file, end exclusive; they are 0 for what was written nowhere.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.types import SourceSpan


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, number, truth value or null."""

    start: int
    end: int
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Template:
    """A text with interpolations (`${...}`) and directives (`%{...}`) between literal parts."""

    start: int
    end: int
    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """`[a, b]`."""

    start: int
    end: int
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Record:
    """`{a = b}`. A key that is a bare word is a Literal."""

    start: int
    end: int
    items: tuple[tuple["Expression", "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A root name: `var`, `local`, a resource type, a loop's own name."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Splat:
    """`[*]` or `.*`, and the steps that are taken into each member."""

    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Access:
    """Steps into a value: `.name` (a text), `[key]` (an expression), `[*]`."""

    start: int
    end: int
    target: "Expression"
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`; `spread` says that the last argument ends in `...`."""

    start: int
    end: int
    name: str
    arguments: tuple["Expression", ...]
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Unary:
    """`!a` or `-a`."""

    start: int
    end: int
    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    """`a + b` and its like."""

    start: int
    end: int
    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Conditional:
    """`a ? b : c`, and `%{ if a }b%{ else }c%{ endif }`."""

    start: int
    end: int
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Loop:
    """`[for k, v in c : value if condition]`, `{for ... : key => value...}`, or `%{ for }`.

    `key_name` is empty when the loop has one name. `kind` is list, map, group (a map whose value
    ends in `...`) or text.
    """

    start: int
    end: int
    kind: str
    key_name: str
    value_name: str
    collection: "Expression"
    key: "Expression | None"
    value: "Expression"
    condition: "Expression | None" = None


Expression = (
    Literal
    | Template
    | Listing
    | Record
    | Name
    | Access
    | Call
    | Unary
    | Binary
    | Conditional
    | Loop
)
Step = str | Expression | Splat


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name = value`."""

    name: str
    value: Expression
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Nested:
    """`type "label" { ... }`; `file` is where it is written."""

    type: str
    labels: tuple[str, ...]
    body: "Body"
    start: int
    end: int
    file: "SourceFile"


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between braces, in the order of the file."""

    attributes: tuple[Attribute, ...] = ()
    blocks: tuple[Nested, ...] = ()

    def get(self, name: str) -> Expression | None:
        """Return the value of an attribute."""
        return next((a.value for a in self.attributes if a.name == name), None)

    def of_type(self, kind: str) -> Iterator[Nested]:
        """Walk the nested blocks of one type."""
        return (b for b in self.blocks if b.type == kind)


@dataclass(slots=True, eq=False)
class SourceFile:
    """One parsed file: its path below the checked root, its bytes and its body."""

    path: str
    content: bytes
    body: Body = field(default_factory=Body)
    _line_starts: Sequence[int] = ()

    def line_of(self, position: int) -> int:
        """Return the line, counted from 1, that a byte stands on."""
        if not self._line_starts:
            starts = [0]
            while found := self.content.find(b"\n", starts[-1]) + 1:
                starts.append(found)
            self._line_starts = starts
        return bisect_right(self._line_starts, position)

    def span(self, start: int, end: int, *, address: str) -> SourceSpan:
        """Return the place of some bytes."""
        return SourceSpan(
            file=self.path,
            start_line=self.line_of(start),
            end_line=self.line_of(max(end - 1, start)),
            address=address,
            start_byte=start,
            end_byte=end,
        )
