"""What a REST API is made of: resources, methods, authorizers, validators, models."""

from collections.abc import Mapping
from typing import Any

from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register
from sandbox.aws.handlers.rest import SERVICE, integrate, lower
from sandbox.aws.simple import Simple, register_simple


def _method_key(call: Call) -> dict[str, Any]:
    return {
        "restApiId": call.get("RestApiId"),
        "resourceId": call.get("ResourceId"),
        "httpMethod": str(call.get("HttpMethod")).upper(),
    }


def _put_method(call: Call) -> str:
    key = _method_key(call)
    kind = str(call.get("AuthorizationType") or "NONE")
    call.api(SERVICE, "put_method", call.properties, **key, authorizationType=kind)
    for response in call.get("MethodResponses") or ():
        call.api(
            SERVICE, "put_method_response", response, **key, statusCode=str(response["StatusCode"])
        )
    integration = call.get("Integration") or {}
    if integration.get("Type"):
        method = integration.get("IntegrationHttpMethod")
        integrate(
            call, key, {**lower(integration), "httpMethod": method, "type": integration["Type"]}
        )
        for response in integration.get("IntegrationResponses") or ():
            call.api(
                SERVICE,
                "put_integration_response",
                {"responseTemplates": {}, **lower(response)},
                **key,
                statusCode=str(response["StatusCode"]),
            )
    return "/".join(str(v) for v in key.values())


def _read_method(call: Call) -> Mapping[str, Any]:
    key = _method_key(call)
    found: dict[str, Any] = call.api(SERVICE, "get_method", **key)
    integration = found.get("methodIntegration") or {}
    return found | {
        "RestApiId": key["restApiId"],
        "ResourceId": key["resourceId"],
        "MethodResponses": list((found.get("methodResponses") or {}).values()),
        "Integration": integration
        | {
            "IntegrationHttpMethod": integration.get("httpMethod"),
            "IntegrationResponses": list((integration.get("integrationResponses") or {}).values()),
        },
    }


def _update_method(call: Call) -> None:
    call.api(SERVICE, "delete_method", **_method_key(call))
    _put_method(call)


register(
    Handler(
        type="AWS::ApiGateway::Method",
        create=_put_method,
        read=_read_method,
        update=_update_method,
        delete=lambda call: call.api(SERVICE, "delete_method", **_method_key(call)),
        immutable=frozenset({"RestApiId", "ResourceId", "HttpMethod"}),
        part_of=("RestApiId", "ResourceId"),
        not_verifiable={
            "Integration.IntegrationResponses": "moto renames their parts",
            "Integration.CacheKeyParameters": NOT_IN_MOTO,
            "Integration.ConnectionId": NOT_IN_MOTO,
            "Integration.CacheNamespace": NOT_IN_MOTO,
            "Integration.ContentHandling": NOT_IN_MOTO,
            "Integration.TimeoutInMillis": NOT_IN_MOTO,
            "Integration.ResponseTransferMode": NOT_IN_MOTO,
            "MethodResponses": "moto renames their parts",
            "OperationName": NOT_IN_MOTO,
        },
    )
)

register_simple(
    Simple(
        type="AWS::ApiGateway::Resource",
        service=SERVICE,
        create="create_resource",
        read="get_resource",
        delete="delete_resource",
        key="resourceId",
        made="id",
        also=("RestApiId",),
        attributes={"ResourceId": "id"},
        part_of=("RestApiId",),
    )
)
register_simple(
    Simple(
        type="AWS::ApiGateway::Authorizer",
        service=SERVICE,
        create="create_authorizer",
        read="get_authorizer",
        delete="delete_authorizer",
        key="authorizerId",
        made="id",
        also=("RestApiId",),
        name="Name",
        attributes={"AuthorizerId": "id"},
        part_of=("RestApiId",),
        rename={"ProviderARNs": "providerARNs"},
    )
)
register_simple(
    Simple(
        type="AWS::ApiGateway::RequestValidator",
        service=SERVICE,
        create="create_request_validator",
        read="get_request_validator",
        delete="delete_request_validator",
        key="requestValidatorId",
        made="id",
        also=("RestApiId",),
        attributes={"RequestValidatorId": "id"},
        part_of=("RestApiId",),
    )
)
register_simple(
    Simple(
        type="AWS::ApiGateway::Model",
        service=SERVICE,
        create="create_model",
        read="get_model",
        delete="delete_model",
        key="modelName",
        made="name",
        name="Name",
        also=("RestApiId",),
        part_of=("RestApiId",),
    )
)
