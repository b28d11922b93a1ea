"""What starts and steers functions: EventBridge, Scheduler, Pipes, Step Functions, AppSync."""

from collections.abc import Mapping
from typing import Any

from core.types import is_unknown
from templates.terraform.mapping import (
    ABSENT,
    Attributes,
    Kind,
    Part,
    Rows,
    build,
    document,
    each,
    fallback,
    look,
    one,
    renamed,
    tag_map,
    tags,
)

BUS = "AWS::Events::EventBus"

_DEAD_LETTER = one("dead_letter_config", {"Arn": "arn"})
_STREAM: Rows = {"StartingPosition": "starting_position", "DeadLetterConfig": _DEAD_LETTER}
_RETRY = one(
    "retry_policy",
    {
        "MaximumEventAgeInSeconds": "maximum_event_age_in_seconds",
        "MaximumRetryAttempts": "maximum_retry_attempts",
    },
)


def _rule_state(attributes: Attributes) -> Any:
    """Take the state, which older versions of the provider call `is_enabled`."""
    found = renamed("is_enabled", {True: "ENABLED", False: "DISABLED"})
    return fallback("state", fallback(found, "ENABLED")(attributes))(attributes)


_TARGET: Rows = {
    "Id": "target_id",
    "Arn": "arn",
    "RoleArn": "role_arn",
    "Input": "input",
    "InputPath": "input_path",
    "DeadLetterConfig": _DEAD_LETTER,
    "RetryPolicy": _RETRY,
}


def _target(attributes: Attributes) -> Any:
    return [build(_TARGET, attributes)]


def _bus_statement(attributes: Attributes) -> Any:
    """Take the statements of a bus's whole policy; CloudFormation has one resource a statement."""
    found = document("policy")(attributes)
    if not isinstance(found, Mapping) or is_unknown(found):
        return found
    return found.get("Statement", ABSENT)


_CONNECTION: Rows = {
    "ApiKeyAuthParameters": one("api_key", {"ApiKeyName": "key", "ApiKeyValue": "value"}),
    "BasicAuthParameters": one("basic", {"Username": "username", "Password": "password"}),
    "OAuthParameters": one(
        "oauth",
        {
            "AuthorizationEndpoint": "authorization_endpoint",
            "HttpMethod": "http_method",
            "ClientParameters": one(
                "client_parameters", {"ClientID": "client_id", "ClientSecret": "client_secret"}
            ),
        },
    ),
}
_EVENTS: tuple[Kind | Part, ...] = (
    Kind(
        "aws_cloudwatch_event_rule",
        "AWS::Events::Rule",
        {
            "Name": "name",
            "Description": "description",
            "EventBusName": "event_bus_name",
            "EventPattern": document("event_pattern"),
            "RoleArn": "role_arn",
            "ScheduleExpression": "schedule_expression",
            "State": _rule_state,
            "Tags": tags,
        },
    ),
    Part(
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_event_rule",
        {"rule": "name"},
        {"Targets": _target},
    ),
    Kind(
        "aws_cloudwatch_event_bus",
        BUS,
        {
            "Name": "name",
            "Description": "description",
            "EventSourceName": "event_source_name",
            "KmsKeyIdentifier": "kms_key_identifier",
            "DeadLetterConfig": _DEAD_LETTER,
            "Tags": tags,
        },
    ),
    Kind(
        "aws_cloudwatch_event_bus_policy",
        "AWS::Events::EventBusPolicy",
        {
            "EventBusName": fallback("event_bus_name", "default"),
            "Statement": _bus_statement,
        },
        belongs={"EventBusName": BUS},
    ),
    Kind(
        "aws_cloudwatch_event_permission",
        "AWS::Events::EventBusPolicy",
        {
            "EventBusName": fallback("event_bus_name", "default"),
            "StatementId": "statement_id",
            "Action": fallback("action", "events:PutEvents"),
            "Principal": "principal",
            "Condition": one("condition", {"Key": "key", "Type": "type", "Value": "value"}),
        },
        belongs={"EventBusName": BUS},
    ),
    Kind(
        "aws_cloudwatch_event_connection",
        "AWS::Events::Connection",
        {
            "Name": "name",
            "Description": "description",
            "AuthorizationType": "authorization_type",
            "AuthParameters": one("auth_parameters", _CONNECTION),
            "KmsKeyIdentifier": "kms_key_identifier",
        },
    ),
    Kind(
        "aws_scheduler_schedule",
        "AWS::Scheduler::Schedule",
        {
            "Name": "name",
            "GroupName": "group_name",
            "KmsKeyArn": "kms_key_arn",
            "ScheduleExpression": "schedule_expression",
            "State": fallback("state", "ENABLED"),
            "Target": one(
                "target",
                {
                    "Arn": "arn",
                    "RoleArn": "role_arn",
                    "Input": "input",
                    "DeadLetterConfig": _DEAD_LETTER,
                    "RetryPolicy": _RETRY,
                },
            ),
        },
    ),
    Kind(
        "aws_pipes_pipe",
        "AWS::Pipes::Pipe",
        {
            "Name": "name",
            "Source": "source",
            "Target": "target",
            "Enrichment": "enrichment",
            "RoleArn": "role_arn",
            "KmsKeyIdentifier": "kms_key_identifier",
            "DesiredState": fallback("desired_state", "RUNNING"),
            "LogConfiguration": one(
                "log_configuration",
                {
                    "Level": "level",
                    "CloudwatchLogsLogDestination.LogGroupArn": (
                        "cloudwatch_logs_log_destination.log_group_arn"
                    ),
                },
            ),
            "SourceParameters.SqsQueueParameters.BatchSize": (
                "source_parameters.sqs_queue_parameters.batch_size"
            ),
            "SourceParameters.DynamoDBStreamParameters": one(
                "source_parameters.dynamodb_stream_parameters", _STREAM
            ),
            "SourceParameters.KinesisStreamParameters": one(
                "source_parameters.kinesis_stream_parameters", _STREAM
            ),
            "Tags": tag_map,
        },
    ),
)


def _log_destinations(attributes: Attributes) -> Any:
    group = look(attributes, "log_destination")
    return group if group is ABSENT else [{"CloudWatchLogsLogGroup": {"LogGroupArn": group}}]


_STATE_MACHINE = Kind(
    "aws_sfn_state_machine",
    "AWS::StepFunctions::StateMachine",
    {
        "StateMachineName": "name",
        "StateMachineType": fallback("type", "STANDARD"),
        "RoleArn": "role_arn",
        "Definition": document("definition"),
        "LoggingConfiguration": one(
            "logging_configuration",
            {
                "Level": "level",
                "IncludeExecutionData": "include_execution_data",
                "Destinations": _log_destinations,
            },
        ),
        "TracingConfiguration": one("tracing_configuration", {"Enabled": "enabled"}),
        "EncryptionConfiguration": one(
            "encryption_configuration",
            {
                "Type": "type",
                "KmsKeyId": "kms_key_id",
                "KmsDataKeyReusePeriodSeconds": "kms_data_key_reuse_period_seconds",
            },
        ),
        "Tags": tags,
    },
)

_AUTHENTICATION: Rows = {
    "AuthenticationType": "authentication_type",
    "UserPoolConfig": one(
        "user_pool_config",
        {
            "UserPoolId": "user_pool_id",
            "AwsRegion": "aws_region",
            "AppIdClientRegex": "app_id_client_regex",
        },
    ),
    "OpenIDConnectConfig": one("openid_connect_config", {"Issuer": "issuer"}),
    "LambdaAuthorizerConfig": one("lambda_authorizer_config", {"AuthorizerUri": "authorizer_uri"}),
}
_APPSYNC: tuple[Kind | Part, ...] = (
    Kind(
        "aws_appsync_graphql_api",
        "AWS::AppSync::GraphQLApi",
        {
            "Name": "name",
            **_AUTHENTICATION,
            "AdditionalAuthenticationProviders": each(
                "additional_authentication_provider", _AUTHENTICATION
            ),
            "IntrospectionConfig": "introspection_config",
            "LogConfig": one(
                "log_config",
                {
                    "CloudWatchLogsRoleArn": "cloudwatch_logs_role_arn",
                    "FieldLogLevel": "field_log_level",
                    "ExcludeVerboseContent": "exclude_verbose_content",
                },
            ),
            "QueryDepthLimit": "query_depth_limit",
            "ResolverCountLimit": "resolver_count_limit",
            "Visibility": "visibility",
            "XrayEnabled": fallback("xray_enabled", default=False),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_appsync_api_cache",
        "AWS::AppSync::ApiCache",
        {
            "ApiId": "api_id",
            "ApiCachingBehavior": "api_caching_behavior",
            "AtRestEncryptionEnabled": fallback("at_rest_encryption_enabled", default=False),
            "TransitEncryptionEnabled": fallback("transit_encryption_enabled", default=False),
            "Ttl": "ttl",
            "Type": "type",
        },
    ),
    Kind(
        "aws_appsync_datasource",
        "AWS::AppSync::DataSource",
        {
            "ApiId": "api_id",
            "Name": "name",
            "Type": "type",
            "ServiceRoleArn": "service_role_arn",
            "LambdaConfig": one("lambda_config", {"LambdaFunctionArn": "function_arn"}),
            "DynamoDBConfig": one(
                "dynamodb_config",
                {
                    "TableName": "table_name",
                    "AwsRegion": "region",
                    "UseCallerCredentials": "use_caller_credentials",
                },
            ),
            "HttpConfig": one("http_config", {"Endpoint": "endpoint"}),
        },
    ),
)

TYPES: tuple[Kind | Part, ...] = (*_EVENTS, _STATE_MACHINE, *_APPSYNC)
