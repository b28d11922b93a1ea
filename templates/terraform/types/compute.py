"""Containers, builds and notebooks that stand beside functions."""

from typing import Any

from core.types import is_unknown
from templates.terraform.mapping import (
    Attributes,
    Kind,
    Part,
    Rows,
    changed,
    document,
    each,
    fallback,
    first,
    one,
    tag_map,
    tags,
)


def _capitalised(value: Any) -> Any:
    """Return JSON of the ECS or Batch API in CloudFormation's capitals; maps of names stay."""
    if isinstance(value, list):
        return [_capitalised(item) for item in value]
    if not isinstance(value, dict) or is_unknown(value):
        return value
    return {
        name[:1].upper() + name[1:]: item
        if name in ("options", "dockerLabels")
        else _capitalised(item)
        for name, item in value.items()
    }


def _from_json(path: str) -> Any:
    def take(attributes: Attributes) -> Any:
        return changed("written", _capitalised)({"written": document(path)(attributes)})

    return take


_LOGS: Rows = {
    "CloudWatchLogs": one(
        "cloudwatch_logs",
        {"Status": fallback("status", "ENABLED"), "GroupName": "group_name"},
    ),
    "S3Logs": one(
        "s3_logs",
        {
            "Status": fallback("status", "DISABLED"),
            "EncryptionDisabled": fallback("encryption_disabled", default=False),
            "Location": "location",
        },
    ),
}
_ARTIFACTS: Rows = {
    "Type": "type",
    "Location": "location",
    "EncryptionDisabled": fallback("encryption_disabled", default=False),
}
_ENVIRONMENT: Rows = {
    "ComputeType": "compute_type",
    "Image": "image",
    "Type": "type",
    "PrivilegedMode": fallback("privileged_mode", default=False),
    "EnvironmentVariables": each(
        "environment_variable",
        {"Name": "name", "Value": "value", "Type": fallback("type", "PLAINTEXT")},
    ),
}

TYPES: tuple[Kind | Part, ...] = (
    Kind(
        "aws_ecs_task_definition",
        "AWS::ECS::TaskDefinition",
        {
            "Family": "family",
            "ContainerDefinitions": _from_json("container_definitions"),
            "ExecutionRoleArn": "execution_role_arn",
            "TaskRoleArn": "task_role_arn",
            "NetworkMode": "network_mode",
            "PidMode": "pid_mode",
            "IpcMode": "ipc_mode",
            "Cpu": "cpu",
            "Memory": "memory",
            "RequiresCompatibilities": "requires_compatibilities",
            "Volumes": each(
                "volume",
                {
                    "Name": "name",
                    "Host.SourcePath": "host_path",
                    "EFSVolumeConfiguration": one(
                        "efs_volume_configuration",
                        {
                            "FilesystemId": "file_system_id",
                            "TransitEncryption": "transit_encryption",
                        },
                    ),
                },
            ),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_batch_job_definition",
        "AWS::Batch::JobDefinition",
        {
            "JobDefinitionName": "name",
            "Type": "type",
            "ContainerProperties": _from_json("container_properties"),
            "PlatformCapabilities": "platform_capabilities",
            "Tags": tag_map,
        },
    ),
    Kind(
        "aws_codebuild_project",
        "AWS::CodeBuild::Project",
        {
            "Name": "name",
            "ServiceRole": "service_role",
            "EncryptionKey": "encryption_key",
            "Artifacts": one("artifacts", _ARTIFACTS),
            "SecondaryArtifacts": each("secondary_artifacts", _ARTIFACTS),
            "Environment": one("environment", _ENVIRONMENT),
            "LogsConfig": one("logs_config", _LOGS),
            "Source": one("source", {"Type": "type", "Location": "location"}),
            "SecondarySources": each(
                "secondary_sources",
                {"SourceIdentifier": "source_identifier", "Type": "type", "Location": "location"},
            ),
            "VpcConfig": one(
                "vpc_config",
                {
                    "VpcId": "vpc_id",
                    "Subnets": "subnets",
                    "SecurityGroupIds": "security_group_ids",
                },
            ),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_instance",
        "AWS::EC2::Instance",
        {
            "IamInstanceProfile": "iam_instance_profile",
            "ImageId": "ami",
            "InstanceType": "instance_type",
            "SubnetId": "subnet_id",
            "SecurityGroupIds": first("vpc_security_group_ids", "security_groups"),
            "MetadataOptions": one(
                "metadata_options", {"HttpTokens": "http_tokens", "HttpEndpoint": "http_endpoint"}
            ),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_eks_cluster",
        "AWS::EKS::Cluster",
        {
            "Name": "name",
            "RoleArn": "role_arn",
            "EncryptionConfig": each(
                "encryption_config",
                {"Provider.KeyArn": "provider.key_arn", "Resources": "resources"},
            ),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_sagemaker_notebook_instance",
        "AWS::SageMaker::NotebookInstance",
        {
            "NotebookInstanceName": "name",
            "RoleArn": "role_arn",
            "KmsKeyId": "kms_key_id",
            "RootAccess": fallback("root_access", "Enabled"),
            "DirectInternetAccess": fallback("direct_internet_access", "Enabled"),
            "SubnetId": "subnet_id",
            "Tags": tags,
        },
    ),
)
