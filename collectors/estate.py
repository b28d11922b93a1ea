"""Every collector there is. Importing this module registers them."""

from collectors import (
    account,
    api_gateway,
    cloudformation,
    dynamodb,
    edge,
    events,
    functions,
    identity,
    keys,
    messaging,
    network,
    observability,
    storage,
    streams,
    workflows,
)

__all__ = [
    "account",
    "api_gateway",
    "cloudformation",
    "dynamodb",
    "edge",
    "events",
    "functions",
    "identity",
    "keys",
    "messaging",
    "network",
    "observability",
    "storage",
    "streams",
    "workflows",
]
