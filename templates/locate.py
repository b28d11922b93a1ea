"""Say where a property's effective value is written: on the resource, in SAM's Globals, nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.types import SourceSpan
from templates.document import Node
from templates.outline import Outline, span_of
from templates.template import Template
from templates.value import plain

GLOBALS = {
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::CapacityProvider": "CapacityProvider",
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::LayerVersion": "LayerVersion",
    "AWS::Serverless::SimpleTable": "SimpleTable",
    "AWS::Serverless::StateMachine": "StateMachine",
    "AWS::Serverless::WebSocketApi": "WebSocketApi",
}


@dataclass(frozen=True, slots=True)
class Where:
    """Where a value is written.

    `span` is the property's own lines; where it is absent, those of what would hold it. `value` is
    what is written, intrinsics in long form. `section` is the Globals section of the resource's
    type, empty where there is none.
    """

    place: Literal["resource", "globals", "absent"]
    span: SourceSpan | None
    value: Any = None
    section: str = ""


def locate(template: Outline | Template, logical_id: str, path: Sequence[str | int]) -> Where:
    """Tell whether a property is given by the resource, by Globals, or by neither."""
    declared = template.declared.get(logical_id)
    if declared is None:
        return Where("absent", None)
    section = GLOBALS.get(declared.type, "")
    root = template.document.root
    own, key, node = _walk(root, ("Resources", logical_id, "Properties", *path))
    if own and key and node:
        return Where("resource", _span(template, key, node, logical_id), plain(node), section)
    if section:
        shared, shared_key, shared_node = _walk(root, ("Globals", section, *path))
        if shared and shared_key and shared_node:
            span = _span(template, shared_key, shared_node, "Globals")
            return Where("globals", span, plain(shared_node), section)
    span = _span(template, key, node, logical_id) if key and node else declared.span
    return Where("absent", span, None, section)


def _walk(root: Node, path: Sequence[str | int]) -> tuple[bool, Node | None, Node | None]:
    """Follow a path; return whether all of it exists, and the deepest key and node that do."""
    key: Node | None = None
    node = root
    for step in path:
        if node.tag:
            return False, key, node
        if isinstance(step, int):
            if node.kind != "list" or not 0 <= step < len(node.items):
                return False, key, node
            key = node = node.items[step]
            continue
        child, name = node.get(step), node.key(step)
        if child is None or name is None:
            return False, key, node
        key, node = name, child
    return True, key, node


def _span(template: Outline | Template, key: Node, node: Node, address: str) -> SourceSpan:
    return span_of(template.document, template.file, key, node, address=address)
