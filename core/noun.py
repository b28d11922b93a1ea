"""What people call a resource."""

import re
from collections.abc import Mapping

_NOUNS: Mapping[str, str] = {
    "AWS::Lambda::Function": "function",
    "AWS::Lambda::Url": "function URL",
    "AWS::Lambda::Permission": "function permission",
    "AWS::Lambda::LayerVersion": "layer version",
    "AWS::ApiGateway::RestApi": "REST API",
    "AWS::ApiGatewayV2::Api": "HTTP API",
    "AWS::AppSync::GraphQLApi": "GraphQL API",
    "AWS::EC2::VPC": "VPC",
    "AWS::KMS::Key": "KMS key",
}


def noun(resource_type: str, count: int = 1) -> str:
    """Return what people call a resource of this type, in the plural unless there is one."""
    word = _NOUNS.get(resource_type)
    if word is None:
        last = resource_type.rpartition("::")[2] or "resource"
        word = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", last).lower()
    if count == 1:
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch")) else f"{word}s"
