"""References in a text: `${LogicalId.Arn}` of a template, `${aws_sqs_queue.q.arn}` of Terraform."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STEP = r"[\w-]+(?:\[(?:\d+|\"[^\"]*\")\])?"
_REFERENCES = (
    re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}"),
    re.compile(
        rf"\$\{{((?:module\.{_STEP}\.)*(?:data\.)?[a-z][a-z0-9]*_[a-z0-9_]+\.{_STEP})(?:[.\[][^}}]*)?\}}"
    ),
)


@dataclass(frozen=True, slots=True)
class Token:
    """One reference as it stands, and the alias of the whole that it names a part of."""

    text: str
    whole: str


def tokens(text: str) -> Iterator[Token]:
    """Yield the references to other resources in a text."""
    if "${" not in text:
        return
    for pattern in _REFERENCES:
        for found in pattern.finditer(text):
            yield Token(found.group(0), f"${{{found.group(1)}}}")
