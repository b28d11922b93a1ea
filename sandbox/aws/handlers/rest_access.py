"""Who may call REST APIs how often, what a refusal looks like, and the account's log role."""

from typing import Any

from sandbox.aws.handler import Call, Handler, register
from sandbox.aws.handlers.rest import SERVICE, lower
from sandbox.aws.simple import Simple, Tags, register_simple

register_simple(
    Simple(
        type="AWS::ApiGateway::ApiKey",
        service=SERVICE,
        create="create_api_key",
        read="get_api_key",
        delete="delete_api_key",
        key="apiKey",
        made="id",
        name="Name",
        tags=Tags.MAP,
        tag_key="tags",
        attributes={"APIKeyId": "id"},
    )
)
register_simple(
    Simple(
        type="AWS::ApiGateway::UsagePlan",
        service=SERVICE,
        create="create_usage_plan",
        read="get_usage_plan",
        delete="delete_usage_plan",
        key="usagePlanId",
        made="id",
        rename={"UsagePlanName": "name"},
        attributes={"Id": "id"},
        reshape=lambda found: {"name": "usage-plan", **found},
    )
)


def _create_plan_key(call: Call) -> str:
    found: dict[str, Any] = call.api(SERVICE, "create_usage_plan_key", call.properties)
    return str(found["id"])


register(
    Handler(
        type="AWS::ApiGateway::UsagePlanKey",
        create=_create_plan_key,
        read=lambda call: {
            "KeyId": call.api(
                SERVICE,
                "get_usage_plan_key",
                usagePlanId=call.get("UsagePlanId"),
                keyId=call.physical_id,
            )["id"],
            "KeyType": call.get("KeyType"),
            "UsagePlanId": call.get("UsagePlanId"),
        },
        delete=lambda call: call.api(
            SERVICE,
            "delete_usage_plan_key",
            usagePlanId=call.get("UsagePlanId"),
            keyId=call.physical_id,
        ),
        part_of=("UsagePlanId", "KeyId"),
    )
)


def _respond(call: Call) -> str:
    kind = str(call.get("ResponseType"))
    call.api(
        SERVICE,
        "put_gateway_response",
        {"responseParameters": {}, "responseTemplates": {}, **lower(call.properties)},
    )
    return kind


register(
    Handler(
        type="AWS::ApiGateway::GatewayResponse",
        create=_respond,
        read=lambda call: (
            call.api(
                SERVICE,
                "get_gateway_response",
                restApiId=call.get("RestApiId"),
                responseType=call.physical_id,
            )
            | {"RestApiId": call.get("RestApiId")}
        ),
        update=_respond,
        delete=lambda call: call.api(
            SERVICE,
            "delete_gateway_response",
            restApiId=call.get("RestApiId"),
            responseType=call.physical_id,
        ),
        part_of=("RestApiId",),
    )
)


def _set_account(call: Call) -> str:
    value = str(call.get("CloudWatchRoleArn") or "")
    call.api(
        SERVICE,
        "update_account",
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": value}],
    )
    return "account"


register(
    Handler(
        type="AWS::ApiGateway::Account",
        create=_set_account,
        read=lambda call: {
            "CloudWatchRoleArn": call.api(SERVICE, "get_account").get("cloudwatchRoleArn")
        },
        update=_set_account,
        delete=lambda _: None,
    )
)
