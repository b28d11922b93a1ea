"""Amazon API Gateway: REST APIs."""

from collections.abc import Mapping
from typing import Any

from core.types import is_unknown
from templates.terraform.mapping import (
    ABSENT,
    Attributes,
    Kind,
    Part,
    Rows,
    Spawn,
    Take,
    build,
    changed,
    document,
    each,
    fallback,
    one,
    tags,
)

REST_API = "AWS::ApiGateway::RestApi"
# CloudFormation has no such property: it always makes a replacement before it deletes.
_LIFECYCLE: Rows = {
    "Lifecycle.CreateBeforeDestroy": fallback("lifecycle.create_before_destroy", default=False)
}
_LOG_SETTING: Rows = {"DestinationArn": "destination_arn", "Format": "format"}

_REST_API = Kind(
    "aws_api_gateway_rest_api",
    REST_API,
    {
        "Name": "name",
        "Description": "description",
        "ApiKeySourceType": "api_key_source",
        "Body": document("body"),
        "DisableExecuteApiEndpoint": "disable_execute_api_endpoint",
        "EndpointConfiguration": one(
            "endpoint_configuration", {"Types": "types", "VpcEndpointIds": "vpc_endpoint_ids"}
        ),
        "MinimumCompressionSize": "minimum_compression_size",
        "Policy": document("policy"),
        "SecurityPolicy": "security_policy",
        "EndpointAccessMode": "endpoint_access_mode",
        **_LIFECYCLE,
        "Tags": tags,
    },
)
_STAGE = Kind(
    "aws_api_gateway_stage",
    "AWS::ApiGateway::Stage",
    {
        "StageName": "stage_name",
        "RestApiId": "rest_api_id",
        "DeploymentId": "deployment_id",
        "Description": "description",
        "AccessLogSetting": one("access_log_settings", _LOG_SETTING),
        "CacheClusterEnabled": "cache_cluster_enabled",
        "CacheClusterSize": "cache_cluster_size",
        "ClientCertificateId": "client_certificate_id",
        "TracingEnabled": fallback("xray_tracing_enabled", default=False),
        "Variables": "variables",
        "Tags": tags,
    },
)


def _method_setting(part: str) -> Take:
    """Take one side of `{resource_path}/{http_method}`; `*/*` is every path and method.

    Source: registry.terraform.io/providers/hashicorp/aws, api_gateway_method_settings
    """

    def side(path: Any) -> Any:
        if not isinstance(path, str):
            return path
        resource, _, method = path.rpartition("/")
        if part == "method":
            return method
        if resource in ("*", ""):
            return f"/{resource}"
        return f"/~1{resource.removeprefix('~1').strip('/').replace('/', '~1')}"

    return changed("method_path", side)


def _limit(path: str) -> Take:
    """Take a limit; minus one, the provider's default, is none."""
    return changed(path, lambda value: ABSENT if value in (-1, "-1") else value)


def _method_settings(attributes: Attributes) -> Any:
    settings = one(
        "settings",
        {
            "MetricsEnabled": "metrics_enabled",
            "LoggingLevel": "logging_level",
            "DataTraceEnabled": "data_trace_enabled",
            "ThrottlingBurstLimit": _limit("throttling_burst_limit"),
            "ThrottlingRateLimit": _limit("throttling_rate_limit"),
            "CachingEnabled": "caching_enabled",
            "CacheTtlInSeconds": "cache_ttl_in_seconds",
            "CacheDataEncrypted": "cache_data_encrypted",
        },
    )(attributes)
    if not isinstance(settings, Mapping) or is_unknown(settings):
        return [settings] if isinstance(settings, Mapping) else ABSENT
    place = {
        "ResourcePath": _method_setting("path")(attributes),
        "HttpMethod": _method_setting("method")(attributes),
    }
    return [{k: v for k, v in place.items() if v is not ABSENT} | dict(settings)]


_METHOD_SETTINGS = Part(
    "aws_api_gateway_method_settings",
    "aws_api_gateway_stage",
    {"rest_api_id": "rest_api_id", "stage_name": "stage_name"},
    {"MethodSettings": _method_settings},
)
# A deployment may make a stage of its own, without any of a stage's settings.
_DEPLOYMENT = Kind(
    "aws_api_gateway_deployment",
    "AWS::ApiGateway::Deployment",
    {
        "RestApiId": "rest_api_id",
        "Description": "description",
        "StageName": "stage_name",
        **_LIFECYCLE,
    },
    also=(
        Spawn(
            "stage",
            Kind(
                "aws_api_gateway_deployment",
                "AWS::ApiGateway::Stage",
                {
                    "StageName": "stage_name",
                    "RestApiId": "rest_api_id",
                    "DeploymentId": "self",
                    "Description": "stage_description",
                    "Variables": "variables",
                },
            ),
            when="stage_name",
        ),
    ),
)
_METHOD = Kind(
    "aws_api_gateway_method",
    "AWS::ApiGateway::Method",
    {
        "RestApiId": "rest_api_id",
        "ResourceId": "resource_id",
        "HttpMethod": "http_method",
        "AuthorizationType": "authorization",
        "AuthorizerId": "authorizer_id",
        "AuthorizationScopes": "authorization_scopes",
        "ApiKeyRequired": "api_key_required",
        "RequestValidatorId": "request_validator_id",
        "RequestModels": "request_models",
        "RequestParameters": "request_parameters",
    },
)
_OF_METHOD = {
    "rest_api_id": "rest_api_id",
    "resource_id": "resource_id",
    "http_method": "http_method",
}


def _response(more: Rows) -> Take:
    rows: Rows = {
        "StatusCode": "status_code",
        "ResponseParameters": "response_parameters",
        **more,
    }
    return lambda attributes: [build(rows, attributes)]


_INTEGRATION = Part(
    "aws_api_gateway_integration",
    "aws_api_gateway_method",
    _OF_METHOD,
    {
        "Integration.Type": "type",
        "Integration.IntegrationHttpMethod": "integration_http_method",
        "Integration.Uri": "uri",
        "Integration.Credentials": "credentials",
        "Integration.ConnectionType": "connection_type",
        "Integration.ConnectionId": "connection_id",
        "Integration.TimeoutInMillis": "timeout_milliseconds",
    },
)
_RESPONSES = (
    Part(
        "aws_api_gateway_integration_response",
        "aws_api_gateway_method",
        _OF_METHOD,
        {"Integration.IntegrationResponses": _response({"SelectionPattern": "selection_pattern"})},
    ),
    Part(
        "aws_api_gateway_method_response",
        "aws_api_gateway_method",
        _OF_METHOD,
        {"MethodResponses": _response({"ResponseModels": "response_models"})},
    ),
)
_OTHERS = (
    Kind(
        "aws_api_gateway_resource",
        "AWS::ApiGateway::Resource",
        {"RestApiId": "rest_api_id", "ParentId": "parent_id", "PathPart": "path_part"},
    ),
    Kind(
        "aws_api_gateway_authorizer",
        "AWS::ApiGateway::Authorizer",
        {
            "Name": "name",
            "RestApiId": "rest_api_id",
            "Type": fallback("type", "TOKEN"),
            "AuthorizerUri": "authorizer_uri",
            "AuthorizerCredentials": "authorizer_credentials",
            "IdentitySource": "identity_source",
            "IdentityValidationExpression": "identity_validation_expression",
            "ProviderARNs": "provider_arns",
        },
    ),
    Kind(
        "aws_api_gateway_domain_name",
        "AWS::ApiGateway::DomainName",
        {
            "DomainName": "domain_name",
            "CertificateArn": "certificate_arn",
            "RegionalCertificateArn": "regional_certificate_arn",
            "SecurityPolicy": "security_policy",
            "EndpointConfiguration": one("endpoint_configuration", {"Types": "types"}),
            "MutualTlsAuthentication": one(
                "mutual_tls_authentication",
                {"TruststoreUri": "truststore_uri", "TruststoreVersion": "truststore_version"},
            ),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_api_gateway_api_key",
        "AWS::ApiGateway::ApiKey",
        {"Name": "name", "Enabled": fallback("enabled", default=True), "Value": "value"},
    ),
    Kind(
        "aws_api_gateway_usage_plan",
        "AWS::ApiGateway::UsagePlan",
        {
            "UsagePlanName": "name",
            "ApiStages": each("api_stages", {"ApiId": "api_id", "Stage": "stage"}),
            "Quota": one(
                "quota_settings", {"Limit": "limit", "Offset": "offset", "Period": "period"}
            ),
            "Throttle": one(
                "throttle_settings", {"BurstLimit": "burst_limit", "RateLimit": "rate_limit"}
            ),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_api_gateway_client_certificate",
        "AWS::ApiGateway::ClientCertificate",
        {"Description": "description", "Tags": tags},
    ),
    Kind(
        "aws_api_gateway_request_validator",
        "AWS::ApiGateway::RequestValidator",
        {
            "Name": "name",
            "RestApiId": "rest_api_id",
            "ValidateRequestBody": fallback("validate_request_body", default=False),
            "ValidateRequestParameters": fallback("validate_request_parameters", default=False),
        },
    ),
    Kind(
        "aws_api_gateway_base_path_mapping",
        "AWS::ApiGateway::BasePathMapping",
        {
            "DomainName": "domain_name",
            "RestApiId": "api_id",
            "Stage": "stage_name",
            "BasePath": "base_path",
        },
    ),
    Kind(
        "aws_api_gateway_account",
        "AWS::ApiGateway::Account",
        {"CloudWatchRoleArn": "cloudwatch_role_arn"},
    ),
)

_API_POLICY = Part(
    "aws_api_gateway_rest_api_policy",
    "aws_api_gateway_rest_api",
    {"rest_api_id": "id"},
    {"Policy": document("policy")},
)

TYPES: tuple[Kind | Part, ...] = (
    _REST_API,
    _STAGE,
    _DEPLOYMENT,
    _METHOD,
    *_OTHERS,
    _METHOD_SETTINGS,
    _INTEGRATION,
    *_RESPONSES,
    _API_POLICY,
)
