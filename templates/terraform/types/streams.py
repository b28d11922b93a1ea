"""Amazon Kinesis, Data Firehose and the container registry."""

from typing import Any

from core.types import is_unknown
from templates.terraform.mapping import (
    ABSENT,
    Attributes,
    Kind,
    Part,
    Rows,
    document,
    each,
    fallback,
    look,
    one,
    tags,
)


def _stream_encryption(attributes: Attributes) -> Any:
    """Take the encryption; the provider's default, NONE, is CloudFormation's silence.

    Source: registry.terraform.io/providers/hashicorp/aws, kinesis_stream
    """
    kind, key = look(attributes, "encryption_type"), look(attributes, "kms_key_id")
    if kind in (ABSENT, "NONE"):
        return ABSENT
    if is_unknown(kind):
        return kind
    return {"EncryptionType": kind} | ({} if key is ABSENT else {"KeyId": key})


def _delivery_encryption(attributes: Attributes) -> Any:
    """Take the encryption on the server's side, where it is switched on.

    Source: registry.terraform.io/providers/hashicorp/aws, kinesis_firehose_delivery_stream
    """
    on = look(attributes, "server_side_encryption.enabled")
    if on in (ABSENT, False, "false"):
        return ABSENT
    if is_unknown(on):
        return on
    return one(
        "server_side_encryption",
        {"KeyType": fallback("key_type", "AWS_OWNED_CMK"), "KeyARN": "key_arn"},
    )(attributes)


def _source(attributes: Attributes) -> Any:
    """Take what the stream is fed from, which Terraform says by the block that is there."""
    for block, kind in _SOURCES.items():
        found = look(attributes, block)
        if found is not ABSENT:
            return found if is_unknown(found) else kind
    return "DirectPut"


_SOURCES = {
    "kinesis_source_configuration": "KinesisStreamAsSource",
    "msk_source_configuration": "MSKAsSource",
}
_S3_DESTINATION: Rows = {
    "BucketARN": "bucket_arn",
    "RoleARN": "role_arn",
    "Prefix": "prefix",
    "CompressionFormat": "compression_format",
    "EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN": "kms_key_arn",
    "CloudWatchLoggingOptions": one(
        "cloudwatch_logging_options",
        {
            "Enabled": "enabled",
            "LogGroupName": "log_group_name",
            "LogStreamName": "log_stream_name",
        },
    ),
}
_SECRET = one(
    "secrets_manager_configuration",
    {"Enabled": fallback("enabled", default=False), "SecretARN": "secret_arn"},
)
_KINESIS: tuple[Kind | Part, ...] = (
    Kind(
        "aws_kinesis_stream",
        "AWS::Kinesis::Stream",
        {
            "Name": "name",
            "RetentionPeriodHours": "retention_period",
            "ShardCount": "shard_count",
            "StreamEncryption": _stream_encryption,
            "StreamModeDetails": one("stream_mode_details", {"StreamMode": "stream_mode"}),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_kinesis_stream_consumer",
        "AWS::Kinesis::StreamConsumer",
        {"ConsumerName": "name", "StreamARN": "stream_arn"},
    ),
    Kind(
        "aws_kinesis_resource_policy",
        "AWS::Kinesis::ResourcePolicy",
        {"ResourceArn": "resource_arn", "ResourcePolicy": document("policy")},
    ),
    Kind(
        "aws_kinesis_firehose_delivery_stream",
        "AWS::KinesisFirehose::DeliveryStream",
        {
            "DeliveryStreamName": "name",
            "DeliveryStreamEncryptionConfigurationInput": _delivery_encryption,
            "DeliveryStreamType": _source,
            "KinesisStreamSourceConfiguration": one(
                "kinesis_source_configuration",
                {"KinesisStreamARN": "kinesis_stream_arn", "RoleARN": "role_arn"},
            ),
            "ExtendedS3DestinationConfiguration": one("extended_s3_configuration", _S3_DESTINATION),
            "RedshiftDestinationConfiguration": one(
                "redshift_configuration",
                {
                    "ClusterJDBCURL": "cluster_jdbcurl",
                    "RoleARN": "role_arn",
                    "Username": "username",
                    "Password": "password",
                    "SecretsManagerConfiguration": _SECRET,
                },
            ),
            "SplunkDestinationConfiguration": one(
                "splunk_configuration",
                {
                    "HECEndpoint": "hec_endpoint",
                    "HECEndpointType": "hec_endpoint_type",
                    "HECToken": "hec_token",
                    "SecretsManagerConfiguration": _SECRET,
                },
            ),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_kinesis_video_stream",
        "AWS::KinesisVideo::Stream",
        {
            "Name": "name",
            "KmsKeyId": "kms_key_id",
            "DataRetentionInHours": "data_retention_in_hours",
            "Tags": tags,
        },
    ),
)

REPOSITORY = "aws_ecr_repository"

_REGISTRY: tuple[Kind | Part, ...] = (
    Kind(
        REPOSITORY,
        "AWS::ECR::Repository",
        {
            "RepositoryName": "name",
            "ImageTagMutability": fallback("image_tag_mutability", "MUTABLE"),
            "ImageScanningConfiguration": one(
                "image_scanning_configuration", {"ScanOnPush": "scan_on_push"}
            ),
            "EncryptionConfiguration": one(
                "encryption_configuration",
                {"EncryptionType": fallback("encryption_type", "AES256"), "KmsKey": "kms_key"},
            ),
            "Tags": tags,
        },
    ),
    Part(
        "aws_ecr_repository_policy",
        REPOSITORY,
        {"repository": "name"},
        {"RepositoryPolicyText": document("policy")},
    ),
    Part(
        "aws_ecr_lifecycle_policy",
        REPOSITORY,
        {"repository": "name"},
        {"LifecyclePolicy.LifecyclePolicyText": "policy"},
    ),
    Kind(
        "aws_ecr_registry_scanning_configuration",
        "AWS::ECR::RegistryScanningConfiguration",
        {
            "ScanType": "scan_type",
            "Rules": each(
                "rule",
                {
                    "ScanFrequency": "scan_frequency",
                    "RepositoryFilters": each(
                        "repository_filter", {"Filter": "filter", "FilterType": "filter_type"}
                    ),
                },
            ),
        },
    ),
)

TYPES: tuple[Kind | Part, ...] = (*_KINESIS, *_REGISTRY)
