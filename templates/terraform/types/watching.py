"""What keeps a record: CloudTrail, CloudWatch Logs and alarms."""

from typing import Any

from templates.terraform.mapping import (
    ABSENT,
    Attributes,
    Kind,
    Part,
    Rows,
    changed,
    document,
    each,
    fallback,
    look,
    tags,
)

LOG_GROUP = "aws_cloudwatch_log_group"

_FIELDS: Rows = {
    "Field": "field",
    "Equals": "equals",
    "NotEquals": "not_equals",
    "StartsWith": "starts_with",
    "NotStartsWith": "not_starts_with",
    "EndsWith": "ends_with",
    "NotEndsWith": "not_ends_with",
}
_SELECTORS = each(
    "advanced_event_selector",
    {"Name": "name", "FieldSelectors": each("field_selector", _FIELDS)},
)
_TRAIL = Kind(
    "aws_cloudtrail",
    "AWS::CloudTrail::Trail",
    {
        "TrailName": "name",
        "S3BucketName": "s3_bucket_name",
        "S3KeyPrefix": "s3_key_prefix",
        "CloudWatchLogsLogGroupArn": "cloud_watch_logs_group_arn",
        "CloudWatchLogsRoleArn": "cloud_watch_logs_role_arn",
        "EnableLogFileValidation": fallback("enable_log_file_validation", default=False),
        "IncludeGlobalServiceEvents": fallback("include_global_service_events", default=True),
        "IsLogging": fallback("enable_logging", default=True),
        "IsMultiRegionTrail": fallback("is_multi_region_trail", default=False),
        "IsOrganizationTrail": fallback("is_organization_trail", default=False),
        "KMSKeyId": "kms_key_id",
        "SnsTopicName": "sns_topic_name",
        "EventSelectors": each(
            "event_selector",
            {
                "ReadWriteType": fallback("read_write_type", "All"),
                "IncludeManagementEvents": fallback("include_management_events", default=True),
                "ExcludeManagementEventSources": "exclude_management_event_sources",
                "DataResources": each("data_resource", {"Type": "type", "Values": "values"}),
            },
        ),
        "AdvancedEventSelectors": _SELECTORS,
        "InsightSelectors": each("insight_selector", {"InsightType": "insight_type"}),
        "Tags": tags,
    },
)
_DATA_STORE = Kind(
    "aws_cloudtrail_event_data_store",
    "AWS::CloudTrail::EventDataStore",
    {
        "Name": "name",
        "KmsKeyId": "kms_key_id",
        "MultiRegionEnabled": fallback("multi_region_enabled", default=True),
        "OrganizationEnabled": fallback("organization_enabled", default=False),
        "RetentionPeriod": "retention_period",
        "TerminationProtectionEnabled": fallback("termination_protection_enabled", default=True),
        "AdvancedEventSelectors": _SELECTORS,
        "Tags": tags,
    },
)


def _retention(attributes: Attributes) -> Any:
    """Take the days; nought, the provider's default, keeps events for ever.

    Source: registry.terraform.io/providers/hashicorp/aws, cloudwatch_log_group
    """
    days = look(attributes, "retention_in_days")
    return ABSENT if days in (0, "0") else days


def _dimensions(attributes: Attributes) -> Any:
    return changed(
        "dimensions",
        lambda given: [{"Name": name, "Value": value} for name, value in given.items()],
    )(attributes)


_LOGS: tuple[Kind | Part, ...] = (
    Kind(
        LOG_GROUP,
        "AWS::Logs::LogGroup",
        {
            "LogGroupName": "name",
            "KmsKeyId": "kms_key_id",
            "RetentionInDays": _retention,
            "LogGroupClass": "log_group_class",
            "Tags": tags,
        },
    ),
    Part(
        "aws_cloudwatch_log_data_protection_policy",
        LOG_GROUP,
        {"log_group_name": "name"},
        {"DataProtectionPolicy": document("policy_document")},
    ),
    Kind(
        "aws_cloudwatch_log_resource_policy",
        "AWS::Logs::ResourcePolicy",
        {"PolicyName": "policy_name", "PolicyDocument": document("policy_document")},
    ),
    Kind(
        "aws_cloudwatch_log_delivery_source",
        "AWS::Logs::DeliverySource",
        {"Name": "name", "LogType": "log_type", "ResourceArn": "resource_arn"},
    ),
    Kind(
        "aws_cloudwatch_log_delivery",
        "AWS::Logs::Delivery",
        {
            "DeliverySourceName": "delivery_source_name",
            "DeliveryDestinationArn": "delivery_destination_arn",
        },
    ),
    Kind(
        "aws_cloudwatch_log_metric_filter",
        "AWS::Logs::MetricFilter",
        {
            "FilterName": "name",
            "FilterPattern": "pattern",
            "LogGroupName": "log_group_name",
            "MetricTransformations": each(
                "metric_transformation",
                {
                    "MetricName": "name",
                    "MetricNamespace": "namespace",
                    "MetricValue": "value",
                    "DefaultValue": "default_value",
                    "Unit": "unit",
                },
            ),
        },
    ),
    Kind(
        "aws_cloudwatch_log_subscription_filter",
        "AWS::Logs::SubscriptionFilter",
        {
            "FilterName": "name",
            "FilterPattern": "filter_pattern",
            "LogGroupName": "log_group_name",
            "DestinationArn": "destination_arn",
            "RoleArn": "role_arn",
        },
    ),
)
_ALARM = Kind(
    "aws_cloudwatch_metric_alarm",
    "AWS::CloudWatch::Alarm",
    {
        "AlarmName": "alarm_name",
        "AlarmDescription": "alarm_description",
        "ActionsEnabled": fallback("actions_enabled", default=True),
        "AlarmActions": "alarm_actions",
        "OKActions": "ok_actions",
        "InsufficientDataActions": "insufficient_data_actions",
        "ComparisonOperator": "comparison_operator",
        "DatapointsToAlarm": "datapoints_to_alarm",
        "Dimensions": _dimensions,
        "EvaluationPeriods": "evaluation_periods",
        "MetricName": "metric_name",
        "Namespace": "namespace",
        "Period": "period",
        "Statistic": "statistic",
        "ExtendedStatistic": "extended_statistic",
        "Threshold": "threshold",
        "TreatMissingData": "treat_missing_data",
        "Tags": tags,
    },
)

_COMPOSITE_ALARM = Kind(
    "aws_cloudwatch_composite_alarm",
    "AWS::CloudWatch::CompositeAlarm",
    {
        "AlarmName": "alarm_name",
        "AlarmRule": "alarm_rule",
        "ActionsEnabled": fallback("actions_enabled", default=True),
        "AlarmActions": "alarm_actions",
        "OKActions": "ok_actions",
        "InsufficientDataActions": "insufficient_data_actions",
        "Tags": tags,
    },
)

TYPES: tuple[Kind | Part, ...] = (_TRAIL, _DATA_STORE, *_LOGS, _ALARM, _COMPOSITE_ALARM)
