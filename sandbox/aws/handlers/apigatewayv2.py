"""AWS::ApiGatewayV2::*: HTTP and WebSocket APIs, declared in parts or as one definition."""

import copy
from collections.abc import Mapping
from typing import Any

from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, record_only, register
from sandbox.aws.handlers import openapi

_SERVICE = "apigatewayv2"


def _declared(call: Call) -> dict[str, Any]:
    body = call.get("Body") or {}
    info = body.get("info") or {}
    found = {
        k: v for k, v in call.properties.items() if k not in {"Body", "Tags", "CorsConfiguration"}
    }
    cors = call.get("CorsConfiguration") or body.get("x-amazon-apigateway-cors")
    return {
        "Name": info.get("title") or call.logical_id,
        "ProtocolType": "HTTP",
        **found,
        **({"CorsConfiguration": cors} if isinstance(cors, Mapping) else {}),
    }


def _create_api(call: Call) -> str:
    found: dict[str, Any] = call.api(_SERVICE, "create_api", _declared(call), Tags=call.tags())
    call.physical_id = str(found["ApiId"])
    _build(call)
    return call.physical_id


def _update_api(call: Call) -> None:
    call.api(_SERVICE, "update_api", _declared(call), ApiId=call.physical_id)
    if not _declared(call).get("CorsConfiguration") and call.changed("CorsConfiguration", "Body"):
        call.api(_SERVICE, "delete_cors_configuration", ApiId=call.physical_id)
    arn = f"arn:aws:apigateway:{call.aws.region}::/apis/{call.physical_id}"
    call.retag(_SERVICE, call.tags(), ResourceArn=arn)
    if call.changed("Body"):
        _raze(call)
        _build(call)


def _route_key(operation: openapi.Operation) -> str:
    path = operation.path
    return "$default" if path.strip("/") == "$default" else f"{operation.method} {path}"


def _build(call: Call) -> None:
    body = call.get("Body")
    if not isinstance(body, Mapping):
        return
    authorizers = {
        name: _create_authorizer(call, name, spec)
        for name, spec in openapi.authorizers(body).items()
    }
    for operation in openapi.operations(body):
        target = {}
        if operation.integration:
            found = call.api(
                _SERVICE,
                "create_integration",
                _integration(operation.integration),
                ApiId=call.physical_id,
            )
            target = {"Target": f"integrations/{found['IntegrationId']}"}
        call.api(
            _SERVICE,
            "create_route",
            ApiId=call.physical_id,
            RouteKey=_route_key(operation),
            **target,
            **_authorization(body, operation, authorizers),
        )


def _integration(spec: Mapping[str, Any]) -> dict[str, Any]:
    kind = str(spec.get("type", "aws_proxy")).upper()
    return {
        "IntegrationType": kind,
        "IntegrationUri": spec.get("uri"),
        "IntegrationMethod": spec.get("httpMethod"),
        "PayloadFormatVersion": spec.get("payloadFormatVersion", "2.0"),
        "ConnectionType": spec.get("connectionType"),
        "ConnectionId": spec.get("connectionId"),
        "IntegrationSubtype": spec.get("integrationSubtype"),
        "CredentialsArn": spec.get("credentials"),
    }


def _create_authorizer(call: Call, name: str, spec: Mapping[str, Any]) -> str:
    kind = str(spec.get("type", "jwt")).upper()
    source = spec.get("identitySource") or "$request.header.Authorization"
    found: dict[str, Any] = call.api(
        _SERVICE,
        "create_authorizer",
        {k: v for k, v in spec.items() if not k.startswith("_") and k != "type"},
        ApiId=call.physical_id,
        Name=name,
        AuthorizerType=kind,
        IdentitySource=[source] if isinstance(source, str) else list(source),
    )
    return str(found["AuthorizerId"])


def _authorization(
    body: Mapping[str, Any], operation: openapi.Operation, authorizers: Mapping[str, str]
) -> dict[str, Any]:
    for scheme, scopes in operation.schemes.items():
        if openapi.is_iam(body, scheme):
            return {"AuthorizationType": "AWS_IAM"}
        if scheme in authorizers:
            kind = str(openapi.authorizers(body)[scheme].get("type", "jwt")).upper()
            found: dict[str, Any] = {
                "AuthorizationType": "JWT" if kind == "JWT" else "CUSTOM",
                "AuthorizerId": authorizers[scheme],
            }
            return found | ({"AuthorizationScopes": list(scopes)} if scopes else {})
    return {"AuthorizationType": "NONE"}


def _raze(call: Call) -> None:
    api = {"ApiId": call.physical_id}
    for route in call.api(_SERVICE, "get_routes", **api)["Items"]:
        call.api(_SERVICE, "delete_route", **api, RouteId=route["RouteId"])
    for integration in call.api(_SERVICE, "get_integrations", **api)["Items"]:
        call.api(_SERVICE, "delete_integration", **api, IntegrationId=integration["IntegrationId"])
    for authorizer in call.api(_SERVICE, "get_authorizers", **api)["Items"]:
        call.api(_SERVICE, "delete_authorizer", **api, AuthorizerId=authorizer["AuthorizerId"])


def _read_api(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api(_SERVICE, "get_api", ApiId=call.physical_id)
    return found | {"Body": _read_body(call)}


def _read_body(call: Call) -> Any:
    """Return the definition as declared, with every operation that differs as it really is."""
    body = call.get("Body")
    if not isinstance(body, Mapping):
        return None
    api = {"ApiId": call.physical_id}
    names = {
        a["AuthorizerId"]: a["Name"] for a in call.api(_SERVICE, "get_authorizers", **api)["Items"]
    }
    routes = {r["RouteKey"]: r for r in call.api(_SERVICE, "get_routes", **api)["Items"]}
    integrations = {
        f"integrations/{i['IntegrationId']}": i
        for i in call.api(_SERVICE, "get_integrations", **api)["Items"]
    }
    answer = copy.deepcopy(dict(body))
    ids = {name: name for name in names.values()}
    for operation in openapi.operations(body):
        wanted = _authorization(body, operation, ids)
        route = routes.get(_route_key(operation), {})
        integration = integrations.get(route.get("Target", ""), {})
        holds = (
            route.get("AuthorizationType", "NONE") == wanted["AuthorizationType"]
            and names.get(route.get("AuthorizerId", "")) == wanted.get("AuthorizerId")
            and (operation.integration.get("uri") in (None, integration.get("IntegrationUri")))
        )
        if not route or not holds:
            answer["paths"][operation.path] = {operation.method: route}
    return answer


register(
    Handler(
        type="AWS::ApiGatewayV2::Api",
        create=_create_api,
        read=_read_api,
        update=_update_api,
        delete=lambda call: call.api(_SERVICE, "delete_api", ApiId=call.physical_id),
        attributes=lambda call: {
            "ApiEndpoint": call.api(_SERVICE, "get_api", ApiId=call.physical_id)["ApiEndpoint"],
            "ApiId": call.physical_id,
        },
        immutable=frozenset({"ProtocolType"}),
        not_verifiable={
            "FailOnWarnings": "a switch of the call, not a property",
            "BodyS3Location": "the sandbox uploads no files",
            "BasePath": "a switch of the call, not a property",
            "CredentialsArn": "quick create, read back from the integration",
            "RouteKey": "quick create, read back from the route",
            "Target": "quick create, read back from the integration",
            "IpAddressType": NOT_IN_MOTO,
            "DisableSchemaValidation": NOT_IN_MOTO,
        },
    )
)


def _stage_key(call: Call) -> dict[str, Any]:
    return {"ApiId": call.get("ApiId"), "StageName": call.get("StageName") or "$default"}


def _plain(call: Call) -> dict[str, Any]:
    return {k: v for k, v in call.properties.items() if k != "Tags"}


def _create_stage(call: Call) -> str:
    call.api(_SERVICE, "create_stage", _plain(call), **_stage_key(call), Tags=call.tags())
    return str(_stage_key(call)["StageName"])


register(
    Handler(
        type="AWS::ApiGatewayV2::Stage",
        create=_create_stage,
        read=lambda call: (
            call.api(_SERVICE, "get_stage", **_stage_key(call)) | {"ApiId": call.get("ApiId")}
        ),
        # moto has no UpdateStage: the stage is deleted and created again under its own name.
        delete=lambda call: call.api(_SERVICE, "delete_stage", **_stage_key(call)),
        part_of=("ApiId",),
        not_verifiable={"AccessPolicyId": NOT_IN_MOTO, "DeploymentId": NOT_IN_MOTO},
    )
)


def _part(
    noun: str,
    *,
    key: str,
    not_verifiable: Mapping[str, str] | None = None,
    attributes: Mapping[str, str] | None = None,
) -> None:
    """Register one of the parts of an API, which all have the same five calls."""
    resource_type = f"AWS::ApiGatewayV2::{noun.title().replace('_', '')}"

    def identity(call: Call) -> dict[str, Any]:
        return {"ApiId": call.get("ApiId"), key: call.physical_id}

    register(
        Handler(
            type=resource_type,
            create=lambda call: str(call.api(_SERVICE, f"create_{noun}", call.properties)[key]),
            read=lambda call: (
                call.api(_SERVICE, f"get_{noun}", **identity(call)) | {"ApiId": call.get("ApiId")}
            ),
            update=lambda call: call.api(
                _SERVICE, f"update_{noun}", call.properties, **identity(call)
            ),
            delete=lambda call: call.api(_SERVICE, f"delete_{noun}", **identity(call)),
            attributes=lambda call: dict.fromkeys(attributes or {}, call.physical_id),
            immutable=frozenset({"ApiId"}),
            part_of=("ApiId",),
            not_verifiable=not_verifiable or {},
        )
    )


_part("route", key="RouteId", attributes={"RouteId": "RouteId"})
_part("integration", key="IntegrationId", attributes={"IntegrationId": "IntegrationId"})
_part("authorizer", key="AuthorizerId", attributes={"AuthorizerId": "AuthorizerId"})
_part("model", key="ModelId", attributes={"ModelId": "ModelId"})
for _type, _what in (
    ("Deployment", "deployments of HTTP APIs"),
    ("RouteResponse", "route responses that its reads return whole"),
    ("IntegrationResponse", "integration responses that its reads return whole"),
):
    record_only(f"AWS::ApiGatewayV2::{_type}", f"moto has no {_what}", attributes=("DeploymentId",))
