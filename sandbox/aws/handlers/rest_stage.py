"""Deployments and stages of a REST API."""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register
from sandbox.aws.handlers.rest import SERVICE
from sandbox.aws.simple import Simple, register_simple


def _delete_own_stage(call: Call) -> None:
    """Delete the stage that the deployment made of its StageName; the API keeps both otherwise."""
    api = {"restApiId": call.get("RestApiId")}
    made = call.api(SERVICE, "get_stages", **api, deploymentId=call.physical_id)["item"]
    if call.get("StageName") in {stage["stageName"] for stage in made}:
        call.api(SERVICE, "delete_stage", **api, stageName=call.get("StageName"))


register_simple(
    Simple(
        type="AWS::ApiGateway::Deployment",
        service=SERVICE,
        create="create_deployment",
        read="get_deployment",
        delete="delete_deployment",
        key="deploymentId",
        made="id",
        also=("RestApiId", "StageName"),
        attributes={"DeploymentId": "id"},
        part_of=("RestApiId",),
        # a structure of the stage's settings here, a plain text in the API
        reshape=lambda found: {k: v for k, v in found.items() if k != "StageDescription"},
        not_verifiable={
            "StageDescription": "read back from the stage",
            "DeploymentCanarySettings": NOT_IN_MOTO,
        },
        free=_delete_own_stage,
    )
)


def _stage_key(call: Call) -> dict[str, Any]:
    return {"restApiId": call.get("RestApiId"), "stageName": call.get("StageName") or "default"}


def _create_stage(call: Call) -> str:
    key = _stage_key(call)
    call.api(
        SERVICE,
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
        call.api(SERVICE, "update_stage", **_stage_key(call), patchOperations=operations)


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
    found: dict[str, Any] = call.api(SERVICE, "get_stage", **_stage_key(call))
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
    arn = f"arn:aws:apigateway:{call.aws.region}::/restapis/{key['restApiId']}"
    call.retag(SERVICE, call.tags(), resourceArn=f"{arn}/stages/{key['stageName']}")


register(
    Handler(
        type="AWS::ApiGateway::Stage",
        create=_create_stage,
        read=_read_stage,
        update=_update_stage,
        delete=lambda call: call.api(SERVICE, "delete_stage", **_stage_key(call)),
        immutable=frozenset({"RestApiId", "StageName"}),
        part_of=("RestApiId",),
        not_verifiable={
            "CanarySetting": NOT_IN_MOTO,
            "ClientCertificateId": NOT_IN_MOTO,
            "DocumentationVersion": NOT_IN_MOTO,
        },
    )
)
