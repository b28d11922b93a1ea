"""What the role for live changes may do: the calls that the blueprints declare, and nothing more."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from remediation.live.blueprint import LiveBlueprint, load

_ACTIONS = {
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "apigateway:GetStage": "apigateway:GET",
    "apigateway:UpdateStage": "apigateway:PATCH",
}
"""Where IAM calls an action otherwise than the API does (Service Authorization Reference)."""
_PREFIXES = {"stepfunctions": "states"}
_RESOURCES = {
    "apigateway": "arn:aws:apigateway:*::/restapis/*/stages/*",
}
"""Where an action covers more than live changes touch, what it is limited to."""


def actions(blueprints: Iterable[LiveBlueprint]) -> tuple[str, ...]:
    """Return the IAM actions that these blueprints need, to change and to put back."""
    calls = {
        call
        for item in blueprints
        for aspect in item.uses
        for call in (aspect.read, *aspect.also, *aspect.writes)
    }
    return tuple(sorted({_action(call) for call in calls}))


def policy_document(check_ids: Sequence[str] = ()) -> Mapping[str, Any]:
    """Return the policy of the role for live changes, for some checks or for all."""
    chosen = [item for check_id, item in load().items() if not check_ids or check_id in check_ids]
    needed = actions(chosen)
    anywhere = [each for each in needed if each.split(":")[0] not in _RESOURCES]
    statements = [{"Effect": "Allow", "Action": anywhere, "Resource": "*"}] if anywhere else []
    for service, resource in _RESOURCES.items():
        limited = [each for each in needed if each.split(":")[0] == service]
        if limited:
            statements.append({"Effect": "Allow", "Action": limited, "Resource": resource})
    return {"Version": "2012-10-17", "Statement": statements}


def _action(call: str) -> str:
    service, name = call.split(":")
    return _ACTIONS.get(call) or f"{_PREFIXES.get(service, service)}:{name}"
