"""AWS::Lambda::*."""

import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import Any

from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register

_NO_CODE = "the sandbox uploads and runs no code"
# What AWS falls back to when a template no longer declares the property.
_DEFAULTS: Mapping[str, Any] = {
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "FileSystemConfigs": [],
    "KMSKeyArn": "",
    "Layers": [],
    "MemorySize": 128,
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
    "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
}
_OUTSIDE_CONFIGURATION = frozenset({"Code", "Tags", "ReservedConcurrentExecutions"})


@cache
def _placeholder(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        # A fixed date keeps the digest of unchanged code unchanged.
        archive.writestr(zipfile.ZipInfo("index.py", (2026, 1, 1, 0, 0, 0)), text)
    return file.getvalue()


def _code(call: Call) -> dict[str, Any]:
    code = call.get("Code") or {}
    if "ImageUri" in code:
        return {"ImageUri": code["ImageUri"]}
    return {"ZipFile": _placeholder(str(code.get("ZipFile", "# not built in the sandbox\n")))}


def _configuration(call: Call) -> dict[str, Any]:
    gone = {k: v for k, v in _DEFAULTS.items() if k in call.previous}
    declared = {k: v for k, v in call.properties.items() if k not in _OUTSIDE_CONFIGURATION}
    return gone | declared


def _create(call: Call) -> str:
    name = call.name("FunctionName")
    fixed: dict[str, Any] = {"FunctionName": name, "Code": _code(call), "Tags": call.tags()}
    if (call.get("Code") or {}).get("ImageUri"):
        fixed["PackageType"] = "Image"
    call.api("lambda", "create_function", _configuration(call), **fixed)
    call.physical_id = name
    _reserve(call)
    return name


def _reserve(call: Call) -> None:
    reserved = call.get("ReservedConcurrentExecutions")
    if reserved is not None:
        call.api(
            "lambda",
            "put_function_concurrency",
            FunctionName=call.physical_id,
            ReservedConcurrentExecutions=int(reserved),
        )
    elif "ReservedConcurrentExecutions" in call.previous:
        call.api("lambda", "delete_function_concurrency", FunctionName=call.physical_id)


def _update(call: Call) -> None:
    name = call.physical_id
    # The runtime goes with the configuration, the architecture with the code.
    call.api(
        "lambda", "update_function_configuration", _configuration(call) | {"FunctionName": name}
    )
    if call.changed("Code", "Architectures"):
        architectures = call.get("Architectures") or ["x86_64"]
        call.api(
            "lambda",
            "update_function_code",
            FunctionName=name,
            Architectures=architectures,
            **_code(call),
        )
    if call.changed("ReservedConcurrentExecutions"):
        _reserve(call)
    arn = call.arn("lambda", f"function:{name}")
    call.retag("lambda", call.tags(), Resource=arn)


def _read(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api("lambda", "get_function", FunctionName=call.physical_id)
    configuration: dict[str, Any] = found["Configuration"]
    return configuration | {
        "Tags": found.get("Tags", {}),
        "Layers": [layer["Arn"] for layer in configuration.get("Layers") or ()],
        "ImageConfig": (configuration.get("ImageConfigResponse") or {}).get("ImageConfig"),
        "ReservedConcurrentExecutions": (found.get("Concurrency") or {}).get(
            "ReservedConcurrentExecutions"
        ),
    }


register(
    Handler(
        type="AWS::Lambda::Function",
        create=_create,
        read=_read,
        update=_update,
        delete=lambda call: call.api("lambda", "delete_function", FunctionName=call.physical_id),
        attributes=lambda call: {"Arn": call.arn("lambda", f"function:{call.physical_id}")},
        immutable=frozenset({"FunctionName", "PackageType"}),
        not_verifiable={
            "Code": _NO_CODE,
            "CodeSigningConfigArn": NOT_IN_MOTO,
            "DurableConfig": NOT_IN_MOTO,
            "CapacityProviderConfig": NOT_IN_MOTO,
            "TenancyConfig": NOT_IN_MOTO,
            "FunctionScalingConfig": NOT_IN_MOTO,
            "PublishToLatestPublished": NOT_IN_MOTO,
            "RecursiveLoop": NOT_IN_MOTO,
            "RuntimeManagementConfig": NOT_IN_MOTO,
        },
    )
)


def _function_name(value: Any) -> str:
    """Take a name, an ARN or either with a qualifier for the function's name."""
    text = str(value)
    return text.split(":")[6] if text.startswith("arn:") else text.split(":", maxsplit=1)[0]


def _qualifier(value: Any) -> dict[str, str]:
    parts = str(value).split(":")
    rest = parts[7:] if str(value).startswith("arn:") else parts[1:]
    return {"Qualifier": rest[0]} if rest else {}


def _permit(call: Call) -> str:
    statement_id = call.name(limit=100)
    call.api(
        "lambda",
        "add_permission",
        call.properties,
        FunctionName=_function_name(call.get("FunctionName")),
        StatementId=statement_id,
        **_qualifier(call.get("FunctionName")),
    )
    return statement_id


def _read_permission(call: Call) -> Mapping[str, Any]:
    policy: str = call.api(
        "lambda", "get_policy", FunctionName=_function_name(call.get("FunctionName"))
    )["Policy"]
    statement = next(
        (s for s in json.loads(policy)["Statement"] if s["Sid"] == call.physical_id), None
    )
    if statement is None:
        return {}
    conditions = {
        key.casefold(): value
        for operator in (statement.get("Condition") or {}).values()
        for key, value in operator.items()
    }
    return {
        "Action": statement["Action"],
        "FunctionName": call.get("FunctionName")
        if _names(statement["Resource"], call)
        else statement["Resource"],
        "Principal": _principal(statement["Principal"]),
        "SourceArn": conditions.get("aws:sourcearn"),
        "SourceAccount": conditions.get("aws:sourceaccount"),
        "PrincipalOrgID": conditions.get("aws:principalorgid"),
        "FunctionUrlAuthType": conditions.get("lambda:functionurlauthtype"),
        "InvokedViaFunctionUrl": conditions.get("lambda:invokedviafunctionurl"),
    }


def _names(resource: str, call: Call) -> bool:
    return _function_name(resource) == _function_name(call.get("FunctionName"))


def _principal(value: Any) -> Any:
    return next(iter(value.values())) if isinstance(value, Mapping) else value


def _forbid(call: Call) -> None:
    call.api(
        "lambda",
        "remove_permission",
        FunctionName=_function_name(call.get("FunctionName")),
        StatementId=call.physical_id,
    )


register(
    Handler(
        type="AWS::Lambda::Permission",
        create=_permit,
        read=_read_permission,
        delete=_forbid,
        part_of=("FunctionName",),
        not_verifiable={"EventSourceToken": "moto drops the condition"},
    )
)


def _create_url(call: Call) -> str:
    name = _function_name(call.get("TargetFunctionArn"))
    found: dict[str, Any] = call.api(
        "lambda", "create_function_url_config", call.properties, FunctionName=name
    )
    return str(found["FunctionArn"])


def _read_url(call: Call) -> Mapping[str, Any]:
    name = _function_name(call.get("TargetFunctionArn"))
    found: dict[str, Any] = call.api("lambda", "get_function_url_config", FunctionName=name)
    return found | {"TargetFunctionArn": call.get("TargetFunctionArn")}


def _url_attributes(call: Call) -> Mapping[str, Any]:
    found = _read_url(call)
    return {
        "FunctionUrl": str(found["FunctionUrl"]).rstrip("/") + "/",
        "FunctionArn": found["FunctionArn"],
    }


register(
    Handler(
        type="AWS::Lambda::Url",
        create=_create_url,
        read=_read_url,
        update=lambda call: call.api(
            "lambda",
            "update_function_url_config",
            call.properties,
            FunctionName=_function_name(call.get("TargetFunctionArn")),
        ),
        delete=lambda call: call.api(
            "lambda",
            "delete_function_url_config",
            FunctionName=_function_name(call.get("TargetFunctionArn")),
        ),
        attributes=_url_attributes,
        immutable=frozenset({"TargetFunctionArn", "Qualifier"}),
        part_of=("TargetFunctionArn",),
        not_verifiable={"Qualifier": "moto keeps one URL a function and drops the qualifier"},
    )
)


def _map_source(call: Call) -> str:
    found: dict[str, Any] = call.api(
        "lambda", "create_event_source_mapping", call.properties, Tags=call.tags()
    )
    return str(found["UUID"])


def _read_mapping(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api("lambda", "get_event_source_mapping", UUID=call.physical_id)
    return found | {
        "Enabled": found.get("State") in ("Enabled", "Enabling", "Creating"),
        "FunctionName": call.get("FunctionName")
        if _names(found["FunctionArn"], call)
        else found["FunctionArn"],
    }


register(
    Handler(
        type="AWS::Lambda::EventSourceMapping",
        create=_map_source,
        read=_read_mapping,
        delete=lambda call: call.api(
            "lambda", "delete_event_source_mapping", UUID=call.physical_id
        ),
        attributes=lambda call: {"Id": call.physical_id},
        part_of=("FunctionName", "EventSourceArn"),
    )
)


def _publish(call: Call) -> str:
    found: dict[str, Any] = call.api(
        "lambda",
        "publish_version",
        FunctionName=_function_name(call.get("FunctionName")),
        Description=str(call.get("Description", "")),
    )
    return f"{call.arn('lambda', 'function')}:{found['FunctionName']}:{found['Version']}"


def _read_version(call: Call) -> Mapping[str, Any]:
    name, version = call.physical_id.split(":")[6:8]
    found: dict[str, Any] = call.api("lambda", "get_function", FunctionName=name, Qualifier=version)
    return {
        "FunctionName": call.get("FunctionName"),
        "Description": found["Configuration"]["Description"],
    }


def _forget(call: Call) -> None:
    name, version = call.physical_id.split(":")[6:8]
    call.api("lambda", "delete_function", FunctionName=name, Qualifier=version)


register(
    Handler(
        type="AWS::Lambda::Version",
        create=_publish,
        read=_read_version,
        delete=_forget,
        attributes=lambda call: {
            "Version": call.physical_id.rsplit(":", 1)[1],
            "FunctionArn": call.physical_id,
        },
        part_of=("FunctionName",),
        not_verifiable={
            "CodeSha256": _NO_CODE,
            "Description": "moto shows the function's own",
            "ProvisionedConcurrencyConfig": NOT_IN_MOTO,
            "FunctionScalingConfig": NOT_IN_MOTO,
        },
    )
)


def _alias_key(call: Call) -> dict[str, Any]:
    return {"FunctionName": _function_name(call.get("FunctionName")), "Name": call.get("Name")}


def _routing(call: Call) -> dict[str, Any]:
    weights = (call.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or ()
    if not weights:
        return {}
    found = {w["FunctionVersion"]: float(w["FunctionWeight"]) for w in weights}
    return {"RoutingConfig": {"AdditionalVersionWeights": found}}


def _create_alias(call: Call) -> str:
    known = {k: v for k, v in call.properties.items() if k != "RoutingConfig"}
    return str(
        call.api("lambda", "create_alias", known, **_alias_key(call), **_routing(call))["AliasArn"]
    )


def _update_alias(call: Call) -> None:
    known = {k: v for k, v in call.properties.items() if k != "RoutingConfig"}
    call.api("lambda", "update_alias", known, **_alias_key(call), **_routing(call))


def _read_alias(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api("lambda", "get_alias", **_alias_key(call))
    weights = (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return found | {
        "FunctionName": call.get("FunctionName"),
        "RoutingConfig": {
            "AdditionalVersionWeights": [
                {"FunctionVersion": v, "FunctionWeight": w} for v, w in weights.items()
            ]
        },
    }


register(
    Handler(
        type="AWS::Lambda::Alias",
        create=_create_alias,
        read=_read_alias,
        update=_update_alias,
        delete=lambda call: call.api("lambda", "delete_alias", **_alias_key(call)),
        immutable=frozenset({"FunctionName", "Name"}),
        attributes=lambda call: {"AliasArn": call.physical_id},
        part_of=("FunctionName",),
        not_verifiable={"ProvisionedConcurrencyConfig": NOT_IN_MOTO},
    )
)


def _publish_layer(call: Call) -> str:
    content = {"ZipFile": _placeholder("# a layer that is not built in the sandbox\n")}
    found: dict[str, Any] = call.api(
        "lambda",
        "publish_layer_version",
        call.properties,
        LayerName=call.name("LayerName"),
        Content=content,
    )
    return str(found["LayerVersionArn"])


def _layer_key(call: Call) -> dict[str, Any]:
    name, version = call.physical_id.split(":")[6:8]
    return {"LayerName": name, "VersionNumber": int(version)}


def _read_layer(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api("lambda", "get_layer_version", **_layer_key(call))
    return found | {"LayerName": call.physical_id.split(":")[6]}


register(
    Handler(
        type="AWS::Lambda::LayerVersion",
        create=_publish_layer,
        read=_read_layer,
        delete=lambda call: call.api("lambda", "delete_layer_version", **_layer_key(call)),
        attributes=lambda call: {"LayerVersionArn": call.physical_id},
        not_verifiable={"Content": _NO_CODE},
    )
)


def _set_invoke_config(call: Call) -> str:
    name = _function_name(call.get("FunctionName"))
    call.api("lambda", "put_function_event_invoke_config", call.properties, FunctionName=name)
    return f"{name}|{call.get('Qualifier', '$LATEST')}"


def _read_invoke_config(call: Call) -> Mapping[str, Any]:
    name = _function_name(call.get("FunctionName"))
    found: dict[str, Any] = call.api(
        "lambda", "get_function_event_invoke_config", FunctionName=name
    )
    return found | {"FunctionName": call.get("FunctionName")}


register(
    Handler(
        type="AWS::Lambda::EventInvokeConfig",
        create=_set_invoke_config,
        read=_read_invoke_config,
        update=_set_invoke_config,
        delete=lambda call: call.api(
            "lambda",
            "delete_function_event_invoke_config",
            FunctionName=_function_name(call.get("FunctionName")),
        ),
        immutable=frozenset({"FunctionName", "Qualifier"}),
        part_of=("FunctionName",),
        not_verifiable={"Qualifier": "moto keeps one configuration a function"},
    )
)
