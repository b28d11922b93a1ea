"""AWS::ApiGateway::RestApi: declared in parts, or as one definition."""

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register
from sandbox.aws.handlers import openapi
from sandbox.aws.handlers.rest import SERVICE, integrate


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
        SERVICE,
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
        SERVICE, "get_resources", restApiId=call.physical_id, limit=500, embed=["methods"]
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
        call.api(SERVICE, "put_method", **target, **_authorization(body, operation, authorizers))
        if operation.integration.get("type"):
            integrate(call, target, operation.integration)


def _path(call: Call, path: str, known: dict[str, str]) -> str:
    path = "/" + path.strip("/")
    if path not in known:
        parent, part = path.rsplit("/", 1)
        found = call.api(
            SERVICE,
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
        SERVICE,
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


def _update_api(call: Call) -> None:
    operations = list(_patches(call))
    if operations:
        call.api(SERVICE, "update_rest_api", restApiId=call.physical_id, patchOperations=operations)
    # moto takes tags of an API on creation and knows no way to change them: reading back says so
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


def _raze(call: Call) -> None:
    for item in sorted(_resources(call), key=lambda i: -len(i["path"])):
        target = {"restApiId": call.physical_id, "resourceId": item["id"]}
        for method in item.get("resourceMethods") or ():
            call.api(SERVICE, "delete_method", **target, httpMethod=method)
        if item["path"] != "/":
            call.api(SERVICE, "delete_resource", **target)
    for authorizer in _authorizers(call):
        call.api(
            SERVICE,
            "delete_authorizer",
            restApiId=call.physical_id,
            authorizerId=authorizer["id"],
        )


def _authorizers(call: Call) -> list[dict[str, Any]]:
    return list(call.api(SERVICE, "get_authorizers", restApiId=call.physical_id)["items"])


def _read_api(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api(SERVICE, "get_rest_api", restApiId=call.physical_id)
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
        delete=lambda call: call.api(SERVICE, "delete_rest_api", restApiId=call.physical_id),
        attributes=lambda call: {"RootResourceId": _root(call), "RestApiId": call.physical_id},
        immutable=frozenset({"EndpointConfiguration", "ApiKeySourceType"}),
        not_verifiable={
            "BinaryMediaTypes": NOT_IN_MOTO,
            "BodyS3Location": "the sandbox uploads no files",
            "FailOnWarnings": "a switch of the call, not a property",
            "Mode": "a switch of the call, not a property",
            "Parameters": "a switch of the call, not a property",
            "CloneFrom": "a switch of the call, not a property",
            "SecurityPolicy": NOT_IN_MOTO,
            "EndpointAccessMode": NOT_IN_MOTO,
            "EndpointConfiguration.IpAddressType": NOT_IN_MOTO,
        },
    )
)
