"""Keys, secrets, parameters and the web firewall: KMS, Secrets Manager, SSM, WAF."""

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
    constant,
    document,
    each,
    fallback,
    first,
    look,
    one,
    tag_map,
    tags,
)

SECRET = "aws_secretsmanager_secret"  # noqa: S105 - a resource type
_SECRET_TYPE = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type

_KEY = Kind(
    "aws_kms_key",
    "AWS::KMS::Key",
    {
        "Description": "description",
        "Enabled": fallback("is_enabled", default=True),
        "EnableKeyRotation": fallback("enable_key_rotation", default=False),
        "RotationPeriodInDays": "rotation_period_in_days",
        "KeyPolicy": document("policy"),
        "KeySpec": first("customer_master_key_spec", "key_spec"),
        "KeyUsage": "key_usage",
        "MultiRegion": "multi_region",
        "PendingWindowInDays": "deletion_window_in_days",
        "Tags": tags,
    },
)
_EXTERNAL_KEY = Kind(
    "aws_kms_external_key",
    "AWS::KMS::Key",
    {
        "Description": "description",
        "Enabled": "enabled",
        "KeyPolicy": document("policy"),
        "MultiRegion": "multi_region",
        "Origin": constant("EXTERNAL"),
        "Tags": tags,
    },
)
_ROTATION_RULES = one(
    "rotation_rules",
    {
        "AutomaticallyAfterDays": "automatically_after_days",
        "Duration": "duration",
        "ScheduleExpression": "schedule_expression",
    },
)
_SECRETS: tuple[Kind | Part, ...] = (
    Kind(
        SECRET,
        _SECRET_TYPE,
        {
            "Name": "name",
            "Description": "description",
            "KmsKeyId": "kms_key_id",
            "ReplicaRegions": each("replica", {"Region": "region", "KmsKeyId": "kms_key_id"}),
            "Tags": tags,
        },
        also=(
            Spawn(
                "policy",
                Kind(
                    SECRET,
                    "AWS::SecretsManager::ResourcePolicy",
                    {"SecretId": "self", "ResourcePolicy": document("policy")},
                ),
                when="policy",
            ),
            # Before version 5 of the provider a secret carried its own rotation.
            Spawn(
                "rotation",
                Kind(
                    SECRET,
                    "AWS::SecretsManager::RotationSchedule",
                    {
                        "SecretId": "self",
                        "RotationLambdaARN": "rotation_lambda_arn",
                        "RotationRules": _ROTATION_RULES,
                    },
                ),
                when="rotation_lambda_arn",
            ),
        ),
    ),
    Part(
        "aws_secretsmanager_secret_version",
        SECRET,
        {"secret_id": "id"},
        {"SecretString": first("secret_string", "secret_string_wo")},
    ),
    Kind(
        "aws_secretsmanager_secret_rotation",
        "AWS::SecretsManager::RotationSchedule",
        {
            "SecretId": "secret_id",
            "RotationLambdaARN": "rotation_lambda_arn",
            "RotateImmediatelyOnUpdate": "rotate_immediately",
            "RotationRules": _ROTATION_RULES,
        },
        belongs={"SecretId": _SECRET_TYPE},
    ),
    Kind(
        "aws_secretsmanager_secret_policy",
        "AWS::SecretsManager::ResourcePolicy",
        {
            "SecretId": "secret_arn",
            "ResourcePolicy": document("policy"),
            "BlockPublicPolicy": "block_public_policy",
        },
        belongs={"SecretId": _SECRET_TYPE},
    ),
)
_PARAMETER = Kind(
    "aws_ssm_parameter",
    "AWS::SSM::Parameter",
    {
        "Name": "name",
        "Type": "type",
        "Value": first("value", "insecure_value", "value_wo"),
        "DataType": "data_type",
        # CloudFormation cannot name a key; the name is that of the SSM API.
        "KeyId": "key_id",
        "Description": "description",
        "Tier": "tier",
        "Tags": tag_map,
    },
)

# Rule groups are what policies ask about; of other statements only their kind is kept.
_STATEMENTS = {
    "managed_rule_group_statement": (
        "ManagedRuleGroupStatement",
        {"Name": "name", "VendorName": "vendor_name", "Version": "version"},
    ),
    "rate_based_statement": (
        "RateBasedStatement",
        {"Limit": "limit", "AggregateKeyType": "aggregate_key_type"},
    ),
    "rule_group_reference_statement": ("RuleGroupReferenceStatement", {"Arn": "arn"}),
    "ip_set_reference_statement": ("IPSetReferenceStatement", {"Arn": "arn"}),
    "geo_match_statement": ("GeoMatchStatement", {"CountryCodes": "country_codes"}),
    "sqli_match_statement": ("SqliMatchStatement", {}),
    "xss_match_statement": ("XssMatchStatement", {}),
    "byte_match_statement": ("ByteMatchStatement", {}),
}


def _statement(attributes: Attributes) -> Any:
    rows: Rows = {name: one(block, inner) for block, (name, inner) in _STATEMENTS.items()}
    return one("statement", rows)(attributes)


def _present(block: str, names: Mapping[str, str]) -> Any:
    """Take which one of several empty blocks stands in a block: `action { block {} }`."""

    def take(attributes: Attributes) -> Any:
        found = look(attributes, block)
        if found is ABSENT or is_unknown(found):
            return found
        inner = found[0] if isinstance(found, list) else found
        return {name: {} for key, name in names.items() if inner.get(key) not in (None, [])}

    return take


_ACTIONS = {
    "allow": "Allow",
    "block": "Block",
    "count": "Count",
    "captcha": "Captcha",
    "challenge": "Challenge",
}
_VISIBILITY = one(
    "visibility_config",
    {
        "CloudWatchMetricsEnabled": "cloudwatch_metrics_enabled",
        "SampledRequestsEnabled": "sampled_requests_enabled",
        "MetricName": "metric_name",
    },
)
_FIREWALL: tuple[Kind | Part, ...] = (
    Kind(
        "aws_wafv2_web_acl",
        "AWS::WAFv2::WebACL",
        {
            "Name": "name",
            "Scope": "scope",
            "DefaultAction": _present("default_action", _ACTIONS),
            "Rules": each(
                "rule",
                {
                    "Name": "name",
                    "Priority": "priority",
                    "Action": _present("action", _ACTIONS),
                    "OverrideAction": _present(
                        "override_action", {"none": "None", "count": "Count"}
                    ),
                    "Statement": _statement,
                    "VisibilityConfig": _VISIBILITY,
                },
            ),
            "VisibilityConfig": _VISIBILITY,
            "Tags": tags,
        },
    ),
    Kind(
        "aws_wafv2_web_acl_association",
        "AWS::WAFv2::WebACLAssociation",
        {"ResourceArn": "resource_arn", "WebACLArn": "web_acl_arn"},
    ),
    Kind(
        "aws_wafv2_web_acl_logging_configuration",
        "AWS::WAFv2::LoggingConfiguration",
        {"ResourceArn": "resource_arn", "LogDestinationConfigs": "log_destination_configs"},
    ),
)

TYPES: tuple[Kind | Part, ...] = (
    _KEY,
    _EXTERNAL_KEY,
    Part("aws_kms_key_policy", "aws_kms_key", {"key_id": "id"}, {"KeyPolicy": document("policy")}),
    Kind(
        "aws_kms_alias",
        "AWS::KMS::Alias",
        {"AliasName": "name", "TargetKeyId": "target_key_id"},
    ),
    *_SECRETS,
    _PARAMETER,
    *_FIREWALL,
)
