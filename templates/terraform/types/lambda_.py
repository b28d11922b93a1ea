"""AWS Lambda."""

from typing import Any

from templates.terraform.mapping import (
    ABSENT,
    Attributes,
    Kind,
    Part,
    each,
    fallback,
    look,
    one,
    tags,
)

FUNCTION = "AWS::Lambda::Function"


def _reserved(attributes: Attributes) -> Any:
    """Take what is reserved; minus one, the provider's default, reserves nothing.

    Source: registry.terraform.io/providers/hashicorp/aws, lambda_function
    """
    value = look(attributes, "reserved_concurrent_executions")
    return ABSENT if value in (-1, "-1") else value


_FUNCTION = Kind(
    "aws_lambda_function",
    FUNCTION,
    {
        "FunctionName": "function_name",
        "Description": "description",
        "Role": "role",
        "Handler": "handler",
        "Runtime": "runtime",
        "PackageType": "package_type",
        "Architectures": "architectures",
        "MemorySize": "memory_size",
        "Timeout": "timeout",
        "ReservedConcurrentExecutions": _reserved,
        "Code.S3Bucket": "s3_bucket",
        "Code.S3Key": "s3_key",
        "Code.S3ObjectVersion": "s3_object_version",
        "Code.ImageUri": "image_uri",
        "CodeSigningConfigArn": "code_signing_config_arn",
        "KmsKeyArn": "kms_key_arn",
        "Layers": "layers",
        "Environment": one("environment", {"Variables": "variables"}),
        "TracingConfig": one("tracing_config", {"Mode": "mode"}),
        "DeadLetterConfig": one("dead_letter_config", {"TargetArn": "target_arn"}),
        "VpcConfig": one(
            "vpc_config",
            {
                "SubnetIds": "subnet_ids",
                "SecurityGroupIds": "security_group_ids",
                "Ipv6AllowedForDualStack": "ipv6_allowed_for_dual_stack",
            },
        ),
        "FileSystemConfigs": each(
            "file_system_config", {"Arn": "arn", "LocalMountPath": "local_mount_path"}
        ),
        "LoggingConfig": one(
            "logging_config",
            {
                "LogGroup": "log_group",
                "LogFormat": "log_format",
                "ApplicationLogLevel": "application_log_level",
                "SystemLogLevel": "system_log_level",
            },
        ),
        "EphemeralStorage": one("ephemeral_storage", {"Size": "size"}),
        "SnapStart": one("snap_start", {"ApplyOn": "apply_on"}),
        "Tags": tags,
    },
)
_PERMISSION = Kind(
    "aws_lambda_permission",
    "AWS::Lambda::Permission",
    {
        "Action": "action",
        "FunctionName": "function_name",
        "Principal": "principal",
        "PrincipalOrgID": "principal_org_id",
        "SourceArn": "source_arn",
        "SourceAccount": "source_account",
        "EventSourceToken": "event_source_token",
        "FunctionUrlAuthType": "function_url_auth_type",
        "InvokedViaFunctionUrl": "invoked_via_function_url",
    },
    belongs={"FunctionName": FUNCTION},
)
_URL = Kind(
    "aws_lambda_function_url",
    "AWS::Lambda::Url",
    {
        "TargetFunctionArn": "function_name",
        "Qualifier": "qualifier",
        "AuthType": "authorization_type",
        "InvokeMode": "invoke_mode",
        "Cors": one(
            "cors",
            {
                "AllowCredentials": "allow_credentials",
                "AllowHeaders": "allow_headers",
                "AllowMethods": "allow_methods",
                "AllowOrigins": "allow_origins",
                "ExposeHeaders": "expose_headers",
                "MaxAge": "max_age",
            },
        ),
    },
    belongs={"TargetFunctionArn": FUNCTION},
)
_EVENT_SOURCE = Kind(
    "aws_lambda_event_source_mapping",
    "AWS::Lambda::EventSourceMapping",
    {
        "FunctionName": "function_name",
        "EventSourceArn": "event_source_arn",
        "Enabled": "enabled",
        "BatchSize": "batch_size",
        "BisectBatchOnFunctionError": "bisect_batch_on_function_error",
        "FunctionResponseTypes": "function_response_types",
        "KmsKeyArn": "kms_key_arn",
        "MaximumBatchingWindowInSeconds": "maximum_batching_window_in_seconds",
        "MaximumRecordAgeInSeconds": "maximum_record_age_in_seconds",
        "MaximumRetryAttempts": "maximum_retry_attempts",
        "ParallelizationFactor": "parallelization_factor",
        "Queues": "queues",
        "Topics": "topics",
        "StartingPosition": "starting_position",
        "TumblingWindowInSeconds": "tumbling_window_in_seconds",
        "DestinationConfig": one(
            "destination_config",
            {"OnFailure": one("on_failure", {"Destination": "destination_arn"})},
        ),
        "FilterCriteria": one(
            "filter_criteria", {"Filters": each("filter", {"Pattern": "pattern"})}
        ),
        "ScalingConfig": one("scaling_config", {"MaximumConcurrency": "maximum_concurrency"}),
        "SelfManagedEventSource.Endpoints": "self_managed_event_source.endpoints",
        "SourceAccessConfigurations": each(
            "source_access_configuration", {"Type": "type", "URI": "uri"}
        ),
    },
    belongs={"FunctionName": FUNCTION},
)
_INVOKE_CONFIG = Kind(
    "aws_lambda_function_event_invoke_config",
    "AWS::Lambda::EventInvokeConfig",
    {
        "FunctionName": "function_name",
        "Qualifier": fallback("qualifier", "$LATEST"),
        "MaximumEventAgeInSeconds": "maximum_event_age_in_seconds",
        "MaximumRetryAttempts": "maximum_retry_attempts",
        "DestinationConfig": one(
            "destination_config",
            {
                "OnFailure": one("on_failure", {"Destination": "destination"}),
                "OnSuccess": one("on_success", {"Destination": "destination"}),
            },
        ),
    },
    belongs={"FunctionName": FUNCTION},
)
_ALIAS = Kind(
    "aws_lambda_alias",
    "AWS::Lambda::Alias",
    {
        "Name": "name",
        "Description": "description",
        "FunctionName": "function_name",
        "FunctionVersion": "function_version",
    },
)
_LAYER = Kind(
    "aws_lambda_layer_version",
    "AWS::Lambda::LayerVersion",
    {
        "LayerName": "layer_name",
        "Description": "description",
        "CompatibleRuntimes": "compatible_runtimes",
        "CompatibleArchitectures": "compatible_architectures",
        "LicenseInfo": "license_info",
        "Content.S3Bucket": "s3_bucket",
        "Content.S3Key": "s3_key",
        "Content.S3ObjectVersion": "s3_object_version",
    },
)
_LAYER_PERMISSION = Kind(
    "aws_lambda_layer_version_permission",
    "AWS::Lambda::LayerVersionPermission",
    {
        "LayerVersionArn": "layer_name",
        "Action": "action",
        "Principal": "principal",
        "OrganizationId": "organization_id",
    },
)
_CODE_SIGNING = Kind(
    "aws_lambda_code_signing_config",
    "AWS::Lambda::CodeSigningConfig",
    {
        "Description": "description",
        "AllowedPublishers.SigningProfileVersionArns": (
            "allowed_publishers.signing_profile_version_arns"
        ),
        "CodeSigningPolicies.UntrustedArtifactOnDeployment": (
            "policies.untrusted_artifact_on_deployment"
        ),
        "Tags": tags,
    },
)

TYPES: tuple[Kind | Part, ...] = (
    _FUNCTION,
    _PERMISSION,
    _URL,
    _EVENT_SOURCE,
    _INVOKE_CONFIG,
    _ALIAS,
    _LAYER,
    _LAYER_PERMISSION,
    _CODE_SIGNING,
)
