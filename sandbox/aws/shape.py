"""Turn CloudFormation's properties into an API call's parameters, by the service's own description.

CloudFormation and the APIs name most things alike and differ in case ("Arn" and "arn") and in
strictness ("30" and 30). botocore knows each call's members and types, so one function serves
every service; a property that the call does not have is left out here and shows up at read back.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_TRUE = frozenset({"true", "yes", "1", "enabled"})


def call(client: Any, method: str, properties: Mapping[str, Any], **fixed: Any) -> dict[str, Any]:
    """Call an API with the properties it has members for; `fixed` parameters win as they stand."""
    operation = client.meta.method_to_api_mapping[method]
    shape = client.meta.service_model.operation_model(operation).input_shape
    parameters = _structure(shape, properties) if shape is not None else {}
    return dict(getattr(client, method)(**(parameters | fixed)))


def _structure(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    members = {name.casefold(): name for name in shape.members}
    found = {}
    for key, inner in value.items():
        name = members.get(str(key).casefold())
        if name is not None and inner is not None:
            found[name] = convert(shape.members[name], inner)
    return found


def convert(shape: Any, value: Any) -> Any:
    """Give a value the type that a botocore shape asks for."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, list) and "Quantity" in shape.members:
        # CloudFront counts its lists: [a, b] is {Quantity: 2, Items: [a, b]}.
        return {"Quantity": len(value), "Items": convert(shape.members["Items"], value)}
    if kind == "structure":
        return _structure(shape, value) if isinstance(value, Mapping) else value
    if kind == "list":
        items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return [convert(shape.member, item) for item in items]
    if kind == "map":
        if not isinstance(value, Mapping):
            return value
        return {str(k): convert(shape.value, v) for k, v in value.items()}
    return _scalar(kind, value)


def _scalar(kind: str, value: Any) -> Any:
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).casefold() in _TRUE
    if kind in {"integer", "long"}:
        return int(float(value))
    if kind in {"float", "double"}:
        return float(value)
    if kind == "blob":
        return value if isinstance(value, bytes) else text(value).encode()
    if kind == "string":
        return text(value)
    return value


def text(value: Any) -> str:
    """Write a value as the text that AWS keeps: documents as JSON, booleans in small letters."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    return str(value)
