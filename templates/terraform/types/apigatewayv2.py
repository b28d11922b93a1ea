"""Amazon API Gateway v2: HTTP and WebSocket APIs."""

from typing import Any

from templates.terraform.mapping import (
    Attributes,
    Kind,
    Part,
    Rows,
    document,
    each,
    one,
    tag_map,
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


TYPES: tuple[Kind | Part, ...] = (
    Kind(
        "aws_apigatewayv2_api",
        "AWS::ApiGatewayV2::Api",
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
            "Tags": tag_map,
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
            "AccessLogSettings": one(
                "access_log_settings", {"DestinationArn": "destination_arn", "Format": "format"}
            ),
            "DefaultRouteSettings": one("default_route_settings", _ROUTE_SETTINGS),
            "RouteSettings": _settings_by_route,
            "StageVariables": "stage_variables",
            "Tags": tag_map,
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
        "aws_apigatewayv2_api_mapping",
        "AWS::ApiGatewayV2::ApiMapping",
        {
            "ApiId": "api_id",
            "DomainName": "domain_name",
            "Stage": "stage",
            "ApiMappingKey": "api_mapping_key",
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
            "Tags": tag_map,
        },
    ),
)
