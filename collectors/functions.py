"""Lambda: functions, who may call them, their URLs, aliases, event sources and layers.

`ListFunctions` carries the whole configuration. `GetFunction` would carry concurrency and tags as
well, but it hands out the code, so it is never called.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collectors.document import pick, policy, redacted, renamed
from collectors.reader import Answer, Reader
from collectors.registry import collector
from collectors.wire import CallFailed
from core.types import EMPTY, Resource, unknown

FUNCTION = "AWS::Lambda::Function"
PERMISSION = "AWS::Lambda::Permission"
URL = "AWS::Lambda::Url"
ALIAS = "AWS::Lambda::Alias"
MAPPING = "AWS::Lambda::EventSourceMapping"
INVOKE_CONFIG = "AWS::Lambda::EventInvokeConfig"
LAYER = "AWS::Lambda::LayerVersion"
LAYER_PERMISSION = "AWS::Lambda::LayerVersionPermission"

_NONE = ("ResourceNotFoundException",)

_ASYNCHRONOUS = frozenset(
    f"{service}.amazonaws.com"
    for service in (
        "s3", "sns", "events", "logs", "ses", "config", "iot", "codecommit", "codepipeline",
        "cloudformation", "scheduler", "lambda.alarms.cloudwatch",
    )
)  # fmt: skip
"""Services that invoke without waiting for the answer: only then does an event invoke configuration
say anything. Source: Lambda developer guide, "Invoking a function asynchronously", 2026-11-22."""


class _Offers:
    """Which shorter ways this endpoint offers, found out as a scan goes along."""

    def __init__(self, aws: Reader, functions: Sequence[Mapping[str, Any]]) -> None:
        self.urls_listed: bool | None = None  # not known before the first function is asked about
        self.trying = threading.Lock()
        self.no_concurrency = False
        if len(functions) < 2:  # a question to save one question is no saving
            return
        limit = (aws.offers("lambda:GetAccountSettings") or {}).get("AccountLimit", {})
        total = limit.get("ConcurrentExecutions")
        self.no_concurrency = total is not None and total == limit.get(
            "UnreservedConcurrentExecutions"
        )


@collector(
    yields=(FUNCTION, PERMISSION, URL, ALIAS, INVOKE_CONFIG),
    calls=(
        "lambda:ListFunctions",
        "lambda:GetFunctionConfiguration",
        "lambda:GetAccountSettings",
        "lambda:GetPolicy",
        "lambda:GetFunctionConcurrency",
        "lambda:ListAliases",
        "lambda:ListFunctionUrlConfigs",
        "lambda:GetFunctionUrlConfig",
        "lambda:ListFunctionEventInvokeConfigs",
    ),
)
def lambda_functions(aws: Reader) -> Iterator[Resource]:
    """Functions with their permissions, URLs, aliases, concurrency and asynchronous settings."""
    functions = _functions(aws)
    offers = _Offers(aws, functions)
    yield from aws.each(functions, lambda function: _read(aws, function, offers))


def _functions(aws: Reader) -> list[Mapping[str, Any]]:
    if aws.only is None:
        try:
            return aws.listing("lambda:ListFunctions", "Functions")
        except CallFailed as error:
            aws.gap(error, of=FUNCTION)
            return []
    arn = aws.only.uid.split("|")[0]
    name = ":".join(arn.split(":")[:7])
    answer = aws.ask(
        "lambda:GetFunctionConfiguration", uid=arn, of=FUNCTION, absent=_NONE, FunctionName=name
    )
    return [answer.body] if answer.body else []


def _read(aws: Reader, function: Mapping[str, Any], offers: _Offers) -> Iterator[Resource]:
    name, arn = function["FunctionName"], function["FunctionArn"]
    ask = _Asker(aws, name, arn)
    access = ask.one("lambda:GetPolicy", PERMISSION)
    aliases, aliases_unread = aws.ask_all(
        "lambda:ListAliases", "Aliases", uid=arn, of=ALIAS, FunctionName=name
    )
    concurrency = (
        Answer()
        if offers.no_concurrency
        else aws.ask("lambda:GetFunctionConcurrency", uid=arn, of=FUNCTION, FunctionName=name)
    )
    urls, urls_unread = ask.urls(offers, aliases)
    invoke, invoke_unread = ask.invoke_configs(access)
    yield (
        resource := aws.resource(
            FUNCTION,
            uid=arn,
            name=name,
            properties={**_configuration(aws, function), **_reserved(concurrency)},
            aliases=(name, f"{arn}:$LATEST"),
            changed_at=function.get("LastModified"),
            unreadable={
                kind: why
                for kind, why in (
                    (PERMISSION, access.unread),
                    (ALIAS, aliases_unread),
                    (URL, urls_unread),
                    (INVOKE_CONFIG, invoke_unread),
                )
                if why
            },
        )
    )
    yield from _permissions(aws, resource, access, arn)
    for alias in aliases:
        yield from _alias(aws, ask, resource, alias)
    for url in urls:
        yield _url(aws, resource, url)
    for config in invoke:
        yield _invoke_config(aws, resource, config)


class _Asker:
    """Asks Lambda about one function."""

    def __init__(self, aws: Reader, name: str, arn: str) -> None:
        self.aws = aws
        self.name = name
        self.arn = arn

    def one(self, operation: str, of: str, **qualifier: str) -> Answer:
        return self.aws.ask(
            operation, uid=self.arn, of=of, absent=_NONE, FunctionName=self.name, **qualifier
        )

    def urls(
        self, offers: _Offers, aliases: Sequence[Mapping[str, Any]]
    ) -> tuple[list[Mapping[str, Any]], str]:
        """Return URL configurations: listed in one call, or asked for function and aliases."""
        listed = self._listed_if_offered(offers)
        if listed is not None:
            return listed
        found = [self.one("lambda:GetFunctionUrlConfig", URL)]
        found += [
            self.one("lambda:GetFunctionUrlConfig", URL, Qualifier=alias["Name"])
            for alias in aliases
        ]
        unread = next((answer.unread for answer in found if answer.unread), "")
        return [answer.body for answer in found if answer.body], unread

    def _listed_if_offered(self, offers: _Offers) -> tuple[list[Mapping[str, Any]], str] | None:
        """Return the URLs where one call lists them; one function finds out for all."""
        if offers.urls_listed is None:
            with offers.trying:
                if offers.urls_listed is None:
                    listed = self._listed_urls()
                    offers.urls_listed = listed is not None
                    return listed
        return self._listed_urls() if offers.urls_listed else None

    def _listed_urls(self) -> tuple[list[Mapping[str, Any]], str] | None:
        """Return every URL of the function, aliases' too; None where listing is not offered."""
        try:
            return self.aws.items(
                "lambda:ListFunctionUrlConfigs", "FunctionUrlConfigs", FunctionName=self.name
            ), ""
        except CallFailed as error:
            if error.reason == "unsupported":
                return None
            return [], self.aws.gap(error, of=URL, uid=self.arn)

    def invoke_configs(self, access: Answer) -> tuple[list[Mapping[str, Any]], str]:
        """Return asynchronous settings, asked for where a service invokes asynchronously."""
        document = policy((access.body or {}).get("Policy"))
        if not access.unread and not _invoked_asynchronously(document):
            return [], ""
        return self.aws.ask_all(
            "lambda:ListFunctionEventInvokeConfigs", "FunctionEventInvokeConfigs",
            uid=self.arn, of=INVOKE_CONFIG, FunctionName=self.name,
        )  # fmt: skip


def _invoked_asynchronously(document: Mapping[str, Any] | None) -> bool:
    for statement in (document or {}).get("Statement", []):
        principal = statement.get("Principal")
        service = principal.get("Service") if isinstance(principal, Mapping) else None
        services = service if isinstance(service, list) else [service]
        if any(each in _ASYNCHRONOUS for each in services):
            return True
    return False


def _reserved(answer: Answer) -> Mapping[str, Any]:
    return answer.properties(
        ("ReservedConcurrentExecutions",), lambda body: pick(body, "ReservedConcurrentExecutions")
    )


def _configuration(aws: Reader, function: Mapping[str, Any]) -> dict[str, Any]:
    """Return a function's configuration in CloudFormation's names."""
    vpc = function.get("VpcConfig") or {}
    environment = function.get("Environment") or {}
    return {
        **pick(
            function,
            "FunctionName", "Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize",
            "PackageType", "Architectures", "EphemeralStorage", "LoggingConfig", "TracingConfig",
            "DurableConfig", "TenancyConfig",
        ),
        **renamed(function, {"KMSKeyArn": "KmsKeyArn"}),
        "DeadLetterConfig": function.get("DeadLetterConfig") or None,
        "FileSystemConfigs": function.get("FileSystemConfigs") or None,
        "Layers": [layer["Arn"] for layer in function.get("Layers") or ()] or None,
        "SnapStart": pick(function.get("SnapStart") or EMPTY, "ApplyOn") or None,
        "ImageConfig": (function.get("ImageConfigResponse") or {}).get("ImageConfig"),
        "VpcConfig": pick(vpc, "SubnetIds", "SecurityGroupIds", "Ipv6AllowedForDualStack")
        if vpc.get("SubnetIds")
        else None,
        "Environment": _environment(aws, environment),
    }  # fmt: skip


def _environment(aws: Reader, environment: Mapping[str, Any]) -> Any:
    if environment.get("Error"):  # a customer key that our role may not use
        return {"Variables": unknown("Lambda could not decrypt the environment for this role")}
    variables = environment.get("Variables")
    return {"Variables": redacted(variables, aws.secret_key)} if variables else None


def _permissions(
    aws: Reader, function: Resource, access: Answer, target: str
) -> Iterator[Resource]:
    """Yield one permission a statement: what AddPermission wrote, in CloudFormation's shape."""
    document = policy((access.body or {}).get("Policy"))
    for number, statement in enumerate((document or {}).get("Statement", [])):
        if statement.get("Resource", target) != target:
            continue  # moto answers a qualified question with the function's own policy
        key = statement.get("Sid") or str(number)
        if target != function.uid:
            key = f"{target.rsplit(':', 1)[-1]}/{key}"
        yield aws.part(function, PERMISSION, key, {"FunctionName": target, **_grant(statement)})


_CONDITIONS = {
    "aws:sourcearn": "SourceArn",
    "aws:sourceaccount": "SourceAccount",
    "aws:principalorgid": "PrincipalOrgID",
    "lambda:functionurlauthtype": "FunctionUrlAuthType",
    "lambda:eventsourcetoken": "EventSourceToken",
    "lambda:invokedviafunctionurl": "InvokedViaFunctionUrl",
}


def _grant(statement: Mapping[str, Any]) -> dict[str, Any]:
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        (principal,) = tuple(principal.values())[:1] or ("",)
    found = pick(statement, "FunctionUrlAuthType")  # moto writes it beside the condition
    others: dict[str, Any] = {}
    for operator, test in (statement.get("Condition") or {}).items():
        for key, value in test.items():
            name = _CONDITIONS.get(key.lower())
            if name:
                found[name] = value
            else:
                others.setdefault(operator, {})[key] = value
    return {
        "Action": statement.get("Action"),
        "Principal": principal,
        **found,
        "Condition": others or None,
    }


def _alias(
    aws: Reader, ask: _Asker, function: Resource, alias: Mapping[str, Any]
) -> Iterator[Resource]:
    access = ask.one("lambda:GetPolicy", PERMISSION, Qualifier=alias["Name"])
    weights = alias.get("RoutingConfig") or None
    yield aws.resource(
        ALIAS,
        uid=alias["AliasArn"],
        name=f"{function.name}:{alias['Name']}",
        properties={
            "FunctionName": function.name,
            **pick(alias, "Name", "FunctionVersion", "Description"),
            "RoutingConfig": weights,
        },
        tags=EMPTY,
        unreadable={PERMISSION: access.unread} if access.unread else EMPTY,
    )
    yield from _permissions(aws, function, access, alias["AliasArn"])


def _url(aws: Reader, function: Resource, url: Mapping[str, Any]) -> Resource:
    qualifier = url["FunctionArn"].removeprefix(function.uid).lstrip(":")
    return aws.part(
        function,
        URL,
        qualifier or "url",
        {
            "TargetFunctionArn": function.uid,
            "Qualifier": qualifier or None,
            **pick(url, "AuthType", "InvokeMode", "FunctionUrl"),
            "Cors": url.get("Cors") or None,
        },
        aliases=(url.get("FunctionUrl"),),
    )


def _invoke_config(aws: Reader, function: Resource, config: Mapping[str, Any]) -> Resource:
    qualifier = config["FunctionArn"].removeprefix(function.uid).lstrip(":") or "$LATEST"
    return aws.part(
        function,
        INVOKE_CONFIG,
        qualifier,
        {
            "FunctionName": function.name,
            "Qualifier": qualifier,
            **pick(config, "DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"),
        },
    )


@collector(yields=(MAPPING,), calls=("lambda:ListEventSourceMappings",))
def lambda_event_sources(aws: Reader) -> Iterator[Resource]:
    """Event source mappings: which queue, stream or table feeds which function."""
    narrow = {"FunctionName": aws.only.name} if aws.only and aws.only.type == FUNCTION else {}
    for mapping in aws.listed(
        "lambda:ListEventSourceMappings", "EventSourceMappings", of=MAPPING, **narrow
    ):
        arn = mapping.get("EventSourceMappingArn") or aws.arn(
            "lambda", f"event-source-mapping:{mapping['UUID']}"
        )
        yield aws.resource(
            MAPPING,
            uid=arn,
            name=mapping["UUID"],
            aliases=(mapping["UUID"],),
            changed_at=mapping.get("LastModified"),
            properties={
                "FunctionName": mapping.get("FunctionArn"),
                "Enabled": mapping.get("State") not in ("Disabled", "Disabling"),
                **renamed(mapping, {"KMSKeyArn": "KmsKeyArn"}),
                **pick(
                    mapping,
                    "EventSourceArn", "BatchSize", "MaximumBatchingWindowInSeconds",
                    "ParallelizationFactor", "StartingPosition", "FilterCriteria",
                    "DestinationConfig", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
                    "BisectBatchOnFunctionError", "TumblingWindowInSeconds", "ScalingConfig",
                    "FunctionResponseTypes", "Topics", "Queues", "SourceAccessConfigurations",
                ),
            },
        )  # fmt: skip


@collector(
    yields=(LAYER, LAYER_PERMISSION),
    calls=("lambda:ListLayers", "lambda:GetLayerVersionPolicy"),
)
def lambda_layers(aws: Reader) -> Iterator[Resource]:
    """The newest version of each layer and who may use it."""
    layers = aws.listed("lambda:ListLayers", "Layers", of=LAYER)
    yield from aws.each(layers, lambda layer: _layer(aws, layer))


def _layer(aws: Reader, layer: Mapping[str, Any]) -> Iterator[Resource]:
    newest = layer.get("LatestMatchingVersion") or {}
    arn = newest["LayerVersionArn"]
    access = aws.ask(
        "lambda:GetLayerVersionPolicy", uid=arn, of=LAYER_PERMISSION, absent=_NONE,
        LayerName=layer["LayerName"], VersionNumber=newest["Version"],
    )  # fmt: skip
    version = aws.resource(
        LAYER,
        uid=arn,
        name=layer["LayerName"],
        aliases=(layer.get("LayerArn"), layer["LayerName"]),
        created_at=newest.get("CreatedDate"),
        tags=EMPTY,
        properties={
            **pick(layer, "LayerName"),
            **pick(newest, "Description", "CompatibleRuntimes", "CompatibleArchitectures",
                   "LicenseInfo"),
        },
        unreadable={LAYER_PERMISSION: access.unread} if access.unread else EMPTY,
    )  # fmt: skip
    yield version
    document = policy((access.body or {}).get("Policy"))
    for number, statement in enumerate((document or {}).get("Statement", [])):
        grant = _grant(statement)
        yield aws.part(
            version,
            LAYER_PERMISSION,
            statement.get("Sid") or str(number),
            {"LayerVersionArn": arn, "OrganizationId": grant.pop("PrincipalOrgID", None), **grant},
        )
