"""What a team already decided in a template: other tools' skip comments and metadata.

`checkov:skip=ID:reason` in a comment inside a resource
(https://www.checkov.io/2.Concepts/Suppressing%20and%20Skipping%20Policies.html), the same under
`Metadata.checkov.skip`, `Metadata.cfn_nag.rules_to_suppress`
(https://github.com/stelligent/cfn_nag#per-resource-rule-suppression) and
`Metadata.guard.SuppressedRules` (https://github.com/aws-cloudformation/aws-guard-rules-registry).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.types import SourceSpan
from templates.document import Node
from templates.template import Template

_COMMENT = re.compile(
    rb"(?:#|//|/\*)[^\r\n]*?\b(?:checkov|bridgecrew):skip\s*=\s*([A-Za-z0-9_]+)"
    rb"(?:[ \t]*:[ \t]*([^\r\n]*?))?[ \t]*(?:\*/)?[ \t]*(?=\r?\n|$)",
    re.IGNORECASE,
)
_REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class Skip:
    """One check that somebody told another tool to leave out, and why. `line` counts from 1."""

    tool: str
    check: str
    reason: str
    line: int


def skips(template: Template) -> Mapping[str, tuple[Skip, ...]]:
    """Return the skips of each declared resource, by logical id."""
    section = template.document.root.get("Resources")
    nodes = {key.text: value for key, value in section.pairs} if section else {}
    found = {
        logical_id: (
            *comments(template.content, declared.span),
            *_metadata(template, nodes.get(logical_id)),
        )
        for logical_id, declared in template.declared.items()
    }
    return {logical_id: each for logical_id, each in found.items() if each}


def comments(content: bytes, span: SourceSpan) -> tuple[Skip, ...]:
    """Return the skip comments inside a span of a file."""
    lines_before = content.count(b"\n", 0, span.start_byte)
    return tuple(
        Skip(
            "checkov",
            _text(found[1]),
            _text(found[2] or b""),
            lines_before + content.count(b"\n", span.start_byte, found.start()) + 1,
        )
        for found in _COMMENT.finditer(content, span.start_byte, span.end_byte)
    )


def _metadata(template: Template, resource: Node | None) -> Iterator[Skip]:
    metadata = resource.get("Metadata") if resource else None
    if metadata is None:
        return
    for tool, path, name, why in _METADATA:
        listed = _at(metadata, path)
        for item in listed.items if listed else ():
            check = item.get(name) if name and item.kind == "map" else item
            if check is not None and check.kind == "scalar" and check.text:
                reason = item.get(why) if why and item.kind == "map" else None
                line = template.document.line_of(check.start)
                yield Skip(tool, check.text, reason.text[:_REASON_MAX] if reason else "", line)


_METADATA = (
    ("checkov", ("checkov", "skip"), "id", "comment"),
    ("cfn_nag", ("cfn_nag", "rules_to_suppress"), "id", "reason"),
    ("guard", ("guard", "SuppressedRules"), "", ""),
)


def _at(node: Node, path: tuple[str, ...]) -> Node | None:
    found: Node | None = node
    for key in path:
        found = found.get(key) if found is not None else None
    return found


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace").strip()[:_REASON_MAX]
