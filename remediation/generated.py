"""Which templates another tool writes, so that editing them is of no use."""

from collections.abc import Mapping
from typing import Any


def generated_by(raw: Mapping[str, Any], logical_id: str) -> str:
    """Return the tool that generated a declaration, empty where a person wrote it.

    CDK marks each resource with the construct path it came from, and adds a metadata resource.
    """
    resources = raw.get("Resources")
    bodies = resources if isinstance(resources, Mapping) else {}
    body = bodies.get(logical_id)
    metadata = body.get("Metadata") if isinstance(body, Mapping) else None
    if isinstance(metadata, Mapping) and "aws:cdk:path" in metadata:
        return "cdk"
    kinds = {b.get("Type") for b in bodies.values() if isinstance(b, Mapping)}
    return "cdk" if "AWS::CDK::Metadata" in kinds else ""
