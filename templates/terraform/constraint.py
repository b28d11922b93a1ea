"""Fit a value to the type that its variable declares.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from collections.abc import Callable, Mapping
from typing import Any

from templates.terraform.collection_functions import to_set
from templates.terraform.syntax import Call, Expression, Literal, Name, Record
from templates.terraform.values import Budget, to_bool, to_number
from templates.terraform.written import as_text

Evaluate = Callable[[Expression], Any]


def fitted(value: Any, constraint: Expression | None, evaluate: Evaluate, budget: Budget) -> Any:
    """Return a value as its declared type makes it: numbers from text, sets, optional members.

    What does not fit stays as it is: Terraform would refuse it, which is not ours to report.
    """
    budget.spend()
    if value is None or constraint is None:
        return value
    if isinstance(constraint, Call):
        return _collection(value, constraint, evaluate, budget)
    name = constraint.name if isinstance(constraint, Name) else ""
    if isinstance(constraint, Literal):
        name = str(constraint.value)
    if isinstance(value, list | tuple | dict):
        return value
    match name:
        case "string":
            return as_text(value, budget) if isinstance(value, bool | int | float) else value
        case "number":
            number = to_number(value)
            return number if isinstance(number, int | float) else value
        case "bool":
            truth = to_bool(value)
            return truth if isinstance(truth, bool) else value
    return value


def _collection(value: Any, constraint: Call, evaluate: Evaluate, budget: Budget) -> Any:
    inner = constraint.arguments[0] if constraint.arguments else None
    match constraint.name, value:
        case "optional", _:
            return fitted(value, inner, evaluate, budget)
        case "list", list() | tuple():
            return [fitted(v, inner, evaluate, budget) for v in value]
        case "set", list() | tuple():
            return to_set([fitted(v, inner, evaluate, budget) for v in value], budget=budget)
        case "map", dict():
            return {k: fitted(v, inner, evaluate, budget) for k, v in value.items()}
        case "object", dict() if isinstance(inner, Record):
            return _object(value, inner, evaluate, budget)
    return value


def _object(
    value: Mapping[str, Any], members: Record, evaluate: Evaluate, budget: Budget
) -> dict[str, Any]:
    made = dict(value)
    for key, constraint in members.items:
        name = str(key.value) if isinstance(key, Literal) else ""
        optional = isinstance(constraint, Call) and constraint.name == "optional"
        given = value.get(name)
        if given is None and optional and isinstance(constraint, Call):
            rest = constraint.arguments[1:]
            given = evaluate(rest[0]) if rest else None
            made[name] = given
        if given is not None:
            made[name] = fitted(given, constraint, evaluate, budget)
    return made
