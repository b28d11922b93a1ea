"""API Gateway, REST and HTTP: stages, routes and methods, authorizers, integrations.

Authorizers are read where a method or route names one: an authorizer nothing uses guards nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import capitalised, pick, policy, redacted
from collectors.reader import Reader
from collectors.registry import collector
from core.types import EMPTY, Resource

REST_API = "AWS::ApiGateway::RestApi"
REST_STAGE = "AWS::ApiGateway::Stage"
METHOD = "AWS::ApiGateway::Method"
REST_AUTHORIZER = "AWS::ApiGateway::Authorizer"
HTTP_API = "AWS::ApiGatewayV2::Api"
HTTP_STAGE = "AWS::ApiGatewayV2::Stage"
ROUTE = "AWS::ApiGatewayV2::Route"
INTEGRATION = "AWS::ApiGatewayV2::Integration"
HTTP_AUTHORIZER = "AWS::ApiGatewayV2::Authorizer"

_GONE = ("NotFoundException",)


def _api_id(aws: Reader) -> str:
    """Return the id of the one API to read again."""
    path = aws.only.uid if aws.only else ""
    return path.split("apis/", 1)[-1].split("/")[0]


@collector(
    yields=(REST_API, REST_STAGE, METHOD, REST_AUTHORIZER),
    calls=(
        "apigateway:GetRestApis",
        "apigateway:GetRestApi",
        "apigateway:GetResources",
        "apigateway:GetStages",
        "apigateway:GetAuthorizers",
    ),
)
def rest_apis(aws: Reader) -> Iterator[Resource]:
    """REST APIs with their policy, stages, methods and authorizers."""
    if aws.only is None:
        apis = aws.listed("apigateway:GetRestApis", "items", of=REST_API)
    else:
        answer = aws.ask(
            "apigateway:GetRestApi", uid=aws.only.uid, of=REST_API, absent=_GONE,
            restApiId=_api_id(aws),
        )  # fmt: skip
        apis = [answer.body] if answer.body else []
    yield from aws.each(apis, lambda api: _rest_api(aws, api))


def _rest_api(aws: Reader, api: Mapping[str, Any]) -> Iterator[Resource]:
    identifier = api["id"]
    arn = f"arn:{aws.place.partition}:apigateway:{aws.place.region}::/restapis/{identifier}"
    resources, methods_unread = aws.ask_all(
        "apigateway:GetResources", "items", uid=arn, of=METHOD,
        restApiId=identifier, embed=["methods"],
    )  # fmt: skip
    stages = aws.ask("apigateway:GetStages", uid=arn, of=REST_STAGE, restApiId=identifier)
    methods = [
        (resource, {**(method or {}), "httpMethod": verb})
        for resource in resources
        for verb, method in (resource.get("resourceMethods") or {}).items()
    ]
    authorizers: list[Any] = []
    authorizers_unread = methods_unread
    if any(method.get("authorizerId") for _, method in methods):
        authorizers, authorizers_unread = aws.ask_all(
            "apigateway:GetAuthorizers", "items", uid=arn, of=REST_AUTHORIZER, restApiId=identifier
        )
    yield _rest(aws, api, arn, {
        METHOD: methods_unread, REST_STAGE: stages.unread, REST_AUTHORIZER: authorizers_unread,
    })  # fmt: skip
    for stage in (stages.body or {}).get("item") or ():
        yield _rest_stage(aws, identifier, arn, stage)
    for resource, method in methods:
        yield _method(aws, identifier, arn, resource, method)
    for authorizer in authorizers:
        yield _rest_authorizer(aws, identifier, arn, authorizer)


def _rest(aws: Reader, api: Mapping[str, Any], arn: str, unread: Mapping[str, str]) -> Resource:
    endpoint = api.get("endpointConfiguration") or {}
    document = api.get("policy")
    return aws.resource(
        REST_API,
        uid=arn,
        name=api.get("name") or api["id"],
        aliases=(api["id"], _execute_arn(aws, api["id"]), _host(aws, api["id"])),
        created_at=api.get("createdDate"),
        tags=api.get("tags") or EMPTY,
        unreadable={kind: why for kind, why in unread.items() if why},
        properties={
            "Name": api.get("name"),
            "Description": api.get("description"),
            "EndpointConfiguration": capitalised(pick(endpoint, "types", "vpcEndpointIds")) or None,
            "Policy": policy(document.replace('\\"', '"') if document else None),
            "ApiKeySourceType": api.get("apiKeySource"),
            "BinaryMediaTypes": api.get("binaryMediaTypes"),
            "DisableExecuteApiEndpoint": api.get("disableExecuteApiEndpoint"),
            "MinimumCompressionSize": api.get("minimumCompressionSize"),
            "SecurityPolicy": api.get("securityPolicy"),
        },
    )


def _execute_arn(aws: Reader, identifier: str) -> str:
    return aws.arn("execute-api", identifier)


def _host(aws: Reader, identifier: str) -> str:
    return f"https://{identifier}.execute-api.{aws.place.region}.amazonaws.com"


def _rest_stage(aws: Reader, api: str, arn: str, stage: Mapping[str, Any]) -> Resource:
    name = stage["stageName"]
    return aws.resource(
        REST_STAGE,
        uid=f"{arn}/stages/{name}",
        name=f"{api}/{name}",
        aliases=(f"{_execute_arn(aws, api)}/{name}", f"{_host(aws, api)}/{name}"),
        created_at=stage.get("createdDate"),
        changed_at=stage.get("lastUpdatedDate"),
        tags=stage.get("tags") or EMPTY,
        properties={
            "RestApiId": api,
            "StageName": name,
            **capitalised(pick(
                stage, "deploymentId", "description", "cacheClusterEnabled", "cacheClusterSize",
                "clientCertificateId", "tracingEnabled", "webAclArn", "canarySettings",
            )),
            "AccessLogSetting": capitalised(stage.get("accessLogSettings") or {}) or None,
            "MethodSettings": [
                _method_setting(path, setting)
                for path, setting in (stage.get("methodSettings") or {}).items()
            ] or None,
            "Variables": redacted(stage.get("variables") or {}, aws.secret_key) or None,
        },
    )  # fmt: skip


def _method_setting(path: str, setting: Mapping[str, Any]) -> dict[str, Any]:
    resource, _, method = path.rpartition("/")
    return {
        "HttpMethod": method,
        "ResourcePath": "/*" if resource == "*" else "/" + resource.replace("~1", "/").lstrip("/"),
        **capitalised(pick(
            setting, "metricsEnabled", "loggingLevel", "dataTraceEnabled", "throttlingBurstLimit",
            "throttlingRateLimit", "cachingEnabled", "cacheTtlInSeconds", "cacheDataEncrypted",
        )),
    }  # fmt: skip


def _method(
    aws: Reader, api: str, arn: str, resource: Mapping[str, Any], method: Mapping[str, Any]
) -> Resource:
    verb, path = method["httpMethod"], resource.get("path", "/")
    return aws.resource(
        METHOD,
        uid=f"{arn}/resources/{resource['id']}/methods/{verb}",
        name=f"{verb} {path}",
        tags=EMPTY,
        properties={
            "RestApiId": api,
            "ResourceId": resource["id"],
            "HttpMethod": verb,
            "Path": path,
            **capitalised(pick(
                method, "authorizationType", "authorizerId", "apiKeyRequired",
                "requestValidatorId", "authorizationScopes", "operationName",
            )),
            "Integration": _integration(aws, method.get("methodIntegration") or {}),
        },
    )  # fmt: skip


def _integration(aws: Reader, integration: Mapping[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = capitalised(pick(
        integration, "type", "uri", "credentials", "connectionType", "connectionId",
        "timeoutInMillis",
    ))  # fmt: skip
    if integration.get("httpMethod"):
        found["IntegrationHttpMethod"] = integration["httpMethod"]
    if integration.get("requestParameters"):  # static values may be another system's API key
        found["RequestParameters"] = redacted(integration["requestParameters"], aws.secret_key)
    return found or None


def _rest_authorizer(aws: Reader, api: str, arn: str, item: Mapping[str, Any]) -> Resource:
    return aws.resource(
        REST_AUTHORIZER,
        uid=f"{arn}/authorizers/{item['id']}",
        name=item.get("name") or item["id"],
        aliases=(item["id"],),
        tags=EMPTY,
        properties={
            "RestApiId": api,
            "ProviderARNs": item.get("providerARNs") or None,
            **capitalised(pick(
                item, "name", "type", "authorizerUri", "authorizerCredentials", "identitySource",
                "identityValidationExpression", "authorizerResultTtlInSeconds",
            )),
        },
    )  # fmt: skip


@collector(
    yields=(HTTP_API, HTTP_STAGE, ROUTE, INTEGRATION, HTTP_AUTHORIZER),
    calls=(
        "apigatewayv2:GetApis",
        "apigatewayv2:GetApi",
        "apigatewayv2:GetRoutes",
        "apigatewayv2:GetStages",
        "apigatewayv2:GetIntegrations",
        "apigatewayv2:GetAuthorizer",
    ),
)
def http_apis(aws: Reader) -> Iterator[Resource]:
    """HTTP and WebSocket APIs with their stages, routes, integrations and authorizers."""
    if aws.only is None:
        apis = aws.listed("apigatewayv2:GetApis", "Items", of=HTTP_API)
    else:
        answer = aws.ask(
            "apigatewayv2:GetApi", uid=aws.only.uid, of=HTTP_API, absent=_GONE, ApiId=_api_id(aws)
        )
        apis = [answer.body] if answer.body else []
    yield from aws.each(apis, lambda api: _http_api(aws, api))


def _http_api(aws: Reader, api: Mapping[str, Any]) -> Iterator[Resource]:
    identifier = api["ApiId"]
    arn = f"arn:{aws.place.partition}:apigateway:{aws.place.region}::/apis/{identifier}"

    def ask(operation: str, of: str) -> tuple[list[Any], str]:
        return aws.ask_all(f"apigatewayv2:{operation}", "Items", uid=arn, of=of, ApiId=identifier)

    routes, routes_unread = ask("GetRoutes", ROUTE)
    stages, stages_unread = ask("GetStages", HTTP_STAGE)
    integrations, integrations_unread = ask("GetIntegrations", INTEGRATION)
    names = sorted({route["AuthorizerId"] for route in routes if route.get("AuthorizerId")})
    answers = [
        aws.ask(
            "apigatewayv2:GetAuthorizer",
            uid=arn,
            of=HTTP_AUTHORIZER,
            absent=_GONE,
            ApiId=identifier,
            AuthorizerId=name,
        )
        for name in names
    ]
    authorizers = [answer.body for answer in answers if answer.body]
    authorizers_unread = routes_unread or next((each.unread for each in answers if each.unread), "")
    unread = {
        ROUTE: routes_unread, HTTP_STAGE: stages_unread,
        INTEGRATION: integrations_unread, HTTP_AUTHORIZER: authorizers_unread,
    }  # fmt: skip
    yield _http(aws, api, arn, {kind: why for kind, why in unread.items() if why})
    for stage in stages:
        yield _http_stage(aws, identifier, arn, stage)
    for kind, part, key, items in (
        (ROUTE, "routes", "RouteId", routes),
        (INTEGRATION, "integrations", "IntegrationId", integrations),
        (HTTP_AUTHORIZER, "authorizers", "AuthorizerId", authorizers),
    ):
        for item in items:
            yield _http_part(aws, kind, item, api=identifier, uid=f"{arn}/{part}/{item[key]}")


def _http(aws: Reader, api: Mapping[str, Any], arn: str, unread: Mapping[str, str]) -> Resource:
    identifier = api["ApiId"]
    return aws.resource(
        HTTP_API,
        uid=arn,
        name=api.get("Name") or identifier,
        aliases=(identifier, _execute_arn(aws, identifier), api.get("ApiEndpoint")),
        created_at=api.get("CreatedDate"),
        tags=api.get("Tags") or EMPTY,
        unreadable=unread,
        properties=pick(
            api, "Name", "Description", "ProtocolType", "CorsConfiguration",
            "DisableExecuteApiEndpoint", "RouteSelectionExpression", "ApiKeySelectionExpression",
            "IpAddressType",
        ),
    )  # fmt: skip


def _http_stage(aws: Reader, api: str, arn: str, stage: Mapping[str, Any]) -> Resource:
    name = stage["StageName"]
    return aws.resource(
        HTTP_STAGE,
        uid=f"{arn}/stages/{name}",
        name=f"{api}/{name}",
        aliases=(f"{_execute_arn(aws, api)}/{name}",),
        created_at=stage.get("CreatedDate"),
        changed_at=stage.get("LastUpdatedDate"),
        tags=stage.get("Tags") or EMPTY,
        properties={
            "ApiId": api,
            **pick(
                stage, "StageName", "AutoDeploy", "DeploymentId", "Description",
                "DefaultRouteSettings", "ClientCertificateId",
            ),
            "AccessLogSettings": stage.get("AccessLogSettings") or None,
            "RouteSettings": stage.get("RouteSettings") or None,
            "StageVariables": redacted(stage.get("StageVariables") or {}, aws.secret_key) or None,
        },
    )  # fmt: skip


_HTTP_PARTS = {
    ROUTE: ("RouteKey", "Target", "AuthorizationType", "AuthorizerId", "AuthorizationScopes",
            "ApiKeyRequired", "OperationName"),
    INTEGRATION: ("IntegrationType", "IntegrationUri", "IntegrationMethod", "IntegrationSubtype",
                  "PayloadFormatVersion", "ConnectionType", "ConnectionId", "CredentialsArn",
                  "TimeoutInMillis", "TlsConfig"),
    HTTP_AUTHORIZER: ("Name", "AuthorizerType", "AuthorizerUri", "IdentitySource",
                      "JwtConfiguration", "AuthorizerResultTtlInSeconds", "EnableSimpleResponses",
                      "AuthorizerPayloadFormatVersion", "AuthorizerCredentialsArn"),
}  # fmt: skip


def _http_part(aws: Reader, kind: str, item: Mapping[str, Any], *, api: str, uid: str) -> Resource:
    identifier = uid.rsplit("/", 1)[-1]
    aliases = (f"integrations/{identifier}",) if kind == INTEGRATION else (identifier,)
    properties = {"ApiId": api, **pick(item, *_HTTP_PARTS[kind])}
    if item.get("RequestParameters") and kind == INTEGRATION:  # may hold another system's key
        properties["RequestParameters"] = redacted(item["RequestParameters"], aws.secret_key)
    return aws.resource(
        kind,
        uid=uid,
        name=item.get("RouteKey") or item.get("Name") or identifier,
        aliases=aliases,
        tags=EMPTY,
        properties=properties,
    )
