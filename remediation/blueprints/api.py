"""REST, HTTP and GraphQL APIs: logs, tracing, limits, callers."""

from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation import companion
from remediation.blueprint import blueprint
from remediation.draft import Target, get_att
from remediation.permission import policy_document

RATE_LIMIT_PER_S = 1_000
BURST_LIMIT = 500
_REST_FORMAT = (
    '{"requestId":"$context.requestId","ip":"$context.identity.sourceIp",'
    '"caller":"$context.identity.caller","time":"$context.requestTime",'
    '"method":"$context.httpMethod","path":"$context.resourcePath","status":"$context.status"}'
)
_HTTP_FORMAT = (
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
    everything = {"ResourcePath": "/*", "HttpMethod": "*", **limits}
    if _is_implied(target):
        if target.globals("Api").get("MethodSettings") is not None:
            raise Declined("Globals state method settings of their own; set the limits there")
        target.draft.set("Globals", ("Api", "MethodSettings"), [everything])
        return
    present = target.get("MethodSettings")
    for number, item in enumerate(present if isinstance(present, list) else []):
        if isinstance(item, dict) and (item.get("ResourcePath"), item.get("HttpMethod")) == (
            "/*",
            "*",
        ):
            for name, value in limits.items():
                if name not in item:
                    target.set(("MethodSettings", number, name), value)
            return
    target.append(("MethodSettings",), everything)


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
    account = next(iter(target.draft.of_type("AWS::ApiGateway::Account")), "")
    if not account:
        role = target.companion("LoggingRole", _service_role("apigateway", _PUSH_TO_LOGS))
        properties = {"CloudWatchRoleArn": get_att(role)}
        body = {"Type": "AWS::ApiGateway::Account", "Properties": properties}
        account = target.companion("Account", body)
    group = companion.log_group(target, depends_on=account)
    value = {"DestinationArn": get_att(group), "Format": _REST_FORMAT}
    if _is_implied(target):
        target.draft.set("Globals", ("Api", "AccessLogSetting"), value)
    else:
        target.set(("AccessLogSetting",), value)


@blueprint(
    "PL-APIGATEWAY-008",
    summary="Log access to the API",
    tier=Tier.OBSERVABILITY,
    cost="0.50 USD for each GB of logs",
)
def http_access_log(target: Target) -> None:
    """HTTP APIs write logs by themselves; they need no role."""
    value = {"DestinationArn": get_att(companion.log_group(target)), "Format": _HTTP_FORMAT}
    if _is_implied(target):
        target.draft.set("Globals", ("HttpApi", "AccessLogSettings"), value)
    else:
        target.set(("AccessLogSettings",), value)


@blueprint(
    "PL-APIGATEWAY-004",
    summary="Encrypt the API's cache",
    tier=Tier.DATA,
)
def cache_encryption(target: Target) -> None:
    """Only settings that turn a cache on need it."""
    settings = target.get("MethodSettings")
    if not isinstance(settings, list) or not settings:
        target.append(
            ("MethodSettings",),
            {"ResourcePath": "/*", "HttpMethod": "*", "CacheDataEncrypted": True},
        )
        return
    for number, item in enumerate(settings):
        if not isinstance(item, dict):
            raise Declined("A method setting is written as an intrinsic function")
        if item.get("CacheDataEncrypted") is not True:
            target.set(("MethodSettings", number, "CacheDataEncrypted"), True)


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
