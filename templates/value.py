"""Turn nodes into plain values, CloudFormation's short forms into long ones."""

import re
from typing import Any

from templates.document import Node

_DECIMAL = re.compile(r"[-+]?(?:0|[1-9]\d*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?\Z")
_TRUE = frozenset({"true", "yes", "on"})
_UNPREFIXED = frozenset({"Ref", "Condition"})
MERGE = "<<"


def plain(node: Node) -> Any:
    """Return what a node says: dicts, lists and scalars; `!Ref X` becomes `{"Ref": "X"}`."""
    value = _bare(node)
    return value if not node.tag else _long_form(node.tag, value)


def _bare(node: Node) -> Any:
    if node.kind == "scalar":
        return _scalar(node)
    if node.kind == "list":
        return [plain(item) for item in node.items]
    merged: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for key, child in node.pairs:
        if key.text == MERGE and not key.style:
            for source in child.items if child.kind == "list" else [child]:
                value = plain(source)
                merged |= (
                    {k: v for k, v in value.items() if k not in merged}
                    if isinstance(value, dict)
                    else {}
                )
        else:
            own[key.text] = plain(child)
    return merged | own


def _scalar(node: Node) -> Any:
    """Return a scalar; dates, octal and base-60 numbers stay the text that CloudFormation sees."""
    text = node.text
    if node.type == "bool":
        return text.lower() in _TRUE
    if node.type == "null":
        return None
    if node.type == "int" and _DECIMAL.match(text) and len(text) < 30:
        return int(text)
    if node.type == "float" and _FLOAT.match(text):
        return float(text)
    return text


def _long_form(tag: str, value: Any) -> dict[str, Any]:
    name = tag.lstrip("!")
    if name in _UNPREFIXED:
        return {name: value}
    if name == "GetAtt" and isinstance(value, str):
        return {"Fn::GetAtt": value.split(".", 1)}
    return {f"Fn::{name}": value}
