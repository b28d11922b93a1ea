"""REST, HTTP and GraphQL APIs: logs, tracing, limits, callers."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation import companion
from remediation.blueprint import asks_then, blueprint
from remediation.draft import Path, Target, dig, get_att, ref_id
from remediation.permission import policy_document

RATE_LIMIT_PER_S = 1_000
BURST_LIMIT = 500
REST_FORMAT = (
    '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp",'
    '"caller":"$context.identity.caller","time":"$context.requestTime",'
    '"method":"$context.httpMethod","path":"$context.resourcePath","status":"$context.status"}'
)
HTTP_FORMAT = (
    '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp",'
    '"time":"$context.requestTime","route":"$context.routeKey","status":"$context.status"}'
)
_PUSH_TO_LOGS = (
    "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
)


@blueprint(
    "PL-APIGATEWAY-003",
    summary="Trace the API's requests with X-Ray",
    tier=Tier.OBSERVABILITY,
    cost="5 USD for each million traces above 100,000 a month",
)
def rest_tracing(target: Target) -> None:
    """An API that SAM implies has no declaration of its own: Globals speak for it."""
    if _is_implied(target):
        target.draft.set("Globals", ("Api", "TracingEnabled"), True)
    else:
        target.set_where_stated(("TracingEnabled",), True)


@blueprint(
    "PL-APIGATEWAY-006",
    summary=f"Limit the API to {RATE_LIMIT_PER_S} requests a second",
    tier=Tier.NETWORK,
    may_break=(f"Callers above {RATE_LIMIT_PER_S} requests a second get 429: raise it if needed",),
)
def rest_throttling(target: Target) -> None:
    """One setting for all methods, beside those that are stated for some."""
    limits = {"ThrottlingRateLimit": RATE_LIMIT_PER_S, "ThrottlingBurstLimit": BURST_LIMIT}
    _set_for_every_method(target, limits)


@blueprint(
    "PL-APIGATEWAY-009",
    summary=f"Limit the API to {RATE_LIMIT_PER_S} requests a second",
    tier=Tier.NETWORK,
    may_break=(f"Callers above {RATE_LIMIT_PER_S} requests a second get 429: raise it if needed",),
)
def http_throttling(target: Target) -> None:
    """Route settings that are stated for some routes stay as they are."""
    limits = {"ThrottlingRateLimit": RATE_LIMIT_PER_S, "ThrottlingBurstLimit": BURST_LIMIT}
    for name, value in limits.items():
        if _is_implied(target):
            target.draft.set("Globals", ("HttpApi", "DefaultRouteSettings", name), value)
        else:
            target.set(("DefaultRouteSettings", name), value)


@blueprint(
    "PL-APIGATEWAY-002",
    "PL-APIGATEWAY-106",
    summary="Log access to the API",
    tier=Tier.OBSERVABILITY,
    may_break=(
        "API Gateway's logging role is one setting of account and Region: this stack would own it",
    ),
    cost="0.50 USD for each GB of logs",
)
def rest_access_log(target: Target) -> None:
    """A REST API can only log where the account names a role for it, and only after that.

    The stage refers to the log group, so a group that waits for the account makes the stage wait.
    """
    account = _logging_account(target)
    _log_access(target, companion.log_group(target, depends_on=account))


@blueprint(
    "PL-APIGATEWAY-008",
    "PL-APIGATEWAY-107",
    summary="Log access to the API",
    tier=Tier.OBSERVABILITY,
    cost="0.50 USD for each GB of logs",
)
def http_access_log(target: Target) -> None:
    """HTTP APIs write logs by themselves; they need no role."""
    value = {"DestinationArn": get_att(companion.log_group(target)), "Format": HTTP_FORMAT}
    if _is_implied(target):
        target.draft.set("Globals", ("HttpApi", "AccessLogSettings"), value)
    else:
        target.set(("AccessLogSettings",), value)


@blueprint(
    "PL-APIGATEWAY-004",
    "PL-APIGATEWAY-031",
    summary="Encrypt the API's cache",
    tier=Tier.DATA,
)
def cache_encryption(target: Target) -> None:
    """Settings that turn no cache on carry it too, for the day somebody does."""
    owner, path, settings = _method_settings(target)
    if not settings:
        _set_for_every_method(target, {"CacheDataEncrypted": True})
        return
    for number, item in enumerate(settings):
        if item.get("CacheDataEncrypted") is not True:
            target.draft.set(owner, (*path, number, "CacheDataEncrypted"), True)


@blueprint(
    "PL-APIGATEWAY-012",
    "PL-APIGATEWAY-104",
    summary="Log requests that the API fails to execute",
    tier=Tier.OBSERVABILITY,
    may_break=(
        "API Gateway's logging role is one setting of account and Region: this stack would own it",
    ),
    cost="0.50 USD for each GB of logs",
)
def rest_execution_log(target: Target) -> None:
    """Bodies stay out of the logs: that is DataTraceEnabled, which stays as it is."""
    declared = target.draft.of_type("AWS::ApiGateway::Account")
    account = _logging_account(target)
    if not declared:
        _wait_for(target, account)
    owner, path, settings = _method_settings(target)
    for number, item in enumerate(settings):  # what a method states of its own hides the rest
        if item.get("LoggingLevel") in {None, "OFF"}:
            target.draft.set(owner, (*path, number, "LoggingLevel"), "ERROR")
    _set_for_every_method(target, {"LoggingLevel": "ERROR"})


@blueprint(
    "PL-APIGATEWAY-013",
    summary="Keep whole requests and answers out of the stage's logs",
    tier=Tier.OBSERVABILITY,
    may_break=("Bodies can no longer be read in the execution logs",),
    cost="saves storage of logs",
)
def data_trace(target: Target) -> None:
    """Errors are still logged, and chosen fields in the access log."""
    owner, path, settings = _method_settings(target)
    for number, item in enumerate(settings):
        if item.get("DataTraceEnabled") not in {None, False}:
            target.draft.set(owner, (*path, number, "DataTraceEnabled"), False)


@blueprint(
    "PL-APIGATEWAY-029",
    "PL-APIGATEWAY-103",
    summary="State the kind of endpoint that the API has",
    tier=Tier.NETWORK,
    may_break=(
        "Deployment fails in Regions without edge-optimized endpoints: state REGIONAL there",
    ),
)
def endpoint_type(target: Target) -> None:
    """Edge-optimized is what API Gateway makes where nothing is said, so nothing changes."""
    if _is_implied(target):
        target.draft.set("Globals", ("Api", "EndpointConfiguration", "Type"), "EDGE")
    elif target.type == "AWS::Serverless::Api":
        target.set_where_stated(("EndpointConfiguration", "Type"), "EDGE")
    elif target.get("RegionalCertificateArn") is not None:
        target.set(("EndpointConfiguration", "Types"), ["REGIONAL"])
    else:
        target.set(("EndpointConfiguration", "Types"), ["EDGE"])


@blueprint(
    "PL-APIGATEWAY-001",
    summary="Let only signed AWS requests call the method",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("Callers that do not sign their requests get 403: browsers and webhooks cannot",),
)
def method_authorization(target: Target) -> None:
    """Which authorizer an API of several methods should have only its owner knows."""
    if target.type != "AWS::ApiGateway::Method":
        raise Declined(
            "Which callers this API has is not in the template: name an authorizer under its Auth "
            "property (Cognito, Lambda or AWS_IAM), or accept the risk if it is public on purpose"
        )
    target.set(("AuthorizationType",), "AWS_IAM")


@blueprint(
    "PL-APIGATEWAY-007",
    summary="Let only signed AWS requests call the route",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("Callers that do not sign their requests get 403: browsers and webhooks cannot",),
)
def route_authorization(target: Target) -> None:
    """Which authorizer an API of several routes should have only its owner knows."""
    if target.type != "AWS::ApiGatewayV2::Route":
        raise Declined(
            "Which callers this API has is not in the template: name an authorizer under its Auth "
            "property (JWT, Lambda or AWS_IAM), or accept the risk if it is public on purpose"
        )
    target.set(("AuthorizationType",), "AWS_IAM")


@blueprint(
    "PL-APIGATEWAY-010",
    "PL-APIGATEWAY-102",
    summary="Require TLS 1.2 of the domain's callers",
    tier=Tier.NETWORK,
    may_break=("Clients older than about 2014 cannot connect",),
)
def domain_tls(target: Target) -> None:
    """The property has the same name for edge and regional domains."""
    if target.is_sam:
        target.set(("Domain", "SecurityPolicy"), "TLS_1_2")
    else:
        target.set(("SecurityPolicy",), "TLS_1_2")


@blueprint(
    "PL-APPSYNC-001",
    summary="Log errors of the API's fields",
    tier=Tier.OBSERVABILITY,
    cost="0.50 USD for each GB of logs",
)
def graphql_logging(target: Target) -> None:
    """AppSync writes logs through a role of its own; headers and answers stay out of them."""
    managed = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSAppSyncPushToCloudWatchLogs"
    role = target.companion("LoggingRole", _service_role("appsync", managed))
    value = {
        "CloudWatchLogsRoleArn": get_att(role),
        "ExcludeVerboseContent": True,
        "FieldLogLevel": "ERROR",
    }
    target.set(("Logging",) if target.is_sam else ("LogConfig",), value)


def _service_role(service: str, managed_policy: str) -> dict[str, Any]:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": policy_document([trust]),
            "ManagedPolicyArns": [{"Fn::Sub": managed_policy}],
        },
    }


def _is_implied(target: Target) -> bool:
    """Whether the API is one that SAM makes because functions have API events."""
    return target.type == "AWS::Serverless::Function"


def _method_settings(target: Target) -> tuple[str, Path, list[dict[str, Any]]]:
    """Return where a stage's method settings are written, and what they are.

    Raises: Declined when they are not a plain list.
    """
    own = None if _is_implied(target) else target.get("MethodSettings")
    stated = target.globals("Api").get("MethodSettings") if target.is_sam else None
    shared = own is None and (stated is not None or _is_implied(target))
    owner = "Globals" if shared else target.id
    path: Path = ("Api", "MethodSettings") if shared else ("MethodSettings",)
    settings = (stated if shared else own) or []
    if not isinstance(settings, list) or not all(
        isinstance(item, dict) and "ResourcePath" in item for item in settings
    ):
        raise Declined("A method setting is written as an intrinsic function")
    return owner, path, settings


asks_then(
    "PL-APIGATEWAY-004",
    "PL-APIGATEWAY-006",
    "PL-APIGATEWAY-012",
    "PL-APIGATEWAY-031",
    "PL-APIGATEWAY-104",
    then=("PL-APIGATEWAY-015",),  # asks for a cache of stages that have settings of methods
)


def _set_for_every_method(target: Target, values: Mapping[str, Any]) -> None:
    """Add values to the setting for all methods, which is made where there is none."""
    owner, path, settings = _method_settings(target)
    for number, item in enumerate(settings):
        if (item["ResourcePath"], item.get("HttpMethod")) == ("/*", "*"):
            for name, value in values.items():
                if item.get(name) in {None, "OFF"}:
                    target.draft.set(owner, (*path, number, name), value)
            return
    _require_no_own_settings(target, owner)
    levels = [item.get("LoggingLevel") for item in settings]
    if levels and all(level in {"ERROR", "INFO"} for level in levels):
        values = {"LoggingLevel": levels[0], **values}  # the other methods are logged as these are
    everything = {"ResourcePath": "/*", "HttpMethod": "*", **values}
    if settings:
        target.draft.set(owner, (*path, len(settings)), everything)
    else:
        target.draft.set(owner, path, [everything])


def _require_no_own_settings(target: Target, owner: str) -> None:
    """SAM puts Globals' list before a declared API's own: that one would get two settings for all."""
    if owner != "Globals":
        return
    for api in target.draft.of_type("AWS::Serverless::Api"):
        if "MethodSettings" in target.draft.properties(api):
            raise Declined(
                f"The API that SAM implies is set in Globals, and {api} has settings of its own beside "
                "which SAM would put them. Declare the implied API first"
            )


def _logging_account(target: Target) -> str:
    """Return the account's setting that names a role for logs; it is declared where it is not."""
    account = next(iter(target.draft.of_type("AWS::ApiGateway::Account")), "")
    if account:
        return account
    role = target.companion("LoggingRole", _service_role("apigateway", _PUSH_TO_LOGS))
    properties = {"CloudWatchRoleArn": get_att(role)}
    return target.companion(
        "Account", {"Type": "AWS::ApiGateway::Account", "Properties": properties}
    )


def _wait_for(target: Target, account: str) -> None:
    """Make the stage wait for the account's setting, without which it cannot log.

    A stage that SAM implies waits for what it refers to only: the log group of its access log.
    """
    if not _is_implied(target):
        target.draft.depend(target.id, account)
        return
    destination = dig(target.globals("Api"), ("AccessLogSetting", "DestinationArn"))
    group = ref_id(destination)
    if destination is None:
        _log_access(target, companion.log_group(target, depends_on=account))
    elif group in target.draft.declared:
        target.draft.depend(str(group), account)
    else:
        raise Declined("SAM makes this API's stage, and nothing here can make it wait for its role")


def _log_access(target: Target, group: str) -> None:
    value = {"DestinationArn": get_att(group), "Format": REST_FORMAT}
    if _is_implied(target):
        target.draft.set("Globals", ("Api", "AccessLogSetting"), value)
    else:
        target.set(("AccessLogSetting",), value)
