"""A template as it is written: where each declaration stands, before anything is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import UnreadableTemplate
from core.types import EMPTY, SourceSpan
from templates.document import Document, Node, read_document
from templates.value import plain


@dataclass(frozen=True, slots=True)
class Declared:
    """One entry of a template's Resources as it is written."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    span: SourceSpan
    condition: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outline:
    """What an edit needs to know of a template; `templates.Template` knows what it comes to."""

    file: str
    document: Document
    declared: Mapping[str, Declared]

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return self.document.content


def read_outline(data: bytes, *, file: str) -> Outline:
    """Read what a template declares, untranslated and unresolved. Raises: UnreadableTemplate."""
    document = read_document(data)
    return Outline(file, document, declared_in(document, file, sections(plain(document.root))))


def sections(raw: Any) -> dict[str, Any]:
    """Return a template's sections, those that are read made maps. Raises: UnreadableTemplate."""
    if raw == {}:
        raw = {"Resources": {}}  # a template that declares nothing yet
    if not isinstance(raw, dict) or not isinstance(raw.get("Resources"), dict):
        raise UnreadableTemplate("This is no CloudFormation or SAM template: it has no Resources.")
    for section in ("Parameters", "Mappings", "Conditions"):
        raw[section] = as_map(raw.get(section))
    return raw


def declared_in(document: Document, file: str, raw: Mapping[str, Any]) -> dict[str, Declared]:
    """Return the entries of Resources by logical id; a loop is one entry."""
    section = document.root.get("Resources")
    found: dict[str, Declared] = {}
    for key, node in section.pairs if section else ():
        body = raw["Resources"].get(key.text)
        if isinstance(body, Mapping) and isinstance(body.get("Type"), str):
            found[key.text] = Declared(
                logical_id=key.text,
                type=body["Type"],
                properties=as_map(body.get("Properties")),
                span=span_of(document, file, key, node, address=key.text),
                condition=body["Condition"] if isinstance(body.get("Condition"), str) else "",
                metadata=as_map(body.get("Metadata")),
            )
        elif key.text.startswith("Fn::ForEach::"):
            span = span_of(document, file, key, node, address=key.text)
            found[key.text] = Declared(key.text, "Fn::ForEach", EMPTY, span)
    return found


def span_of(document: Document, file: str, key: Node, value: Node, *, address: str) -> SourceSpan:
    """Return the span from a key to the end of its value."""
    end = max(key.end, value.end if value.start >= key.start else key.end)
    return SourceSpan(
        file=file,
        start_line=document.line_of(key.start),
        end_line=document.line_of(max(end - 1, key.start)),
        address=address,
        start_byte=key.start,
        end_byte=end,
    )


def as_map(value: Any) -> dict[str, Any]:
    """Return a map of one's own, empty for anything that is none."""
    return dict(value) if isinstance(value, Mapping) else {}
