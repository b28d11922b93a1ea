"""Parse HCL into syntax.

tree-sitter reads the file in C; this turns its tree into ours. Three readings of the grammar are
put right on the way: a chain of `a ? b : c ? d : e` groups to the right, white space beside an
interpolation is part of the text, and a name above a key in parentheses is no function call.
Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NoReturn

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from core.errors import UnreadableTemplate
from templates.terraform.parse_text import TemplateReader, children_of
from templates.terraform.syntax import (
    Access,
    Attribute,
    Binary,
    Body,
    Call,
    Conditional,
    Expression,
    Listing,
    Literal,
    Loop,
    Name,
    Nested,
    Record,
    SourceFile,
    Splat,
    Step,
    Template,
    Unary,
)
from templates.terraform.text import unescaped

MAX_BYTES = 1_000_000  # the largest real files are near 200 KB; error recovery is slow beyond
MAX_DEPTH = 60  # real files nest 25 deep; each level costs up to seven of Python's 1,000 frames
_OPERATORS = frozenset({"==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "&&", "||"})
_WRAPPERS = ("literal_value", "template_expr", "collection_value", "for_expr", "operation")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z")
_UNSEPARATED = re.compile(rb"([A-Za-z_][\w-]*[ \t]*)\n(?=[ \t]*\([^\n]*\)[ \t]*[=:])")
_ERROR = "does not parse as HCL"


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))


def parse_hcl(path: str, content: bytes) -> SourceFile:
    """Parse the bytes of a `.tf` or `.tfvars` file. Raises: UnreadableTemplate."""
    refuse_bytes(path, content)
    file = SourceFile(path, content)
    reader = _Reader(file)
    root = _parser().parse(content).root_node
    if root.has_error:
        # The positions stay, and the reader takes every text from the file itself.
        mended, places = _UNSEPARATED.subn(rb"\1,", content)
        again = _parser().parse(mended).root_node if places else root
        if again.has_error:
            reader.refuse(root)
        root = again
    for child in root.children:
        if child.type == "body":
            file.body = reader.body(child)
        elif child.type != "comment":
            raise UnreadableTemplate(f"{path}:{file.line_of(child.start_byte)}: {_ERROR}.")
    return file


def parse_template(path: str, text: str) -> Expression:
    """Parse text that holds interpolations, as a JSON string or a template file does.

    The positions of what it returns mean nothing. Raises: UnreadableTemplate.
    """
    if "${" not in text and "%{" not in text:
        return Literal(0, 0, text)
    marker = "END"
    while marker in text:
        marker += "_"
    file = parse_hcl(path, f"x = <<{marker}\n{text}\n{marker}\n".encode())
    value = file.body.get("x")
    if not isinstance(value, Template | Literal):
        raise UnreadableTemplate(f"{path}: a text {_ERROR}.")
    return _without_last_newline(value)


def _without_last_newline(value: Template | Literal) -> Expression:
    parts = value.parts if isinstance(value, Template) else (value,)
    last = parts[-1]
    if isinstance(last, Literal) and isinstance(last.value, str):
        parts = (*parts[:-1], Literal(0, 0, last.value.removesuffix("\n")))
    kept = tuple(p for p in parts if not (isinstance(p, Literal) and p.value == ""))
    if not kept:
        return Literal(0, 0, "")
    return kept[0] if len(kept) == 1 and isinstance(kept[0], Literal) else Template(0, 0, kept)


def refuse_bytes(path: str, content: bytes) -> None:
    """Refuse what is too large or not UTF-8. Raises: UnreadableTemplate."""
    if len(content) > MAX_BYTES:
        raise UnreadableTemplate(
            f"{path}: the file has {len(content):,} bytes; more than {MAX_BYTES:,} are not read."
        )
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableTemplate(f"{path}:{line}: the file is not UTF-8.") from error


class _Reader:
    """Turns the nodes of one tree into syntax."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._source = file.content
        self._depth = 0
        texts = TemplateReader(file.content, self)
        self._readers: Mapping[str, Callable[[Node], Expression]] = {
            **dict.fromkeys(_WRAPPERS, self._inner),
            "expression": self.expression,
            "variable_expr": self._name,
            "string_lit": self._string,
            "numeric_lit": self._number,
            "bool_lit": self._bool,
            "null_lit": self._null,
            "quoted_template": texts.quoted,
            "heredoc_template": texts.heredoc,
            "tuple": self._listing,
            "object": self._record,
            "function_call": self._call,
            "conditional": self._conditional,
            "binary_operation": self._operation,
            "unary_operation": self._operation,
            "for_tuple_expr": self._loop,
            "for_object_expr": self._loop,
        }

    def refuse(self, node: Node) -> NoReturn:
        """Raise the error of a tree that has one, at its first place."""
        while not (node.is_error or node.is_missing):
            deeper = next((c for c in node.children if c.has_error or c.is_missing), None)
            if deeper is None:
                break
            node = deeper
        inner = next((c for c in node.children if c.is_error), node)
        line = self._file.line_of(inner.start_byte)
        raise UnreadableTemplate(f"{self._file.path}:{line}: the file {_ERROR}.")

    def _text(self, node: Node) -> str:
        return self._source[node.start_byte : node.end_byte].decode()

    def enter(self, node: Node) -> None:
        """Count a level down. Raises: UnreadableTemplate."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            line = self._file.line_of(node.start_byte)
            raise UnreadableTemplate(
                f"{self._file.path}:{line}: the file nests deeper than {MAX_DEPTH} levels."
            )

    def leave(self) -> None:
        """Count a level up again."""
        self._depth -= 1

    def body(self, node: Node) -> Body:
        """Read what stands between braces."""
        self.enter(node)
        attributes: list[Attribute] = []
        blocks: list[Nested] = []
        for child in node.children:
            if child.type == "attribute":
                parts = children_of(child)
                value = self.expression(parts[2])
                attributes.append(
                    Attribute(self._text(parts[0]), value, child.start_byte, child.end_byte)
                )
            elif child.type == "block":
                blocks.append(self._block(child))
        self.leave()
        return Body(tuple(attributes), tuple(blocks))

    def _block(self, node: Node) -> Nested:
        kind, *rest = children_of(node)
        labels: list[str] = []
        body = Body()
        for child in rest:
            if child.type == "body":
                body = self.body(child)
            elif child.type == "identifier":
                labels.append(self._text(child))
            elif child.type == "string_lit":
                labels.append(str(self._string(child).value))
        return Nested(
            self._text(kind), tuple(labels), body, node.start_byte, node.end_byte, self._file
        )

    def expression(self, node: Node) -> Expression:
        """Read a value."""
        self.enter(node)
        value = self._term(children_of(node))
        self.leave()
        return value

    def _term(self, nodes: Sequence[Node]) -> Expression:
        """Read one operand: a value, perhaps in parentheses, and the steps into it."""
        first = nodes[0]
        if first.type == "(":
            value, rest = self.expression(nodes[1]), nodes[3:]
        else:
            value, rest = self._primary(first), nodes[1:]
        if not rest:
            return value
        steps = tuple(self._step(n) for n in rest)
        return Access(first.start_byte, rest[-1].end_byte, value, steps)

    def _primary(self, node: Node) -> Expression:
        return self._readers.get(node.type, self.refuse)(node)

    def _inner(self, node: Node) -> Expression:
        return self._primary(children_of(node)[0])

    def _name(self, node: Node) -> Name:
        return Name(node.start_byte, node.end_byte, self._text(node))

    def _number(self, node: Node) -> Literal:
        return Literal(node.start_byte, node.end_byte, self._number_of(node))

    def _bool(self, node: Node) -> Literal:
        return Literal(node.start_byte, node.end_byte, self._text(node) == "true")

    def _null(self, node: Node) -> Literal:
        return Literal(node.start_byte, node.end_byte, None)

    def _listing(self, node: Node) -> Listing:
        items = (self.expression(c) for c in node.children if c.type == "expression")
        return Listing(node.start_byte, node.end_byte, tuple(items))

    def _record(self, node: Node) -> Record:
        pairs = (self._pair(c) for c in node.children if c.type == "object_elem")
        return Record(node.start_byte, node.end_byte, tuple(pairs))

    def _step(self, node: Node) -> Step:
        first, *rest = children_of(node)
        if node.type == "get_attr":
            return self._text(rest[0])
        if node.type == "splat":
            return Splat(tuple(self._step(n) for n in children_of(first)[1:]))
        if first.type == "legacy_index":
            digits = self._text(first).lstrip(".").strip()
            return Literal(first.start_byte, first.end_byte, int(digits[:9] or "0"))
        return self.expression(children_of(first)[1])

    def _number_of(self, node: Node) -> int | float:
        text = self._text(node)
        if text.isdigit() and len(text) < 30:
            return int(text)
        value = float(text) if _NUMBER.match(text) else math.inf
        if math.isinf(value):
            self.refuse(node)
        return value

    def _string(self, node: Node) -> Literal:
        children = node.children
        text = self._source[children[0].end_byte : children[-1].start_byte].decode()
        return Literal(node.start_byte, node.end_byte, unescaped(text, quoted=True))

    def _pair(self, node: Node) -> tuple[Expression, Expression]:
        key_node, _, value = children_of(node)
        key = self.expression(key_node)
        bare = isinstance(key, Name) and key_node.children[0].type != "("
        if bare and isinstance(key, Name):
            key = Literal(key.start, key.end, key.name)
        return key, self.expression(value)

    def _call(self, node: Node) -> Call:
        name, *rest = children_of(node)
        given = [c for n in rest if n.type == "function_arguments" for c in n.children]
        arguments = tuple(self.expression(c) for c in given if c.type == "expression")
        spread = any(c.type == "ellipsis" for c in given)
        return Call(node.start_byte, node.end_byte, self._text(name), arguments, spread)

    def _conditional(self, node: Node) -> Conditional:
        """Group `a ? b : c ? d : e` to the right; the grammar groups it to the left."""
        arms: list[tuple[Node, Node]] = []
        while True:
            condition, _, then, _, otherwise = children_of(node)
            arms.append((then, otherwise))
            inner = children_of(condition)
            if inner[0].type != "conditional":
                break
            node = inner[0]
        arms.reverse()
        value = self.expression(arms[-1][1])
        for place in range(len(arms) - 1, -1, -1):
            test = condition if place == 0 else arms[place - 1][1]
            value = Conditional(
                test.start_byte,
                value.end,
                self.expression(test),
                self.expression(arms[place][0]),
                value,
            )
        if not isinstance(value, Conditional):
            self.refuse(node)
        return value

    def _operation(self, node: Node) -> Expression:
        self.enter(node)
        nodes = children_of(node)
        start, end = node.start_byte, node.end_byte
        if node.type == "unary_operation":
            operand = self._term(nodes[1:])
            value: Expression = Unary(start, end, self._text(nodes[0]), operand)
        else:
            at = next(i for i, n in enumerate(nodes) if n.type in _OPERATORS)
            left, right = self._term(nodes[:at]), self._term(nodes[at + 1 :])
            value = Binary(start, end, nodes[at].type, left, right)
        self.leave()
        return value

    def _loop(self, node: Node) -> Loop:
        children = children_of(node)
        intro = next(c for c in children if c.type == "for_intro")
        names, collection = self.loop_intro(intro)
        values = [self.expression(c) for c in children if c.type == "expression"]
        condition = next((c for c in children if c.type == "for_cond"), None)
        group = any(c.type == "ellipsis" for c in children)
        kind = "list" if node.type == "for_tuple_expr" else "group" if group else "map"
        return Loop(
            node.start_byte,
            node.end_byte,
            kind,
            names[0] if len(names) > 1 else "",
            names[-1],
            collection,
            values[0] if kind != "list" else None,
            values[-1],
            self.expression(children_of(condition)[-1]) if condition else None,
        )

    def loop_intro(self, node: Node) -> tuple[list[str], Expression]:
        """Return a loop's names and what it loops over."""
        children = children_of(node)
        names = [self._text(c) for c in children if c.type == "identifier"]
        collection = next(c for c in children if c.type == "expression")
        return names, self.expression(collection)
