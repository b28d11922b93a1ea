"""The resource types the sandbox deploys, one module per family; importing registers them."""

from sandbox.aws.handlers import (
    apigateway,
    apigatewayv2,
    data,
    delivery,
    function,
    iam,
    messaging,
    network,
    s3,
    security,
    serverless,
    watching,
)

__all__ = [
    "apigateway",
    "apigatewayv2",
    "data",
    "delivery",
    "function",
    "iam",
    "messaging",
    "network",
    "s3",
    "security",
    "serverless",
    "watching",
]
