"""Amazon API Gateway: REST APIs, and HTTP and WebSocket APIs (v2)."""

from collections.abc import Mapping
from typing import Any

from core.types import is_unknown
from templates.terraform.mapping import (
    ABSENT,
    TAG_MAP,
    Attributes,
    Kind,
    Part,
    Rows,
    Spawn,
    Take,
    changed,
    document,
    each,
    fallback,
    one,
    tags,
)

REST_API = "AWS::ApiGateway::RestApi"
_HTTP_API = "AWS::ApiGatewayV2::Api"
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
        return "/*" if resource == "*" else f"/{resource.lstrip('/').replace('/', '~1')}"

    return changed("method_path", side)


def _method_settings(attributes: Attributes) -> Any:
    settings = one(
        "settings",
        {
            "MetricsEnabled": "metrics_enabled",
            "LoggingLevel": "logging_level",
            "DataTraceEnabled": "data_trace_enabled",
            "ThrottlingBurstLimit": "throttling_burst_limit",
            "ThrottlingRateLimit": "throttling_rate_limit",
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
    {"RestApiId": "rest_api_id", "Description": "description", "StageName": "stage_name"},
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
_INTEGRATION = Part(
    "aws_api_gateway_integration",
    "aws_api_gateway_method",
    {"rest_api_id": "rest_api_id", "resource_id": "resource_id", "http_method": "http_method"},
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
        "aws_api_gateway_account",
        "AWS::ApiGateway::Account",
        {"CloudWatchRoleArn": "cloudwatch_role_arn"},
    ),
)

_ROUTE_SETTINGS: Rows = {
    "DataTraceEnabled": "data_trace_enabled",
    "DetailedMetricsEnabled": "detailed_metrics_enabled",
    "LoggingLevel": "logging_level",
    "ThrottlingBurstLimit": "throttling_burst_limit",
    "ThrottlingRateLimit": "throttling_rate_limit",
}


def _settings_by_route(attributes: Attributes) -> Any:
    found = each("route_settings", {"RouteKey": "route_key", **_ROUTE_SETTINGS})(attributes)
    if not isinstance(found, list):
        return found
    return {
        str(entry.get("RouteKey", "")): {k: v for k, v in entry.items() if k != "RouteKey"}
        for entry in found
    }


_V2: tuple[Kind, ...] = (
    Kind(
        "aws_apigatewayv2_api",
        _HTTP_API,
        {
            "Name": "name",
            "ProtocolType": "protocol_type",
            "Description": "description",
            "Body": document("body"),
            "CredentialsArn": "credentials_arn",
            "DisableExecuteApiEndpoint": "disable_execute_api_endpoint",
            "RouteKey": "route_key",
            "RouteSelectionExpression": "route_selection_expression",
            "Target": "target",
            "CorsConfiguration": one(
                "cors_configuration",
                {
                    "AllowCredentials": "allow_credentials",
                    "AllowHeaders": "allow_headers",
                    "AllowMethods": "allow_methods",
                    "AllowOrigins": "allow_origins",
                    "ExposeHeaders": "expose_headers",
                    "MaxAge": "max_age",
                },
            ),
            "Tags": TAG_MAP,
        },
    ),
    Kind(
        "aws_apigatewayv2_stage",
        "AWS::ApiGatewayV2::Stage",
        {
            "ApiId": "api_id",
            "StageName": "name",
            "AutoDeploy": "auto_deploy",
            "ClientCertificateId": "client_certificate_id",
            "AccessLogSettings": one("access_log_settings", _LOG_SETTING),
            "DefaultRouteSettings": one("default_route_settings", _ROUTE_SETTINGS),
            "RouteSettings": _settings_by_route,
            "StageVariables": "stage_variables",
            "Tags": TAG_MAP,
        },
    ),
    Kind(
        "aws_apigatewayv2_route",
        "AWS::ApiGatewayV2::Route",
        {
            "ApiId": "api_id",
            "RouteKey": "route_key",
            "ApiKeyRequired": "api_key_required",
            "AuthorizationScopes": "authorization_scopes",
            "AuthorizationType": "authorization_type",
            "AuthorizerId": "authorizer_id",
            "Target": "target",
        },
    ),
    Kind(
        "aws_apigatewayv2_integration",
        "AWS::ApiGatewayV2::Integration",
        {
            "ApiId": "api_id",
            "ConnectionId": "connection_id",
            "ConnectionType": "connection_type",
            "CredentialsArn": "credentials_arn",
            "IntegrationMethod": "integration_method",
            "IntegrationSubtype": "integration_subtype",
            "IntegrationType": "integration_type",
            "IntegrationUri": "integration_uri",
            "PayloadFormatVersion": "payload_format_version",
            "TlsConfig": one("tls_config", {"ServerNameToVerify": "server_name_to_verify"}),
        },
    ),
    Kind(
        "aws_apigatewayv2_authorizer",
        "AWS::ApiGatewayV2::Authorizer",
        {
            "ApiId": "api_id",
            "Name": "name",
            "AuthorizerType": "authorizer_type",
            "AuthorizerUri": "authorizer_uri",
            "AuthorizerCredentialsArn": "authorizer_credentials_arn",
            "IdentitySource": "identity_sources",
            "JwtConfiguration": one(
                "jwt_configuration", {"Audience": "audience", "Issuer": "issuer"}
            ),
        },
    ),
    Kind(
        "aws_apigatewayv2_domain_name",
        "AWS::ApiGatewayV2::DomainName",
        {
            "DomainName": "domain_name",
            "DomainNameConfigurations": each(
                "domain_name_configuration",
                {
                    "CertificateArn": "certificate_arn",
                    "EndpointType": "endpoint_type",
                    "SecurityPolicy": "security_policy",
                },
            ),
            "MutualTlsAuthentication": one(
                "mutual_tls_authentication",
                {"TruststoreUri": "truststore_uri", "TruststoreVersion": "truststore_version"},
            ),
            "Tags": TAG_MAP,
        },
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
    *_V2,
    _METHOD_SETTINGS,
    _INTEGRATION,
    _API_POLICY,
)
