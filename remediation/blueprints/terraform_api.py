"""REST, HTTP and GraphQL APIs in Terraform: logs, limits, caches."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from core.errors import Declined
from remediation import terraform_companion as companion
from remediation.blueprint import in_terraform
from remediation.blueprints.api import BURST_LIMIT, HTTP_FORMAT, RATE_LIMIT_PER_S, REST_FORMAT
from remediation.terraform import Spot, TerraformTarget
from templates.terraform.writer import Code, Inner, Json

_SETTINGS = "aws_api_gateway_method_settings"
_EVERYTHING = "*/*"


def _log_to(target: TerraformTarget, group: str, log_format: str) -> None:
    parts = {
        "destination_arn": Code(f"{group}.arn"),
        "format": Json(json.loads(log_format)),
    }
    target.set(("access_log_settings",), Inner(parts))


@in_terraform("PL-APIGATEWAY-002")
def rest_access_log(target: TerraformTarget) -> None:
    """A REST API can only log where the account names a role for it, and only after that."""
    _only(target, "aws_api_gateway_stage")
    account = _logging_account(target)
    _log_to(target, companion.log_group(target, "/aws/apigateway"), REST_FORMAT)
    target.depend(account, at=target.spot)


@in_terraform("PL-APIGATEWAY-012")
def rest_execution_log(target: TerraformTarget) -> None:
    """Bodies stay out of the logs: that is data_trace_enabled, which stays as it is."""
    _only(target, "aws_api_gateway_stage")
    account = _logging_account(target)
    spots = target.parts(_SETTINGS)
    for spot in spots:  # what a method states of its own hides the rest
        if target.source("settings", "logging_level", at=spot) in ("", '"OFF"'):
            target.set(("settings", "logging_level"), "ERROR", at=spot)
            target.depend(account, at=spot)
    if not any(_is_for_everything(target, spot) for spot in spots):
        waiting = {"depends_on": [Code(account)]}
        _add_settings(target, {"logging_level": "ERROR"}, waiting)


@in_terraform("PL-APIGATEWAY-013")
def data_trace(target: TerraformTarget) -> None:
    """Errors are still logged, and chosen fields in the access log."""
    for spot in target.parts(_SETTINGS):
        if target.source("settings", "data_trace_enabled", at=spot) not in ("", "false"):
            target.set(("settings", "data_trace_enabled"), False, at=spot)


@in_terraform("PL-APIGATEWAY-029")
def endpoint_type(target: TerraformTarget) -> None:
    """Edge-optimized is what API Gateway makes where nothing is said, so nothing changes."""
    regional = target.get("regional_certificate_arn") is not None
    target.set(("endpoint_configuration", "types"), ["REGIONAL" if regional else "EDGE"])


def _logging_account(target: TerraformTarget) -> str:
    """Return the account's setting that names a role for logs; it is declared where it is not."""
    known = target.draft.sources.configuration(target.spot.directory).resources
    account = next((n for m, k, n in known if k == "aws_api_gateway_account"), "")
    if account:
        return f"aws_api_gateway_account.{account}"
    if target.index:
        raise Declined("The stage stands for several: declare aws_api_gateway_account first")
    managed = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    role = companion.service_role(target, "apigateway", managed)
    parts = {"cloudwatch_role_arn": Code(f"{role}.arn")}
    return target.companion("aws_api_gateway_account", parts)


@in_terraform("PL-APIGATEWAY-008")
def http_access_log(target: TerraformTarget) -> None:
    """HTTP APIs write logs by themselves; they need no role."""
    _only(target, "aws_apigatewayv2_stage")
    _log_to(target, companion.log_group(target, "/aws/apigateway"), HTTP_FORMAT)


@in_terraform("PL-APIGATEWAY-006")
def rest_throttling(target: TerraformTarget) -> None:
    """One setting for all methods, beside those that are stated for some."""
    limits = {"throttling_rate_limit": RATE_LIMIT_PER_S, "throttling_burst_limit": BURST_LIMIT}
    for spot in target.parts(_SETTINGS):
        if _is_for_everything(target, spot):
            for name, value in limits.items():
                if target.source("settings", name, at=spot) in ("", "-1"):
                    target.set(("settings", name), value, at=spot)
            return
    _add_settings(target, limits)


@in_terraform("PL-APIGATEWAY-004")
def cache_encryption(target: TerraformTarget) -> None:
    """Only settings that turn a cache on need it."""
    spots = target.parts(_SETTINGS)
    for spot in spots:
        target.set(("settings", "cache_data_encrypted"), True, at=spot)
    if not spots:
        _add_settings(target, {"cache_data_encrypted": True})


def _is_for_everything(target: TerraformTarget, spot: Spot) -> bool:
    return target.source("method_path", at=spot) == f'"{_EVERYTHING}"'


def _add_settings(
    target: TerraformTarget,
    settings: Mapping[str, object],
    more: Mapping[str, object] = MappingProxyType({}),
) -> None:
    levels = [target.source("settings", "logging_level", at=s) for s in target.parts(_SETTINGS)]
    if levels and all(level in {'"ERROR"', '"INFO"'} for level in levels):
        settings = {"logging_level": Code(levels[0]), **settings}  # the others are logged so
    parts = {
        "rest_api_id": Code(f"{target.ref}.rest_api_id"),
        "stage_name": Code(f"{target.ref}.stage_name"),
        "method_path": _EVERYTHING,
        "settings": Inner(settings),
        **more,
    }
    target.companion(_SETTINGS, parts)


@in_terraform("PL-APPSYNC-001")
def graphql_logging(target: TerraformTarget) -> None:
    """AppSync writes logs through a role of its own; headers and answers stay out of them."""
    managed = "service-role/AWSAppSyncPushToCloudWatchLogs"
    role = companion.service_role(target, "appsync", managed)
    parts = {
        "cloudwatch_logs_role_arn": Code(f"{role}.arn"),
        "exclude_verbose_content": True,
        "field_log_level": "ERROR",
    }
    target.set(("log_config",), Inner(parts))


def _only(target: TerraformTarget, kind: str) -> None:
    if target.type != kind:
        raise Declined(f"A stage that {target.type} makes takes no such setting: declare a {kind}")
