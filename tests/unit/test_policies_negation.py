"""No shipped policy negates a call on what may be undefined: OPA and regorus answer differently.

OPA looks the arguments up before it negates, and where one is undefined gives the rule up; regorus
takes it for a call that failed, and goes on. `not x.y` and `not x.y == 1` are the same to both.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import regorus

from policies import load
from policies.model import Module
from policies.tree import path_of

_ALWAYS = ("input.resource", "input.settings.trusted_accounts", "iam.admin_policies")
_MEMBERS = (".Properties", ".statement")
"""Every resource has properties; statements that libraries hand out with their place are there."""
_REFERENCES = ("RefDot", "RefBrack")
_OWN_QUERIES = ("ArrayCompr", "SetCompr", "ObjectCompr")

SHIPPED = load().modules


@pytest.mark.parametrize("module", SHIPPED, ids=lambda module: module.path)
def test_what_is_negated_of_a_call_is_there(module: Module) -> None:
    assert list(_negated(module.text)) == []


@pytest.mark.parametrize(
    "body",
    [
        "\tsome x in input.xs\n\tnot f(x.y)",
        '\tsome x in input.xs\n\tnot f(x["y"])',
        "\tsome x in input.xs\n\tnot f([x.y])",
        "\tsome x in input.xs\n\tnot x.y in {1}",
        "\tsome x in input.xs\n\tnot x.y > 3",
        "\tsome x in input.xs\n\tz := x.y\n\tnot f(x.y)",
        "\tcount([x | some x in input.xs; not f(x.y)]) > 1",
    ],
)
def test_what_may_be_undefined_is_found(body: str) -> None:
    assert list(_negated(_policy(body)))


@pytest.mark.parametrize(
    "body",
    [
        "\tsome x in input.xs\n\tnot x.y",
        "\tsome x in input.xs\n\tnot x.y == 1",
        "\tsome x in input.xs\n\tx.y\n\tnot f(x.y)",
        "\tsome x in input.xs\n\tz := x.y\n\tnot f(z)",
        '\tsome x in input.xs\n\tnot f(object.get(x, "y", null))',
        "\tnot f([x | x := input.xs[_].y])",
    ],
)
def test_what_is_there_or_is_not_called_with_is_left(body: str) -> None:
    assert list(_negated(_policy(body))) == []


def _policy(body: str) -> str:
    return f"package it\n\ndeny contains 1 if {{\n{body}\n}}\n\nf(v) if v == 1\n"


def _negated(text: str) -> Iterator[str]:
    engine = regorus.Engine()
    engine.add_policy("it.rego", text)
    yield from _within(json.loads(engine.get_ast_as_json())[0]["ast"]["rules"], frozenset())


def _within(node: Any, stated: frozenset[str]) -> Iterator[str]:
    """Yield what is negated below a node; `stated` are the references that a query asks for."""
    if isinstance(node, list):
        for item in node:
            yield from _within(item, stated)
    if not isinstance(node, Mapping):
        return
    if "stmts" in node:
        literals = [each["literal"] for each in node["stmts"]]
        stated = stated.union(*(_references(_asked(literal)) for literal in literals))
        for literal in literals:
            if "NotExpr" in literal:
                for reference in _references(_called(literal["NotExpr"]["expr"])):
                    if reference not in stated and not _is_there(reference):
                        yield f"line {literal['NotExpr']['span']['line']}: {reference}"
    for value in node.values():
        yield from _within(value, stated)


def _asked(literal: Mapping[str, Any]) -> Any:
    """Return what a statement must find; a value that is assigned may be undefined to regorus."""
    if "SomeIn" in literal:
        return literal["SomeIn"]["collection"]
    expression = literal.get("Expr", {}).get("expr", {})
    return [] if "AssignExpr" in expression else expression


def _called(expression: Mapping[str, Any]) -> Any:
    """Return the arguments of a negated call, of an operator but `==`, or of `in`."""
    [(kind, value)] = expression.items()
    if kind == "Call":
        return value["params"]
    if kind == "BoolExpr" and value["op"] == "Eq":
        return []
    if kind in _REFERENCES:
        return value.get("index", [])
    return [] if kind == "Var" else value


def _references(node: Any) -> set[str]:
    """Return the references in a node, as they are written; comprehensions have their own queries."""
    if isinstance(node, list):
        return {found for item in node for found in _references(item)}
    if not isinstance(node, Mapping):
        return set()
    found: set[str] = set()
    for kind, value in node.items():
        if kind in _REFERENCES and (path := path_of({kind: value})):
            found.add(".".join(path))
        elif kind == "Call":
            found |= _references(value["params"])
        elif kind not in _OWN_QUERIES:
            found |= _references(value)
    return found


def _is_there(reference: str) -> bool:
    return reference in _ALWAYS or reference.endswith(_MEMBERS)
