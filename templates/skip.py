"""What a team already decided in a template: other tools' skip comments and metadata.

`checkov:skip=ID:reason` in a comment inside a resource
(https://www.checkov.io/2.Concepts/Suppressing%20and%20Skipping%20Policies.html), `trivy:ignore:ID`
and `tfsec:ignore:ID` inside it or in the lines right above it
(https://trivy.dev/docs/latest/configuration/filtering/#by-inline-comments), the first also under
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
_IGNORE = re.compile(
    rb"\b(?:trivy|tfsec):ignore:(?:AVD-)?([A-Za-z0-9_-]+)(?:\[[^\]\r\n]*\])?"
    rb"(?::exp:(\d{4}-\d\d-\d\d))?",
    re.IGNORECASE,
)
_COMMENT_LINES_ABOVE = re.compile(rb"(?:^[ \t]*(?:#|//)[^\n]*\n)+[ \t]*\Z", re.MULTILINE)
_LOOK_BACK = 4096
_REASON_MAX = 500


@dataclass(frozen=True, slots=True)
class Skip:
    """One check that somebody told another tool to leave out, and why. `line` counts from 1.

    `expires` is the last day on which it holds, as YYYY-MM-DD; empty where it has no end.
    """

    tool: str
    check: str
    reason: str
    line: int
    expires: str = ""


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
    """Return the skip comments inside a span of a file, and of Trivy's those right above it."""
    start = _with_comments_above(content, span.start_byte)
    return (
        *(
            Skip("checkov", _text(found[1]), _text(found[2] or b""), _line(content, found.start()))
            for found in _COMMENT.finditer(content, span.start_byte, span.end_byte)
        ),
        *(
            Skip(
                "trivy",
                _text(found[1]),
                "",
                _line(content, found.start()),
                expires=_text(found[2] or b""),
            )
            for found in _IGNORE.finditer(content, start, span.end_byte)
            if _in_comment(content, found.start())
        ),
    )


def _with_comments_above(content: bytes, start: int) -> int:
    """Return where the comment lines begin that stand right above a declaration."""
    before = max(0, start - _LOOK_BACK)
    above = _COMMENT_LINES_ABOVE.search(content, before, start)
    return above.start() if above else start


def _in_comment(content: bytes, place: int) -> bool:
    line = content[content.rfind(b"\n", 0, place) + 1 : place]
    return any(mark in line for mark in (b"#", b"//", b"/*"))


def _line(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1


def _metadata(template: Template, resource: Node | None) -> Iterator[Skip]:
    metadata = resource.get("Metadata") if resource else None
    if metadata is None:
        return
    for tool, path, name, why in _METADATA:
        listed = _at(metadata, path)
        for item in listed.items if listed else ():
            for check, reason in _listed(item, name, why):
                if check is not None and check.kind == "scalar" and check.text:
                    line = template.document.line_of(check.start)
                    yield Skip(tool, check.text, reason.text[:_REASON_MAX] if reason else "", line)


_METADATA = (
    ("checkov", ("checkov", "skip"), "id", "comment"),
    ("cfn_nag", ("cfn_nag", "rules_to_suppress"), "id", "reason"),
    ("guard", ("guard", "SuppressedRules"), "", ""),
)


def _listed(item: Node, name: str, why: str) -> Iterator[tuple[Node | None, Node | None]]:
    """Yield the checks that an entry names, and why: `ID`, `{id: ID, reason: ...}` or `{ID: ...}`."""
    if item.kind != "map":
        yield item, None
    elif name:
        yield item.get(name), item.get(why)
    else:
        yield from item.pairs


def _at(node: Node, path: tuple[str, ...]) -> Node | None:
    found: Node | None = node
    for key in path:
        found = found.get(key) if found is not None else None
    return found


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace").strip()[:_REASON_MAX]
