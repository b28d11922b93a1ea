"""Evaluate expressions.

What Terraform would refuse, or could know only after deployment, becomes an `Unknown` that says
why and stays as local as it can.
Source: https://developer.hashicorp.com/terraform/language/expressions
"""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from core.errors import UnreadableTemplate
from core.types import EMPTY
from templates.terraform.access import equal, indexed, member, pairs_of
from templates.terraform.function import apply, fingerprinted
from templates.terraform.functions import FUNCTIONS
from templates.terraform.parse import parse_template
from templates.terraform.syntax import (
    Access,
    Binary,
    Call,
    Conditional,
    Expression,
    Listing,
    Literal,
    Loop,
    Name,
    Record,
    Splat,
    Step,
    Template,
    Unary,
)
from templates.terraform.values import (
    MAX_NUMBER,
    Budget,
    Reference,
    TooMuch,
    Unknown,
    caused,
    is_known,
    later,
    to_bool,
    to_number,
)
from templates.terraform.written import as_text, join_text, key_of

Names = Mapping[str, Any]


class Scope(Protocol):
    """What an expression may name beside its own loops."""

    budget: Budget
    secret_key: bytes

    def lookup(self, name: str, steps: Sequence[Step]) -> tuple[Any, int]:
        """Return what a root name and its first steps mean, and how many steps that took."""

    def read(self, path: str) -> bytes | None:
        """Return a file of the tree by a path from the root module; None when it is not there."""


class Evaluator:
    """Evaluates the expressions of one module."""

    def __init__(self, scope: Scope) -> None:
        self.budget = scope.budget
        self._scope = scope
        self._special: Mapping[str, Callable[[Call, Names], Any]] = {
            "try": self._try,
            "can": self._can,
            "sensitive": self._sensitive,
            **dict.fromkeys(("file", "templatefile", "fileexists", *_OF_BYTES), self._file),
        }
        self._evaluate: Mapping[type, Callable[[Any, Names], Any]] = {
            Literal: self._literal,
            Template: self._template,
            Listing: self._listing,
            Record: self._record,
            Name: self._name,
            Access: self._access,
            Call: self._call,
            Unary: self._unary,
            Binary: self._binary,
            Conditional: self._conditional,
            Loop: self._loop,
        }

    def value(self, expression: Expression, names: Names = EMPTY) -> Any:
        """Return what an expression says, with the names of its loops. Raises: UnreadableTemplate."""
        budget = self.budget
        budget.spend()
        if not budget.deeper():
            return Unknown("the expression nests too deep")
        try:
            return self._evaluate[type(expression)](expression, names)
        except TooMuch as error:
            return Unknown(str(error))
        finally:
            budget.depth -= 1

    def _literal(self, node: Literal, _names: Names) -> Any:
        return node.value

    def _template(self, node: Template, names: Names) -> Any:
        if len(node.parts) == 1 and not isinstance(node.parts[0], Literal | Loop):
            return self.value(node.parts[0], names)
        return join_text([self.value(p, names) for p in node.parts], self.budget)

    def _listing(self, node: Listing, names: Names) -> Any:
        return [self.value(item, names) for item in node.items]

    def _record(self, node: Record, names: Names) -> Any:
        record: dict[str, Any] = {}
        for key_node, value_node in node.items:
            key = key_of(self.value(key_node, names), self.budget)
            if isinstance(key, Unknown):
                return caused("a key is not known", key)
            record[key] = self.value(value_node, names)
        return record

    def _name(self, node: Name, names: Names) -> Any:
        if node.name in names:
            return names[node.name]
        return self._scope.lookup(node.name, ())[0]

    def _access(self, node: Access, names: Names) -> Any:
        steps = node.steps
        if isinstance(node.target, Name) and node.target.name not in names:
            value, taken = self._scope.lookup(node.target.name, steps)
            steps = steps[taken:]
        else:
            value = self.value(node.target, names)
        return self._steps(value, steps, names)

    def _steps(self, value: Any, steps: Sequence[Step], names: Names) -> Any:
        for step in steps:
            if isinstance(step, Splat):
                value = self._splat(value, step, names)
            elif isinstance(step, str):
                value = member(value, step)
            else:
                value = indexed(value, self.value(step, names), self.budget)
        return value

    def _splat(self, value: Any, splat: Splat, names: Names) -> Any:
        if value is None:
            return []
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Reference):
            return self._steps(Reference(f"{value.path}[*]"), splat.steps, names)
        members = value if isinstance(value, list | tuple) else [value]
        self.budget.spend(len(members))
        return [self._steps(m, splat.steps, names) for m in members]

    def _unary(self, node: Unary, names: Names) -> Any:
        operand = self.value(node.operand, names)
        if node.operator == "!":
            truth = to_bool(operand)
            return truth if isinstance(truth, Unknown) else not truth
        number = to_number(operand)
        return number if isinstance(number, Unknown) else -number

    def _binary(self, node: Binary, names: Names) -> Any:
        left = self.value(node.left, names)
        if node.operator in ("&&", "||"):
            return self._logic(node, left, names)
        right = self.value(node.right, names)
        if node.operator in ("==", "!="):
            same = equal(left, right, self.budget)
            return same if isinstance(same, Unknown) else same is (node.operator == "==")
        first, second = to_number(left), to_number(right)
        for operand in (first, second):
            if isinstance(operand, Unknown):
                return operand
        return _arithmetic(node.operator, first, second)

    def _logic(self, node: Binary, left: Any, names: Names) -> Any:
        decides = node.operator == "||"
        first = to_bool(left)
        if first is decides:
            return decides
        second = to_bool(self.value(node.right, names))
        if second is decides:
            return decides
        return first if isinstance(first, Unknown) else second

    def _conditional(self, node: Conditional, names: Names) -> Any:
        truth = to_bool(self.value(node.condition, names))
        if not isinstance(truth, Unknown):
            return self.value(node.then if truth else node.otherwise, names)
        then, otherwise = self.value(node.then, names), self.value(node.otherwise, names)
        same = is_known(then, self.budget) and equal(then, otherwise, self.budget) is True
        return then if same else caused("a condition is not known", truth)

    def _loop(self, node: Loop, names: Names) -> Any:
        items = pairs_of(self.value(node.collection, names))
        if isinstance(items, Unknown):
            return items
        found: list[tuple[Any, Any]] = []
        for key, member_value in items:
            inner = {**names, node.value_name: member_value}
            if node.key_name:
                inner[node.key_name] = key
            kept = True if node.condition is None else to_bool(self.value(node.condition, inner))
            if isinstance(kept, Unknown):
                return caused("a loop's condition is not known", kept)
            if kept:
                name = self.value(node.key, inner) if node.key else None
                found.append((name, self.value(node.value, inner)))
        return self._gathered(node, found)

    def _gathered(self, node: Loop, found: Sequence[tuple[Any, Any]]) -> Any:
        if node.kind == "list":
            return [value for _, value in found]
        if node.kind == "text":
            return join_text([value for _, value in found], self.budget)
        record: dict[str, Any] = {}
        for name, value in found:
            key = key_of(name, self.budget)
            if isinstance(key, Unknown):
                return caused("a key is not known", key)
            if node.kind == "group":
                record.setdefault(key, []).append(value)
            else:
                record[key] = value
        return record

    def _call(self, node: Call, names: Names) -> Any:
        special = self._special.get(node.name)
        if special is not None:
            return special(node, names)
        function = FUNCTIONS.get(node.name)
        if function is None:
            return Unknown(f"{node.name}() is not evaluated before deployment")
        arguments = self._arguments(node, names)
        if isinstance(arguments, Unknown):
            return arguments
        return apply(node.name, function, arguments, self.budget)

    def _arguments(self, node: Call, names: Names) -> list[Any] | Unknown:
        arguments = [self.value(a, names) for a in node.arguments]
        if node.spread and arguments:
            last = arguments.pop()
            if not isinstance(last, list | tuple):
                return later(last) if not isinstance(last, dict) else Unknown("a map is spread")
            arguments += last
        return arguments

    def _try(self, node: Call, names: Names) -> Any:
        value: Any = Unknown("try() without arguments", is_error=True)
        for argument in node.arguments:
            value = self.value(argument, names)
            if not (isinstance(value, Unknown) and value.is_error):
                break
        return value

    def _can(self, node: Call, names: Names) -> Any:
        value = self._try(node, names)
        if isinstance(value, Unknown):
            return False if value.is_error else value
        return True

    def _sensitive(self, node: Call, names: Names) -> Any:
        arguments = self._arguments(node, names)
        if isinstance(arguments, Unknown) or not arguments:
            return Unknown("sensitive() of something not known")
        self.budget.measure(arguments[0])
        return fingerprinted(arguments[0], self._scope.secret_key)

    def _file(self, node: Call, names: Names) -> Any:
        """Evaluate `file` and its like: only files of the tree are read."""
        arguments = self._arguments(node, names)
        if isinstance(arguments, Unknown) or not arguments:
            return Unknown(f"{node.name}() of something not known")
        path = as_text(arguments[0], self.budget)
        if not isinstance(path, str):
            return later(path)
        content = self._scope.read(path)
        if content is None:
            return Unknown(f"the file {posixpath.basename(path)} is not in the checked tree")
        if node.name == "fileexists":
            return True
        return self._content(node.name, content, arguments[1:])

    def _content(self, name: str, content: bytes, rest: Sequence[Any]) -> Any:
        self.budget.write(len(content))
        self.budget.spend(50 + len(content) // 10)  # what parsing it again and again costs
        if name in _OF_BYTES:
            return apply(name, FUNCTIONS[_OF_BYTES[name]], [content], self.budget)
        try:
            text = content.decode("utf-8")
            if name == "file":
                return text
            template = parse_template("template", text)
        except UnicodeDecodeError:
            return Unknown("the file is not UTF-8", is_error=True)
        except UnreadableTemplate:
            return Unknown("the template file does not parse", is_error=True)
        given = rest[0] if rest else {}
        return self.value(template, given) if isinstance(given, dict) else later(given)


_OF_BYTES = {
    "filebase64": "base64encode",
    "filebase64sha256": "base64sha256",
    "filemd5": "md5",
    "filesha1": "sha1",
    "filesha256": "sha256",
    "filesha512": "sha512",
}


def _arithmetic(operator: str, left: float, right: float) -> Any:
    if operator in _COMPARE:
        return _COMPARE[operator](left, right)
    if operator in ("/", "%") and right == 0:
        return Unknown("a division by zero", is_error=True)
    if max(abs(left), abs(right)) > MAX_NUMBER:
        return Unknown("a number is too large")
    result = _COMPUTE[operator](left, right)
    return int(result) if isinstance(result, float) and result.is_integer() else result


_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
_COMPUTE: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "%": lambda a, b: abs(a) % abs(b) * (1 if a >= 0 else -1),
}
