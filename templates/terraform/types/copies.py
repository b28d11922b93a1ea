"""Services that keep or carry copies of data: Connect, DataSync, DLM, DMS, EMR."""

from templates.terraform.mapping import (
    Kind,
    Part,
    Rows,
    constant,
    document,
    each,
    fallback,
    first,
    one,
    tags,
)

_KEY: Rows = {"EncryptionType": "encryption_type", "KeyId": "key_id"}
_CONNECT = Kind(
    "aws_connect_instance_storage_config",
    "AWS::Connect::InstanceStorageConfig",
    {
        "InstanceArn": "instance_id",
        "ResourceType": "resource_type",
        "StorageType": "storage_config.storage_type",
        "S3Config": one(
            "storage_config.s3_config",
            {
                "BucketName": "bucket_name",
                "BucketPrefix": "bucket_prefix",
                "EncryptionConfig": one("encryption_config", _KEY),
            },
        ),
        "KinesisVideoStreamConfig": one(
            "storage_config.kinesis_video_stream_config",
            {"Prefix": "prefix", "EncryptionConfig": one("encryption_config", _KEY)},
        ),
    },
)
_DATASYNC = Kind(
    "aws_datasync_location_object_storage",
    "AWS::DataSync::LocationObjectStorage",
    {
        "BucketName": "bucket_name",
        "ServerHostname": "server_hostname",
        "ServerProtocol": "server_protocol",
        "AccessKey": "access_key",
        "SecretKey": "secret_key",
        "AgentArns": "agent_arns",
        "Tags": tags,
    },
)
_SCHEDULE: Rows = {
    "Name": "name",
    "CopyTags": "copy_tags",
    "CrossRegionCopyRules": each(
        "cross_region_copy_rule",
        {
            "Target": "target",
            "TargetRegion": "target_region",
            "Encrypted": "encrypted",
            "CmkArn": "cmk_arn",
        },
    ),
}
_ACTION: Rows = {
    "Name": "name",
    "CrossRegionCopy": each(
        "cross_region_copy",
        {
            "Target": "target",
            "EncryptionConfiguration": one(
                "encryption_configuration", {"Encrypted": "encrypted", "CmkArn": "cmk_arn"}
            ),
        },
    ),
}
_LIFECYCLE = Kind(
    "aws_dlm_lifecycle_policy",
    "AWS::DLM::LifecyclePolicy",
    {
        "Description": "description",
        "ExecutionRoleArn": "execution_role_arn",
        "State": fallback("state", "ENABLED"),
        "PolicyDetails": one(
            "policy_details",
            {
                "PolicyType": "policy_type",
                "ResourceTypes": "resource_types",
                "Schedules": each("schedule", _SCHEDULE),
                "Actions": each("action", _ACTION),
            },
        ),
        "Tags": tags,
    },
)
_BUCKET: Rows = {
    "BucketName": "bucket_name",
    "BucketFolder": "bucket_folder",
    "EncryptionMode": "encryption_mode",
    "ServerSideEncryptionKmsKeyId": "server_side_encryption_kms_key_id",
}
_REPLICATION: tuple[Kind, ...] = (
    Kind(
        "aws_dms_endpoint",
        "AWS::DMS::Endpoint",
        {
            "EndpointIdentifier": "endpoint_id",
            "EndpointType": "endpoint_type",
            "EngineName": "engine_name",
            "KmsKeyId": "kms_key_arn",
            "Password": first("password", "password_wo"),
            "SslMode": "ssl_mode",
            "S3Settings": one("s3_settings", _BUCKET),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_dms_s3_endpoint",
        "AWS::DMS::Endpoint",
        {
            "EndpointIdentifier": "endpoint_id",
            "EndpointType": "endpoint_type",
            "EngineName": constant("s3"),
            "KmsKeyId": "kms_key_arn",
            "SslMode": "ssl_mode",
            **{f"S3Settings.{name}": row for name, row in _BUCKET.items()},
            "Tags": tags,
        },
    ),
)
_EMR = Kind(
    "aws_emr_security_configuration",
    "AWS::EMR::SecurityConfiguration",
    {"Name": "name", "SecurityConfiguration": document("configuration")},
)

# CloudFormation has no such type; its name is ours, its properties are those of the API.
_REVIEWS = Kind(
    "aws_sagemaker_flow_definition",
    "AWS::SageMaker::FlowDefinition",
    {
        "FlowDefinitionName": "flow_definition_name",
        "RoleArn": "role_arn",
        "OutputConfig": one(
            "output_config", {"S3OutputPath": "s3_output_path", "KmsKeyId": "kms_key_id"}
        ),
        "Tags": tags,
    },
)

TYPES: tuple[Kind | Part, ...] = (_CONNECT, _DATASYNC, _LIFECYCLE, *_REPLICATION, _EMR, _REVIEWS)
