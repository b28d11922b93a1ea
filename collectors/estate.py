"""Every collector there is. Importing this module registers them."""

from collectors import (
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
