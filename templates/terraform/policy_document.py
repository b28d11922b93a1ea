"""Build the policy that `data "aws_iam_policy_document"` renders.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from collections.abc import Iterable, Mapping
from typing import Any

from templates.terraform.values import Budget, Unknown, later
from templates.terraform.written import document, key_of

_VERSION = "2012-10-17"
_LISTS = (
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
)


def policy_document(values: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
    """Return the document of a block's evaluated attributes; unknown parts stay where they are."""
    statements = _sourced(values, ("source_json", "source_policy_documents"), budget)
    _put(statements, _own(values.get("statement"), budget))
    overriding = _sourced(values, ("override_policy_documents", "override_json"), budget)
    _put(statements, overriding)
    made: dict[str, Any] = {"Version": values.get("version") or _VERSION}
    if values.get("policy_id"):
        made["Id"] = values["policy_id"]
    made["Statement"] = statements
    return made


def _sourced(values: Mapping[str, Any], names: Iterable[str], budget: Budget) -> list[Any]:
    statements: list[Any] = []
    for name in names:
        given = values.get(name)
        for one in given if isinstance(given, list | tuple) else [given]:
            if one is None or one == "":
                continue
            parsed = document(one, budget)
            found = parsed.get("Statement", []) if isinstance(parsed, dict) else None
            if isinstance(found, dict):
                found = [found]
            _put(statements, found if isinstance(found, list) else [later(parsed)])
    return statements


def _put(statements: list[Any], added: Iterable[Any]) -> None:
    """Add statements; one with the Sid of an earlier one takes its place."""
    places = {s["Sid"]: i for i, s in enumerate(statements) if isinstance(s, dict) and s.get("Sid")}
    for statement in added:
        sid = statement.get("Sid") if isinstance(statement, dict) else None
        if isinstance(sid, str) and sid in places:
            statements[places[sid]] = statement
        else:
            statements.append(statement)


def _own(blocks: Any, budget: Budget) -> list[Any]:
    if isinstance(blocks, Unknown):
        return [blocks]
    members = blocks if isinstance(blocks, list) else []
    return [_statement(b, budget) if isinstance(b, dict) else later(b) for b in members]


def _statement(block: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
    statement: dict[str, Any] = {}
    if block.get("sid"):
        statement["Sid"] = block["sid"]
    statement["Effect"] = block.get("effect") or "Allow"
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        if block.get(name):
            statement[key] = _principals(block[name], budget)
    for name, key in _LISTS:
        if block.get(name) is not None and block[name] not in ([], ()):
            statement[key] = _single(block[name])
    if block.get("condition"):
        statement["Condition"] = _conditions(block["condition"], budget)
    return statement


def _principals(blocks: Any, budget: Budget) -> Any:
    if not isinstance(blocks, list):
        return blocks
    principals: dict[str, Any] = {}
    for block in blocks:
        kind = key_of(block.get("type"), budget) if isinstance(block, dict) else later(block)
        if isinstance(kind, Unknown):
            return kind
        identifiers = block.get("identifiers")
        if kind == "*" and _single(identifiers) == "*":
            return "*"
        principals[kind] = _joined(principals.get(kind), identifiers)
    return {kind: _single(members) for kind, members in principals.items()}


def _conditions(blocks: Any, budget: Budget) -> Any:
    if not isinstance(blocks, list):
        return blocks
    conditions: dict[str, Any] = {}
    for block in blocks:
        test, variable = (
            key_of(block.get(n), budget) if isinstance(block, dict) else later(block)
            for n in ("test", "variable")
        )
        if isinstance(test, Unknown) or isinstance(variable, Unknown):
            return test if isinstance(test, Unknown) else variable
        known = conditions.setdefault(test, {})
        known[variable] = _single(_joined(known.get(variable), block.get("values")))
    return conditions


def _joined(first: Any, second: Any) -> Any:
    if first is None:
        return list(second) if isinstance(second, list | tuple) else second
    both = [m if isinstance(m, list | tuple) else [m] for m in (first, second)]
    return [member for members in both for member in members]


def _single(members: Any) -> Any:
    if isinstance(members, list | tuple):
        return members[0] if len(members) == 1 else list(members)
    return members
