"""Amazon DynamoDB."""

from typing import Any

from core.types import unknown
from templates.terraform.mapping import (
    Attributes,
    Kind,
    Part,
    Rows,
    Spawn,
    build,
    constant,
    document,
    each,
    fallback,
    one,
    tag_map,
    tags,
)

TABLE = "aws_dynamodb_table"

# In a global table of 2017 each table keeps its own settings.
_ELSEWHERE = unknown("each Region's own table says it")

_REPLICA: Rows = {
    "Region": "region_name",
    "SSESpecification.KMSMasterKeyId": "kms_key_arn",
    "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": fallback(
        "point_in_time_recovery", default=False
    ),
    "DeletionProtectionEnabled": "deletion_protection_enabled",
}


def _own_replica(attributes: Attributes) -> list[Any]:
    """Take a replica that is a resource of its own as the only one of its table."""
    return [build(_OWN_REPLICA, attributes)]


_OWN_REPLICA: Rows = {
    "SSESpecification.KMSMasterKeyId": "kms_key_arn",
    "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": fallback(
        "point_in_time_recovery", default=False
    ),
    "DeletionProtectionEnabled": "deletion_protection_enabled",
    "TableClass": "table_class_override",
}

TYPES: tuple[Kind | Part, ...] = (
    Kind(
        TABLE,
        "AWS::DynamoDB::Table",
        {
            "TableName": "name",
            "BillingMode": fallback("billing_mode", "PROVISIONED"),
            "TableClass": "table_class",
            "AttributeDefinitions": each(
                "attribute", {"AttributeName": "name", "AttributeType": "type"}
            ),
            "ProvisionedThroughput.ReadCapacityUnits": "read_capacity",
            "ProvisionedThroughput.WriteCapacityUnits": "write_capacity",
            "DeletionProtectionEnabled": "deletion_protection_enabled",
            "SSESpecification": one(
                "server_side_encryption", {"SSEEnabled": "enabled", "KMSMasterKeyId": "kms_key_arn"}
            ),
            "PointInTimeRecoverySpecification": one(
                "point_in_time_recovery",
                {
                    "PointInTimeRecoveryEnabled": "enabled",
                    "RecoveryPeriodInDays": "recovery_period_in_days",
                },
            ),
            "TimeToLiveSpecification": one(
                "ttl", {"AttributeName": "attribute_name", "Enabled": "enabled"}
            ),
            "StreamSpecification.StreamViewType": "stream_view_type",
            "GlobalSecondaryIndexes": each("global_secondary_index", {"IndexName": "name"}),
            "Tags": tags,
        },
        also=(
            Spawn(
                "replica",
                Kind(
                    TABLE,
                    "AWS::DynamoDB::GlobalTable",
                    {
                        "TableName": "name",
                        "BillingMode": fallback("billing_mode", "PROVISIONED"),
                        "SSESpecification": one(
                            "server_side_encryption", {"SSEEnabled": "enabled"}
                        ),
                        "Replicas": each("replica", _REPLICA),
                    },
                ),
                when="replica",
            ),
        ),
    ),
    Kind(
        "aws_dynamodb_table_replica",
        "AWS::DynamoDB::GlobalTable",
        {
            "TableName": "global_table_arn",
            "Replicas": _own_replica,
        },
    ),
    Kind(
        "aws_dynamodb_global_table",
        "AWS::DynamoDB::GlobalTable",
        {
            "TableName": "name",
            "Replicas": each(
                "replica",
                {
                    "Region": "region_name",
                    "PointInTimeRecoverySpecification": constant(_ELSEWHERE),
                    "SSESpecification": constant(_ELSEWHERE),
                },
            ),
        },
    ),
    Part(
        "aws_dynamodb_kinesis_streaming_destination",
        TABLE,
        {"table_name": "name"},
        {"KinesisStreamSpecification.StreamArn": "stream_arn"},
    ),
    Part(
        "aws_dynamodb_contributor_insights",
        TABLE,
        {"table_name": "name"},
        {"ContributorInsightsSpecification.Enabled": constant(True)},
    ),
    Part(
        "aws_dynamodb_resource_policy",
        TABLE,
        {"resource_arn": "arn"},
        {"ResourcePolicy.PolicyDocument": document("policy")},
    ),
    Kind(
        "aws_dax_cluster",
        "AWS::DAX::Cluster",
        {
            "ClusterName": "cluster_name",
            "ClusterEndpointEncryptionType": "cluster_endpoint_encryption_type",
            "SSESpecification": one("server_side_encryption", {"SSEEnabled": "enabled"}),
            "IAMRoleARN": "iam_role_arn",
            "NodeType": "node_type",
            "ReplicationFactor": "replication_factor",
            "Tags": tag_map,
        },
    ),
    Kind(
        "aws_appautoscaling_target",
        "AWS::ApplicationAutoScaling::ScalableTarget",
        {
            "MinCapacity": "min_capacity",
            "MaxCapacity": "max_capacity",
            "ResourceId": "resource_id",
            "ScalableDimension": "scalable_dimension",
            "ServiceNamespace": "service_namespace",
        },
    ),
    Kind(
        "aws_appautoscaling_policy",
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        {
            "PolicyName": "name",
            "PolicyType": "policy_type",
            "ResourceId": "resource_id",
            "ScalableDimension": "scalable_dimension",
            "ServiceNamespace": "service_namespace",
        },
    ),
)
