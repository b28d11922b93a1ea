"""REST, HTTP and GraphQL APIs in Terraform: logs, limits, caches."""

import json
from collections.abc import Mapping

from core.errors import Declined
from remediation import terraform_companion as companion
from remediation.blueprint import in_terraform
from remediation.blueprints.api import BURST_LIMIT, HTTP_FORMAT, RATE_LIMIT_PER_S, REST_FORMAT
from remediation.terraform import TerraformTarget
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
    known = target.draft.sources.configuration(target.spot.directory).resources
    account = next((n for m, k, n in known if k == "aws_api_gateway_account"), "")
    if not account:
        if target.index:
            raise Declined("The stage stands for several: declare aws_api_gateway_account first")
        managed = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"
        role = companion.service_role(target, "apigateway", managed)
        parts = {"cloudwatch_role_arn": Code(f"{role}.arn")}
        account = target.companion("aws_api_gateway_account", parts).rpartition(".")[2]
    _log_to(target, companion.log_group(target, "/aws/apigateway"), REST_FORMAT)
    needed = f"aws_api_gateway_account.{account}"
    if needed in target.source("depends_on"):
        return
    if target.source("depends_on"):
        target.add_to(target.spot, ("depends_on",), Code(needed))
    else:
        target.set(("depends_on",), [Code(needed)])


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
        if target.source("method_path", at=spot) == f'"{_EVERYTHING}"':
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


def _add_settings(target: TerraformTarget, settings: Mapping[str, object]) -> None:
    parts = {
        "rest_api_id": Code(f"{target.ref}.rest_api_id"),
        "stage_name": Code(f"{target.ref}.stage_name"),
        "method_path": _EVERYTHING,
        "settings": Inner(settings),
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
