"""What reading Terraform yields before it is put into CloudFormation's names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.types import SourceSpan


@dataclass(frozen=True, slots=True)
class Block:
    """One instance of a `resource` or `data` block: count and for_each are expanded.

    `attributes` hold plain values: text, numbers, booleans, None, lists, mappings. A nested block is
    one mapping in the list under its name, in the order of the file, `dynamic` ones expanded. A
    reference to another block's attribute that only the provider knows is the text
    `${<address>.<attribute>}`, alone or inside a longer text; a value that cannot be known is
    `core.types.unknown(reason)`. Policy documents that were written by jsonencode, a heredoc or
    `data.aws_iam_policy_document` are mappings where they could be parsed.

    `spans` names where each attribute or nested block is written, by path (`versioning.0.enabled`).
    """

    mode: Literal["managed", "data"]
    type: str
    name: str
    address: str
    attributes: Mapping[str, Any]
    span: SourceSpan
    spans: Mapping[str, SourceSpan] = field(default_factory=dict)
