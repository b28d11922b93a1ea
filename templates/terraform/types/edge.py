"""Amazon CloudFront and what Cognito lets in."""

from templates.terraform.mapping import (
    Kind,
    Part,
    Rows,
    each,
    fallback,
    one,
    tag_map,
    tags,
)

_BEHAVIOUR: Rows = {
    "TargetOriginId": "target_origin_id",
    "ViewerProtocolPolicy": "viewer_protocol_policy",
    "AllowedMethods": "allowed_methods",
    "CachedMethods": "cached_methods",
    "CachePolicyId": "cache_policy_id",
    "Compress": "compress",
    "FieldLevelEncryptionId": "field_level_encryption_id",
    "OriginRequestPolicyId": "origin_request_policy_id",
    "RealtimeLogConfigArn": "realtime_log_config_arn",
    "ResponseHeadersPolicyId": "response_headers_policy_id",
    "TrustedKeyGroups": "trusted_key_groups",
    "TrustedSigners": "trusted_signers",
    "FunctionAssociations": each(
        "function_association", {"EventType": "event_type", "FunctionARN": "function_arn"}
    ),
    "LambdaFunctionAssociations": each(
        "lambda_function_association",
        {
            "EventType": "event_type",
            "LambdaFunctionARN": "lambda_arn",
            "IncludeBody": "include_body",
        },
    ),
}
_ORIGIN: Rows = {
    "Id": "origin_id",
    "DomainName": "domain_name",
    "OriginPath": "origin_path",
    "OriginAccessControlId": "origin_access_control_id",
    "CustomOriginConfig": one(
        "custom_origin_config",
        {
            "HTTPPort": "http_port",
            "HTTPSPort": "https_port",
            "OriginProtocolPolicy": "origin_protocol_policy",
            "OriginSSLProtocols": "origin_ssl_protocols",
        },
    ),
    "S3OriginConfig": one("s3_origin_config", {"OriginAccessIdentity": "origin_access_identity"}),
}
_DISTRIBUTION: Rows = {
    "Aliases": "aliases",
    "Comment": "comment",
    "Enabled": "enabled",
    "DefaultRootObject": "default_root_object",
    "HttpVersion": "http_version",
    "IPV6Enabled": "is_ipv6_enabled",
    "PriceClass": "price_class",
    "WebACLId": "web_acl_id",
    "CacheBehaviors": each("ordered_cache_behavior", {"PathPattern": "path_pattern", **_BEHAVIOUR}),
    "DefaultCacheBehavior": one("default_cache_behavior", _BEHAVIOUR),
    "Logging": one(
        "logging_config",
        {"Bucket": "bucket", "Prefix": "prefix", "IncludeCookies": "include_cookies"},
    ),
    "Origins": each("origin", _ORIGIN),
    "OriginGroups.Items": each(
        "origin_group",
        {
            "Id": "origin_id",
            "FailoverCriteria.StatusCodes.Items": "failover_criteria.status_codes",
            "Members.Items": each("member", {"OriginId": "origin_id"}),
        },
    ),
    "Restrictions": one(
        "restrictions",
        {
            "GeoRestriction": one(
                "geo_restriction",
                {"RestrictionType": "restriction_type", "Locations": "locations"},
            )
        },
    ),
    "ViewerCertificate": one(
        "viewer_certificate",
        {
            "AcmCertificateArn": "acm_certificate_arn",
            "IamCertificateId": "iam_certificate_id",
            "CloudFrontDefaultCertificate": "cloudfront_default_certificate",
            "MinimumProtocolVersion": "minimum_protocol_version",
            "SslSupportMethod": "ssl_support_method",
        },
    ),
}


_SECURITY_HEADERS: Rows = {
    "StrictTransportSecurity": one(
        "strict_transport_security",
        {
            "AccessControlMaxAgeSec": "access_control_max_age_sec",
            "IncludeSubdomains": "include_subdomains",
            "Override": "override",
            "Preload": "preload",
        },
    ),
    "ContentSecurityPolicy": one(
        "content_security_policy",
        {"ContentSecurityPolicy": "content_security_policy", "Override": "override"},
    ),
    "ContentTypeOptions": one("content_type_options", {"Override": "override"}),
    "FrameOptions": one("frame_options", {"FrameOption": "frame_option", "Override": "override"}),
    "ReferrerPolicy": one(
        "referrer_policy", {"ReferrerPolicy": "referrer_policy", "Override": "override"}
    ),
}

_CLOUDFRONT: tuple[Kind | Part, ...] = (
    Kind(
        "aws_cloudfront_distribution",
        "AWS::CloudFront::Distribution",
        {
            **{f"DistributionConfig.{name}": row for name, row in _DISTRIBUTION.items()},
            "Tags": tags,
        },
    ),
    Kind(
        "aws_cloudfront_origin_access_control",
        "AWS::CloudFront::OriginAccessControl",
        {
            "OriginAccessControlConfig.Name": "name",
            "OriginAccessControlConfig.OriginAccessControlOriginType": (
                "origin_access_control_origin_type"
            ),
            "OriginAccessControlConfig.SigningBehavior": "signing_behavior",
            "OriginAccessControlConfig.SigningProtocol": "signing_protocol",
        },
    ),
    Kind(
        "aws_cloudfront_response_headers_policy",
        "AWS::CloudFront::ResponseHeadersPolicy",
        {
            "ResponseHeadersPolicyConfig.Name": "name",
            "ResponseHeadersPolicyConfig.Comment": "comment",
            "ResponseHeadersPolicyConfig.SecurityHeadersConfig": one(
                "security_headers_config", _SECURITY_HEADERS
            ),
            "ResponseHeadersPolicyConfig.CorsConfig": one(
                "cors_config",
                {
                    "AccessControlAllowCredentials": "access_control_allow_credentials",
                    "AccessControlAllowOrigins.Items": "access_control_allow_origins.items",
                    "OriginOverride": "origin_override",
                },
            ),
        },
    ),
)

USER_POOL = "aws_cognito_user_pool"

_PASSWORDS: Rows = {
    "MinimumLength": "minimum_length",
    "RequireLowercase": "require_lowercase",
    "RequireNumbers": "require_numbers",
    "RequireSymbols": "require_symbols",
    "RequireUppercase": "require_uppercase",
    "TemporaryPasswordValidityDays": "temporary_password_validity_days",
    "PasswordHistorySize": "password_history_size",
}
_TRIGGERS = {
    "CreateAuthChallenge": "create_auth_challenge",
    "CustomMessage": "custom_message",
    "DefineAuthChallenge": "define_auth_challenge",
    "PostAuthentication": "post_authentication",
    "PostConfirmation": "post_confirmation",
    "PreAuthentication": "pre_authentication",
    "PreSignUp": "pre_sign_up",
    "PreTokenGeneration": "pre_token_generation",
    "UserMigration": "user_migration",
    "VerifyAuthChallengeResponse": "verify_auth_challenge_response",
    "KMSKeyID": "kms_key_id",
}
_COGNITO: tuple[Kind | Part, ...] = (
    Kind(
        USER_POOL,
        "AWS::Cognito::UserPool",
        {
            "UserPoolName": "name",
            "UserPoolTier": "user_pool_tier",
            "DeletionProtection": "deletion_protection",
            "MfaConfiguration": fallback("mfa_configuration", "OFF"),
            "Policies.PasswordPolicy": one("password_policy", _PASSWORDS),
            "UserPoolAddOns": one(
                "user_pool_add_ons", {"AdvancedSecurityMode": "advanced_security_mode"}
            ),
            "AdminCreateUserConfig.AllowAdminCreateUserOnly": (
                "admin_create_user_config.allow_admin_create_user_only"
            ),
            "AutoVerifiedAttributes": "auto_verified_attributes",
            "LambdaConfig": one("lambda_config", _TRIGGERS),
            "UserPoolTags": tag_map,
        },
    ),
    Kind(
        "aws_cognito_user_pool_client",
        "AWS::Cognito::UserPoolClient",
        {
            "ClientName": "name",
            "UserPoolId": "user_pool_id",
            "GenerateSecret": "generate_secret",
            "AllowedOAuthFlows": "allowed_oauth_flows",
            "AllowedOAuthFlowsUserPoolClient": "allowed_oauth_flows_user_pool_client",
            "AllowedOAuthScopes": "allowed_oauth_scopes",
            "CallbackURLs": "callback_urls",
            "LogoutURLs": "logout_urls",
            "ExplicitAuthFlows": "explicit_auth_flows",
            "EnableTokenRevocation": "enable_token_revocation",
            "PreventUserExistenceErrors": "prevent_user_existence_errors",
            "AccessTokenValidity": "access_token_validity",
            "IdTokenValidity": "id_token_validity",
            "RefreshTokenValidity": "refresh_token_validity",
        },
    ),
    Kind(
        "aws_cognito_identity_pool",
        "AWS::Cognito::IdentityPool",
        {
            "IdentityPoolName": "identity_pool_name",
            "AllowUnauthenticatedIdentities": fallback(
                "allow_unauthenticated_identities", default=False
            ),
            "AllowClassicFlow": "allow_classic_flow",
            "CognitoIdentityProviders": each(
                "cognito_identity_providers",
                {
                    "ClientId": "client_id",
                    "ProviderName": "provider_name",
                    "ServerSideTokenCheck": "server_side_token_check",
                },
            ),
            "OpenIdConnectProviderARNs": "openid_connect_provider_arns",
            "SamlProviderARNs": "saml_provider_arns",
        },
    ),
)

TYPES: tuple[Kind | Part, ...] = (*_CLOUDFRONT, *_COGNITO)
