"""AWS::ApiGateway::*: REST APIs, declared in parts or as one definition."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import Call, Handler, register
from sandbox.aws.handlers import openapi
from sandbox.aws.simple import Simple, Tags, register_simple

_SERVICE = "apigateway"
_NOT_IN_MOTO = "moto does not keep it"


def _discard(_: object) -> None:
    return None


def _policy(value: Any) -> dict[str, Any]:
    return {"policy": json.dumps(value) if not isinstance(value, str) else value} if value else {}


def _declared(call: Call) -> dict[str, Any]:
    """Return the API's own properties, with what the definition says where the template does not."""
    body = call.get("Body") or {}
    from_body = {
        "Policy": body.get("x-amazon-apigateway-policy"),
        "ApiKeySourceType": body.get("x-amazon-apigateway-api-key-source"),
    }
    return {k: v for k, v in from_body.items() if v} | dict(call.properties)


def _create_api(call: Call) -> str:
    declared = _declared(call)
    info = (call.get("Body") or {}).get("info") or {}
    properties = {k: v for k, v in declared.items() if k not in {"Tags", "Policy", "Body", "Name"}}
    found: dict[str, Any] = call.api(
        _SERVICE,
        "create_rest_api",
        properties | {"apiKeySource": declared.get("ApiKeySourceType")},
        name=str(declared.get("Name") or info.get("title") or call.logical_id),
        tags=call.tags(),
        **_policy(declared.get("Policy")),
    )
    call.physical_id = str(found["id"])
    _build(call)
    return call.physical_id


def _root(call: Call) -> str:
    return next(str(i["id"]) for i in _resources(call) if i["path"] == "/")


def _resources(call: Call) -> list[dict[str, Any]]:
    found: dict[str, Any] = call.api(
        _SERVICE, "get_resources", restApiId=call.physical_id, limit=500, embed=["methods"]
    )
    return list(found["items"])


def _build(call: Call) -> None:
    body = call.get("Body")
    if not isinstance(body, Mapping):
        return
    authorizers = {
        name: _create_authorizer(call, name, spec)
        for name, spec in openapi.authorizers(body).items()
        if str(spec.get("type", "")).lower() in {"token", "request", "cognito_user_pools"}
    }
    known = {"/": _root(call)}
    for operation in openapi.operations(body):
        resource = _path(call, operation.path, known)
        target = {
            "restApiId": call.physical_id,
            "resourceId": resource,
            "httpMethod": operation.method,
        }
        call.api(_SERVICE, "put_method", **target, **_authorization(body, operation, authorizers))
        if operation.integration.get("type"):
            _integrate(call, target, operation.integration)


def _path(call: Call, path: str, known: dict[str, str]) -> str:
    path = "/" + path.strip("/")
    if path not in known:
        parent, part = path.rsplit("/", 1)
        found = call.api(
            _SERVICE,
            "create_resource",
            restApiId=call.physical_id,
            parentId=_path(call, parent or "/", known),
            pathPart=part,
        )
        known[path] = str(found["id"])
    return known[path]


def _create_authorizer(call: Call, name: str, spec: Mapping[str, Any]) -> str:
    header = (
        spec.get("identitySource")
        or f"method.request.header.{spec.get('_header') or 'Authorization'}"
    )
    found: dict[str, Any] = call.api(
        _SERVICE,
        "create_authorizer",
        {k: v for k, v in spec.items() if not k.startswith("_")},
        restApiId=call.physical_id,
        name=name,
        type=str(spec["type"]).upper(),
        identitySource=header,
    )
    return str(found["id"])


def _authorization(
    body: Mapping[str, Any], operation: openapi.Operation, authorizers: Mapping[str, str]
) -> dict[str, Any]:
    found: dict[str, Any] = {"authorizationType": "NONE"}
    for scheme, scopes in operation.schemes.items():
        if openapi.is_api_key(body, scheme):
            found["apiKeyRequired"] = True
        elif openapi.is_iam(body, scheme):
            found["authorizationType"] = "AWS_IAM"
        elif scheme in authorizers:
            kind = str(openapi.authorizers(body)[scheme]["type"]).lower()
            found["authorizationType"] = (
                "COGNITO_USER_POOLS" if kind.startswith("cognito") else "CUSTOM"
            )
            found["authorizerId"] = authorizers[scheme]
            if scopes:
                found["authorizationScopes"] = list(scopes)
    return found


def _integrate(call: Call, target: Mapping[str, str], integration: Mapping[str, Any]) -> None:
    kind = str(integration["type"]).upper()
    method = integration.get("httpMethod") or ("POST" if kind.startswith("AWS") else None)
    fixed = {"integrationHttpMethod": str(method).upper()} if method and kind != "MOCK" else {}
    call.api(
        _SERVICE,
        "put_integration",
        {k: v for k, v in integration.items() if k not in {"httpMethod", "responses", "type"}},
        **target,
        type=kind,
        **fixed,
    )


def _update_api(call: Call) -> None:
    operations = list(_patches(call))
    if operations:
        call.api(
            _SERVICE, "update_rest_api", restApiId=call.physical_id, patchOperations=operations
        )
    _retag(call, f"arn:aws:apigateway:{call.aws.region}::/restapis/{call.physical_id}")
    if call.changed("Body"):
        _raze(call)
        _build(call)


def _patches(call: Call) -> Iterator[dict[str, str]]:
    names = {
        "Name": "/name",
        "Description": "/description",
        "DisableExecuteApiEndpoint": "/disableExecuteApiEndpoint",
        "MinimumCompressionSize": "/minimumCompressionSize",
    }
    for name, path in names.items():
        if call.changed(name) and call.get(name) is not None:
            yield {"op": "replace", "path": path, "value": shape.text(call.get(name))}
    policy = _declared(call).get("Policy")
    if policy:
        yield {"op": "replace", "path": "/policy", "value": _policy(policy)["policy"]}


def _retag(call: Call, arn: str) -> None:
    if call.gone_tags():
        call.api(_SERVICE, "untag_resource", resourceArn=arn, tagKeys=call.gone_tags())
    call.api(_SERVICE, "tag_resource", resourceArn=arn, tags=call.tags())


def _raze(call: Call) -> None:
    for item in sorted(_resources(call), key=lambda i: -len(i["path"])):
        target = {"restApiId": call.physical_id, "resourceId": item["id"]}
        for method in item.get("resourceMethods") or ():
            call.api(_SERVICE, "delete_method", **target, httpMethod=method)
        if item["path"] != "/":
            call.api(_SERVICE, "delete_resource", **target)
    for authorizer in _authorizers(call):
        call.api(
            _SERVICE,
            "delete_authorizer",
            restApiId=call.physical_id,
            authorizerId=authorizer["id"],
        )


def _authorizers(call: Call) -> list[dict[str, Any]]:
    return list(call.api(_SERVICE, "get_authorizers", restApiId=call.physical_id)["items"])


def _read_api(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api(_SERVICE, "get_rest_api", restApiId=call.physical_id)
    policy = found.get("policy")
    return found | {
        "ApiKeySourceType": found.get("apiKeySource"),
        "Policy": json.loads(policy.replace("\\", ""))
        if isinstance(policy, str) and policy
        else policy,
        "Body": _read_body(call),
    }


def _read_body(call: Call) -> Any:
    """Return the definition as declared, with every operation that differs as it really is."""
    body = call.get("Body")
    if not isinstance(body, Mapping):
        return None
    names = {a["id"]: a["name"] for a in _authorizers(call)}
    observed = {
        (item["path"], method): spec
        for item in _resources(call)
        for method, spec in (item.get("resourceMethods") or {}).items()
    }
    answer = copy.deepcopy(dict(body))
    ids = {name: name for name in names.values()}
    for operation in openapi.operations(body):
        wanted = _authorization(body, operation, ids)
        path = "/" + operation.path.strip("/")
        spec = observed.get((path, operation.method))
        if spec is None or not _operation_holds(operation, wanted, spec, names):
            answer["paths"][operation.path] = {operation.method: spec}
    return answer


def _operation_holds(
    operation: openapi.Operation,
    wanted: Mapping[str, Any],
    spec: Mapping[str, Any],
    names: Mapping[str, str],
) -> bool:
    integration = spec.get("methodIntegration") or {}
    declared = operation.integration
    kind = str(declared.get("type", "")).upper()
    return (
        spec.get("authorizationType", "NONE") == wanted["authorizationType"]
        and bool(spec.get("apiKeyRequired")) == bool(wanted.get("apiKeyRequired"))
        and names.get(spec.get("authorizerId", ""), None) == wanted.get("authorizerId")
        and (not kind or integration.get("type") == kind)
        and (not declared.get("uri") or integration.get("uri") == declared["uri"])
    )


register(
    Handler(
        type="AWS::ApiGateway::RestApi",
        create=_create_api,
        read=_read_api,
        update=_update_api,
        delete=lambda call: _discard(
            call.api(_SERVICE, "delete_rest_api", restApiId=call.physical_id)
        ),
        attributes=lambda call: {"RootResourceId": _root(call), "RestApiId": call.physical_id},
        immutable=frozenset({"EndpointConfiguration", "ApiKeySourceType"}),
        not_verifiable={
            "BinaryMediaTypes": _NOT_IN_MOTO,
            "BodyS3Location": "the sandbox uploads no files",
            "FailOnWarnings": "a switch of the call, not a property",
            "Mode": "a switch of the call, not a property",
            "Parameters": "a switch of the call, not a property",
            "CloneFrom": "a switch of the call, not a property",
            "SecurityPolicy": _NOT_IN_MOTO,
            "EndpointAccessMode": _NOT_IN_MOTO,
            "EndpointConfiguration.IpAddressType": _NOT_IN_MOTO,
        },
    )
)


register(
    Handler(
        type="AWS::ApiGateway::Resource",
        create=lambda call: str(
            call.api(
                _SERVICE,
                "create_resource",
                restApiId=call.get("RestApiId"),
                parentId=call.get("ParentId"),
                pathPart=call.get("PathPart"),
            )["id"]
        ),
        read=lambda call: (
            call.api(
                _SERVICE,
                "get_resource",
                restApiId=call.get("RestApiId"),
                resourceId=call.physical_id,
            )
            | {"RestApiId": call.get("RestApiId")}
        ),
        delete=lambda call: _discard(
            call.api(
                _SERVICE,
                "delete_resource",
                restApiId=call.get("RestApiId"),
                resourceId=call.physical_id,
            )
        ),
        attributes=lambda call: {"ResourceId": call.physical_id},
        part_of=("RestApiId",),
    )
)


def _method_key(call: Call) -> dict[str, Any]:
    return {
        "restApiId": call.get("RestApiId"),
        "resourceId": call.get("ResourceId"),
        "httpMethod": str(call.get("HttpMethod")).upper(),
    }


def _put_method(call: Call) -> str:
    key = _method_key(call)
    kind = str(call.get("AuthorizationType") or "NONE")
    call.api(_SERVICE, "put_method", call.properties, **key, authorizationType=kind)
    for response in call.get("MethodResponses") or ():
        call.api(
            _SERVICE, "put_method_response", response, **key, statusCode=str(response["StatusCode"])
        )
    integration = call.get("Integration") or {}
    if integration.get("Type"):
        method = integration.get("IntegrationHttpMethod")
        _integrate(
            call, key, {**_lower(integration), "httpMethod": method, "type": integration["Type"]}
        )
        for response in integration.get("IntegrationResponses") or ():
            call.api(
                _SERVICE,
                "put_integration_response",
                {"responseTemplates": {}, **_lower(response)},
                **key,
                statusCode=str(response["StatusCode"]),
            )
    return "/".join(str(v) for v in key.values())


def _lower(value: Mapping[str, Any]) -> dict[str, Any]:
    return {k[0].lower() + k[1:]: v for k, v in value.items()}


def _read_method(call: Call) -> Mapping[str, Any]:
    key = _method_key(call)
    found: dict[str, Any] = call.api(_SERVICE, "get_method", **key)
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
    call.api(_SERVICE, "delete_method", **_method_key(call))
    _put_method(call)


register(
    Handler(
        type="AWS::ApiGateway::Method",
        create=_put_method,
        read=_read_method,
        update=_update_method,
        delete=lambda call: _discard(call.api(_SERVICE, "delete_method", **_method_key(call))),
        immutable=frozenset({"RestApiId", "ResourceId", "HttpMethod"}),
        part_of=("RestApiId", "ResourceId"),
        not_verifiable={
            "Integration.IntegrationResponses": "moto renames their parts",
            "Integration.CacheKeyParameters": _NOT_IN_MOTO,
            "Integration.ConnectionId": _NOT_IN_MOTO,
            "Integration.CacheNamespace": _NOT_IN_MOTO,
            "Integration.ContentHandling": _NOT_IN_MOTO,
            "Integration.TimeoutInMillis": _NOT_IN_MOTO,
            "Integration.ResponseTransferMode": _NOT_IN_MOTO,
            "MethodResponses": "moto renames their parts",
            "OperationName": _NOT_IN_MOTO,
        },
    )
)


def _deploy(call: Call) -> str:
    stage = {"stageName": call.get("StageName")} if call.get("StageName") else {}
    found: dict[str, Any] = call.api(
        _SERVICE,
        "create_deployment",
        restApiId=call.get("RestApiId"),
        description=str(call.get("Description") or ""),
        **stage,
    )
    return str(found["id"])


register(
    Handler(
        type="AWS::ApiGateway::Deployment",
        create=_deploy,
        read=lambda call: (
            call.api(
                _SERVICE,
                "get_deployment",
                restApiId=call.get("RestApiId"),
                deploymentId=call.physical_id,
            )
            | {"RestApiId": call.get("RestApiId"), "StageName": call.get("StageName")}
        ),
        delete=lambda call: _discard(
            call.api(
                _SERVICE,
                "delete_deployment",
                restApiId=call.get("RestApiId"),
                deploymentId=call.physical_id,
            )
        ),
        attributes=lambda call: {"DeploymentId": call.physical_id},
        part_of=("RestApiId",),
        not_verifiable={
            "StageDescription": "read back from the stage",
            "DeploymentCanarySettings": _NOT_IN_MOTO,
        },
    )
)


def _stage_key(call: Call) -> dict[str, Any]:
    return {"restApiId": call.get("RestApiId"), "stageName": call.get("StageName") or "default"}


def _create_stage(call: Call) -> str:
    key = _stage_key(call)
    call.api(
        _SERVICE,
        "create_stage",
        {"deploymentId": "", **{k: v for k, v in call.properties.items() if k != "Tags"}},
        **key,
        tags=call.tags(),
    )
    call.physical_id = key["stageName"]
    _patch_stage(call, list(_stage_patches(call, on_create=True)))
    return call.physical_id


def _patch_stage(call: Call, operations: list[dict[str, str]]) -> None:
    if operations:
        call.api(_SERVICE, "update_stage", **_stage_key(call), patchOperations=operations)


_METHOD_SETTINGS = {
    "MetricsEnabled": "metrics/enabled",
    "LoggingLevel": "logging/loglevel",
    "DataTraceEnabled": "logging/dataTrace",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
    "CachingEnabled": "caching/enabled",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CacheDataEncrypted": "caching/dataEncrypted",
}


def _replace(path: str, value: Any) -> dict[str, str]:
    return {"op": "replace", "path": path, "value": shape.text(value)}


def _stage_patches(call: Call, *, on_create: bool) -> Iterator[dict[str, str]]:
    if not on_create:
        yield from _changed_stage(call)
    for name, value in (call.get("AccessLogSetting") or {}).items():
        yield _replace(f"/accessLogSettings/{name[0].lower()}{name[1:]}", value)
    for setting in call.get("MethodSettings") or ():
        place = f"{_setting_path(setting)}/{setting.get('HttpMethod', '*')}"
        for name, path in _METHOD_SETTINGS.items():
            if name in setting:
                yield _replace(f"/{place}/{path}", setting[name])


def _changed_stage(call: Call) -> Iterator[dict[str, str]]:
    for name, path in {
        "DeploymentId": "/deploymentId",
        "Description": "/description",
        "TracingEnabled": "/tracingEnabled",
        "CacheClusterEnabled": "/cacheClusterEnabled",
        "CacheClusterSize": "/cacheClusterSize",
    }.items():
        if call.changed(name):
            yield _replace(path, call.get(name, "false" if "Enabled" in name else ""))
    for name, value in (call.get("Variables") or {}).items():
        yield _replace(f"/variables/{name}", value)
    if call.previous.get("AccessLogSetting") and not call.get("AccessLogSetting"):
        yield {"op": "remove", "path": "/accessLogSettings"}


def _setting_path(setting: Mapping[str, Any]) -> str:
    path = str(setting.get("ResourcePath", "/*"))
    return "*" if path in {"/*", "*"} else "~1" + path.strip("/").replace("/", "~1")


def _read_stage(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api(_SERVICE, "get_stage", **_stage_key(call))
    held = found.get("methodSettings") or {}
    settings = [
        {
            "ResourcePath": s.get("ResourcePath"),
            "HttpMethod": s.get("HttpMethod"),
            **held.get(f"{_setting_path(s)}/{s.get('HttpMethod', '*')}", {}),
        }
        for s in call.get("MethodSettings") or ()
    ]
    return found | {
        "RestApiId": call.get("RestApiId"),
        "AccessLogSetting": found.get("accessLogSettings"),
        "MethodSettings": settings,
    }


def _update_stage(call: Call) -> None:
    _patch_stage(call, list(_stage_patches(call, on_create=False)))
    key = _stage_key(call)
    _retag(
        call,
        f"arn:aws:apigateway:{call.aws.region}::/restapis/{key['restApiId']}/stages/{key['stageName']}",
    )


register(
    Handler(
        type="AWS::ApiGateway::Stage",
        create=_create_stage,
        read=_read_stage,
        update=_update_stage,
        delete=lambda call: _discard(call.api(_SERVICE, "delete_stage", **_stage_key(call))),
        immutable=frozenset({"RestApiId", "StageName"}),
        part_of=("RestApiId",),
        not_verifiable={
            "CanarySetting": _NOT_IN_MOTO,
            "ClientCertificateId": _NOT_IN_MOTO,
            "DocumentationVersion": _NOT_IN_MOTO,
        },
    )
)

register_simple(
    Simple(
        type="AWS::ApiGateway::Authorizer",
        service=_SERVICE,
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
        service=_SERVICE,
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
        service=_SERVICE,
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
register_simple(
    Simple(
        type="AWS::ApiGateway::ApiKey",
        service=_SERVICE,
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
        service=_SERVICE,
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
    found: dict[str, Any] = call.api(_SERVICE, "create_usage_plan_key", call.properties)
    return str(found["id"])


register(
    Handler(
        type="AWS::ApiGateway::UsagePlanKey",
        create=_create_plan_key,
        read=lambda call: {
            "KeyId": call.api(
                _SERVICE,
                "get_usage_plan_key",
                usagePlanId=call.get("UsagePlanId"),
                keyId=call.physical_id,
            )["id"],
            "KeyType": call.get("KeyType"),
            "UsagePlanId": call.get("UsagePlanId"),
        },
        delete=lambda call: _discard(
            call.api(
                _SERVICE,
                "delete_usage_plan_key",
                usagePlanId=call.get("UsagePlanId"),
                keyId=call.physical_id,
            )
        ),
        part_of=("UsagePlanId", "KeyId"),
    )
)


def _respond(call: Call) -> str:
    kind = str(call.get("ResponseType"))
    call.api(
        _SERVICE,
        "put_gateway_response",
        {"responseParameters": {}, "responseTemplates": {}, **_lower(call.properties)},
    )
    return kind


register(
    Handler(
        type="AWS::ApiGateway::GatewayResponse",
        create=_respond,
        read=lambda call: (
            call.api(
                _SERVICE,
                "get_gateway_response",
                restApiId=call.get("RestApiId"),
                responseType=call.physical_id,
            )
            | {"RestApiId": call.get("RestApiId")}
        ),
        update=lambda call: _discard(_respond(call)),
        delete=lambda call: _discard(
            call.api(
                _SERVICE,
                "delete_gateway_response",
                restApiId=call.get("RestApiId"),
                responseType=call.physical_id,
            )
        ),
        part_of=("RestApiId",),
    )
)


def _set_account(call: Call) -> str:
    value = str(call.get("CloudWatchRoleArn") or "")
    call.api(
        _SERVICE,
        "update_account",
        patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": value}],
    )
    return "account"


register(
    Handler(
        type="AWS::ApiGateway::Account",
        create=_set_account,
        read=lambda call: {
            "CloudWatchRoleArn": call.api(_SERVICE, "get_account").get("cloudwatchRoleArn")
        },
        update=lambda call: _discard(_set_account(call)),
        delete=lambda _: None,
    )
)
