"""What the handlers of AWS::ApiGateway::* share."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.handler import Call

SERVICE = "apigateway"


def integrate(call: Call, target: Mapping[str, str], integration: Mapping[str, Any]) -> None:
    """Give a method its integration, told in the API's own names."""
    kind = str(integration["type"]).upper()
    method = integration.get("httpMethod") or ("POST" if kind.startswith("AWS") else None)
    fixed = {"integrationHttpMethod": str(method).upper()} if method and kind != "MOCK" else {}
    call.api(
        SERVICE,
        "put_integration",
        {k: v for k, v in integration.items() if k not in {"httpMethod", "responses", "type"}},
        **target,
        type=kind,
        **fixed,
    )


def lower(value: Mapping[str, Any]) -> dict[str, Any]:
    """Write names as this API does, with a small first letter."""
    return {k[0].lower() + k[1:]: v for k, v in value.items()}
