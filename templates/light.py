"""Expand single SAM resources plainly, for those the translator refuses.

Less than SAM does (no events, no policy templates: the role's policies become unknown), but each
resource keeps the properties that policies look at.
"""

from collections.abc import Mapping
from typing import Any

from core.types import unknown

_PASSED = (
    "Architectures",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FunctionName",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "ReservedConcurrentExecutions",
    "Runtime",
    "SnapStart",
    "Timeout",
    "VpcConfig",
)
_DEAD_LETTER = {"SQS", "SNS"}
_SECTIONS = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::SimpleTable": "SimpleTable",
    "AWS::Serverless::StateMachine": "StateMachine",
}


def expand(logical_id: str, resource: Mapping[str, Any], shared: Any) -> dict[str, Any]:
    """Return the CloudFormation resources, by logical id, that a SAM resource mainly stands for."""
    kind = str(resource.get("Type", ""))
    expander = _EXPANDERS.get(kind)
    if expander is None:
        return {}
    properties = merged(_section(shared, kind), resource.get("Properties") or {})
    extra = {k: resource[k] for k in ("Condition", "DependsOn") if k in resource}
    return {
        name: {"Type": generated_type, "Properties": values, **extra}
        for name, generated_type, values in expander(logical_id, properties)
    }


def _section(shared: Any, kind: str) -> Mapping[str, Any]:
    section = shared.get(_SECTIONS.get(kind, "")) if isinstance(shared, Mapping) else None
    return section if isinstance(section, Mapping) else {}


def merged(common: Any, own: Any) -> Any:
    """Merge Globals into a resource's properties as SAM does: maps deep, lists joined, own wins."""
    if isinstance(common, Mapping) and isinstance(own, Mapping):
        both = {k: merged(common[k], own[k]) if k in common else own[k] for k in own}
        return {**common, **both}
    if isinstance(common, list) and isinstance(own, list):
        return [*common, *own]
    return own


_Expanded = list[tuple[str, str, dict[str, Any]]]


def _function(logical_id: str, given: Mapping[str, Any]) -> _Expanded:
    properties = {k: given[k] for k in _PASSED if k in given}
    properties["Code"] = _code(given)
    properties["Role"] = given.get("Role", {"Fn::GetAtt": [f"{logical_id}Role", "Arn"]})
    if isinstance(given.get("Tracing"), str):
        properties["TracingConfig"] = {"Mode": given["Tracing"]}
    queue = given.get("DeadLetterQueue")
    if isinstance(queue, Mapping) and queue.get("Type") in _DEAD_LETTER:
        properties["DeadLetterConfig"] = {"TargetArn": queue.get("TargetArn")}
    properties["Tags"] = _tags(given.get("Tags"))
    expanded: _Expanded = [(logical_id, "AWS::Lambda::Function", properties)]
    if "Role" not in given:
        expanded.append(
            (f"{logical_id}Role", "AWS::IAM::Role", _role(given, service="lambda.amazonaws.com"))
        )
    return expanded + _url(logical_id, given.get("FunctionUrlConfig"))


def _code(given: Mapping[str, Any]) -> Any:
    if isinstance(given.get("InlineCode"), str):
        return {"ZipFile": given["InlineCode"]}
    return unknown("a local file, packaged at deployment")


def _role(given: Mapping[str, Any], *, service: str) -> dict[str, Any]:
    trust = {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole"],
        "Principal": {"Service": [service]},
    }
    role: dict[str, Any] = {"AssumeRolePolicyDocument": {"Statement": [trust]}}
    role |= _granted(given.get("Policies"))
    if "PermissionsBoundary" in given:
        role["PermissionsBoundary"] = given["PermissionsBoundary"]
    return role


def _granted(policies: Any) -> dict[str, Any]:
    """Take the policies of a declaration as a role's: names, documents, and others as unknown."""
    items = policies if isinstance(policies, list) else [policies] if policies else []
    named = [_managed(item) for item in items if isinstance(item, str)]
    documents = [item for item in items if isinstance(item, Mapping) and "Statement" in item]
    inline: list[Any] = [
        {"PolicyName": f"Policy{n}", "PolicyDocument": each} for n, each in enumerate(documents)
    ]
    if len(named) + len(documents) < len(items):
        inline.append(unknown("a policy of the declaration could not be translated"))
    held = {"ManagedPolicyArns": named, "Policies": inline}
    return {name: each for name, each in held.items() if each}


def _managed(name: str) -> str:
    return name if name.startswith("arn:") else f"arn:aws:iam::aws:policy/{name}"


def _url(logical_id: str, config: Any) -> _Expanded:
    if not isinstance(config, Mapping):
        return []
    target = {"Ref": logical_id}
    url: dict[str, Any] = {**config, "TargetFunctionArn": target}
    expanded: _Expanded = [(f"{logical_id}Url", "AWS::Lambda::Url", url)]
    if config.get("AuthType") == "NONE":
        permission = {
            "Action": "lambda:InvokeFunctionUrl",
            "FunctionName": target,
            "FunctionUrlAuthType": "NONE",
            "Principal": "*",
        }
        expanded.append(
            (f"{logical_id}UrlPublicPermissions", "AWS::Lambda::Permission", permission)
        )
    return expanded


def _tags(tags: Any) -> Any:
    if not isinstance(tags, Mapping) or any(str(k).startswith("Fn::") for k in tags):
        return tags if tags is not None else []
    return [{"Key": k, "Value": v} for k, v in tags.items()]


def _rest_api(logical_id: str, given: Mapping[str, Any]) -> _Expanded:
    api = {
        k: given[k]
        for k in (
            "Name",
            "Description",
            "Policy",
            "DisableExecuteApiEndpoint",
            "SecurityPolicy",
            "EndpointAccessMode",
        )
        if k in given
    }
    api["Body"] = _definition(given)
    api["EndpointConfiguration"] = given.get("EndpointConfiguration", {})
    api["Tags"] = _tags(given.get("Tags"))
    stage = {
        "RestApiId": {"Ref": logical_id},
        "StageName": given.get("StageName", unknown("no stage name")),
        **{k: given[k] for k in ("AccessLogSetting", "MethodSettings", "Variables") if k in given},
    }
    if "TracingEnabled" in given:
        stage["TracingEnabled"] = given["TracingEnabled"]
    return [
        (logical_id, "AWS::ApiGateway::RestApi", api),
        (f"{logical_id}Stage", "AWS::ApiGateway::Stage", stage),
        *_domain(logical_id, given.get("Domain")),
    ]


def _definition(given: Mapping[str, Any]) -> Any:
    """Take the API's document: a given one, or what SAM writes from events, of which paths are made."""
    untold = unknown("the API's definition could not be translated")
    made = untold if "DefinitionUri" in given else {"paths": untold}
    return given.get("DefinitionBody", made)


def _domain(logical_id: str, given: Any) -> _Expanded:
    if not isinstance(given, Mapping):
        return []
    domain = {k: given[k] for k in ("DomainName", "SecurityPolicy") if k in given}
    mapping = {"RestApiId": {"Ref": logical_id}, "DomainName": {"Ref": f"{logical_id}Domain"}}
    return [
        (f"{logical_id}Domain", "AWS::ApiGateway::DomainName", domain),
        (f"{logical_id}BasePathMapping", "AWS::ApiGateway::BasePathMapping", mapping),
    ]


def _http_api(logical_id: str, given: Mapping[str, Any]) -> _Expanded:
    api = {k: given[k] for k in ("Name", "Description", "DisableExecuteApiEndpoint") if k in given}
    api["Body"] = given.get(
        "DefinitionBody", unknown("the API's definition could not be translated")
    )
    api["ProtocolType"] = "HTTP"
    stage: dict[str, Any] = {
        "ApiId": {"Ref": logical_id},
        "StageName": given.get("StageName", "$default"),
    }
    stage |= {k: given[k] for k in ("AccessLogSettings", "DefaultRouteSettings") if k in given}
    return [
        (logical_id, "AWS::ApiGatewayV2::Api", api),
        (f"{logical_id}Stage", "AWS::ApiGatewayV2::Stage", stage),
    ]


def _table(logical_id: str, given: Mapping[str, Any]) -> _Expanded:
    table: dict[str, Any] = {k: given[k] for k in ("TableName", "SSESpecification") if k in given}
    table["PointInTimeRecoverySpecification"] = given.get("PointInTimeRecoverySpecification", {})
    table["Tags"] = _tags(given.get("Tags"))
    return [(logical_id, "AWS::DynamoDB::Table", table)]


def _state_machine(logical_id: str, given: Mapping[str, Any]) -> _Expanded:
    machine = {k: v for k, v in given.items() if k not in _SAM_ONLY_MACHINE}
    if isinstance(given.get("Logging"), Mapping):
        machine["LoggingConfiguration"] = given["Logging"]
    if isinstance(given.get("Tracing"), Mapping):
        machine["TracingConfiguration"] = given["Tracing"]
    machine["RoleArn"] = given.get("Role", unknown("the machine's role could not be translated"))
    machine["Tags"] = _tags(given.get("Tags"))
    expanded: _Expanded = [(logical_id, "AWS::StepFunctions::StateMachine", machine)]
    if given.get("Policies"):
        # SAM refuses a machine with both a role and policies: what is granted is judged as written.
        role = _role(given, service="states.amazonaws.com")
        expanded.append((f"{logical_id}Role", "AWS::IAM::Role", role))
    return expanded


_SAM_ONLY_MACHINE = {"DefinitionUri", "Events", "Logging", "Policies", "Role", "Tracing", "Tags"}


def _layer(logical_id: str, given: Mapping[str, Any]) -> _Expanded:
    layer = {k: given[k] for k in ("LayerName", "CompatibleRuntimes", "LicenseInfo") if k in given}
    layer["Content"] = unknown("a local file, packaged at deployment")
    return [(logical_id, "AWS::Lambda::LayerVersion", layer)]


def _application(logical_id: str, given: Mapping[str, Any]) -> _Expanded:
    stack = {
        "TemplateURL": unknown("an application of the Serverless Application Repository"),
        "Parameters": given.get("Parameters", {}),
    }
    return [(logical_id, "AWS::CloudFormation::Stack", stack)]


_EXPANDERS = {
    "AWS::Serverless::Function": _function,
    "AWS::Serverless::Api": _rest_api,
    "AWS::Serverless::HttpApi": _http_api,
    "AWS::Serverless::SimpleTable": _table,
    "AWS::Serverless::StateMachine": _state_machine,
    "AWS::Serverless::LayerVersion": _layer,
    "AWS::Serverless::Application": _application,
}
