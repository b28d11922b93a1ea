"""Where else data lies: databases, warehouses, catalogues and queries."""

from templates.terraform.mapping import (
    Kind,
    Part,
    Rows,
    document,
    each,
    fallback,
    first,
    one,
    tag_map,
    tags,
)

_CLUSTER: Rows = {
    "DBClusterIdentifier": "cluster_identifier",
    "StorageEncrypted": fallback("storage_encrypted", default=False),
    "KmsKeyId": "kms_key_id",
    "DeletionProtection": fallback("deletion_protection", default=False),
    "Tags": tags,
}
_SEARCH: Rows = {
    "DomainName": "domain_name",
    "AccessPolicies": document("access_policies"),
    "EncryptionAtRestOptions": one(
        "encrypt_at_rest", {"Enabled": "enabled", "KmsKeyId": "kms_key_id"}
    ),
    "NodeToNodeEncryptionOptions": one("node_to_node_encryption", {"Enabled": "enabled"}),
    "DomainEndpointOptions": one(
        "domain_endpoint_options",
        {"EnforceHTTPS": "enforce_https", "TLSSecurityPolicy": "tls_security_policy"},
    ),
    "VPCOptions": one(
        "vpc_options", {"SubnetIds": "subnet_ids", "SecurityGroupIds": "security_group_ids"}
    ),
    "Tags": tags,
}
_DATABASES: tuple[Kind, ...] = (
    Kind(
        "aws_db_instance",
        "AWS::RDS::DBInstance",
        {
            "DBInstanceIdentifier": "identifier",
            "Engine": "engine",
            "StorageEncrypted": fallback("storage_encrypted", default=False),
            "KmsKeyId": "kms_key_id",
            "EnableIAMDatabaseAuthentication": fallback(
                "iam_database_authentication_enabled", default=False
            ),
            "PubliclyAccessible": fallback("publicly_accessible", default=False),
            "DeletionProtection": fallback("deletion_protection", default=False),
            "MultiAZ": "multi_az",
            "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
            "BackupRetentionPeriod": "backup_retention_period",
            "MasterUserPassword": first("password", "password_wo"),
            "ManageMasterUserPassword": "manage_master_user_password",
            "Tags": tags,
        },
    ),
    Kind(
        "aws_rds_cluster",
        "AWS::RDS::DBCluster",
        {
            **_CLUSTER,
            "BackupRetentionPeriod": "backup_retention_period",
            "Engine": "engine",
            "EngineMode": "engine_mode",
            "EnableIAMDatabaseAuthentication": fallback(
                "iam_database_authentication_enabled", default=False
            ),
            "MasterUserPassword": first("master_password", "master_password_wo"),
            "ManageMasterUserPassword": "manage_master_user_password",
        },
    ),
    Kind(
        "aws_neptune_cluster",
        "AWS::Neptune::DBCluster",
        {
            **{name: row for name, row in _CLUSTER.items() if name != "KmsKeyId"},
            "KmsKeyId": "kms_key_arn",
            "IamAuthEnabled": fallback("iam_database_authentication_enabled", default=False),
        },
    ),
    Kind(
        "aws_rds_cluster_instance",
        "AWS::RDS::DBInstance",
        {
            "DBInstanceIdentifier": "identifier",
            "DBClusterIdentifier": "cluster_identifier",
            "Engine": "engine",
            "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
            "PubliclyAccessible": "publicly_accessible",
            "Tags": tags,
        },
    ),
    Kind(
        "aws_docdb_cluster",
        "AWS::DocDB::DBCluster",
        {
            **_CLUSTER,
            "MasterUserPassword": first("master_password", "master_password_wo"),
            "EnableCloudwatchLogsExports": "enabled_cloudwatch_logs_exports",
        },
    ),
    Kind(
        "aws_elasticache_replication_group",
        "AWS::ElastiCache::ReplicationGroup",
        {
            "ReplicationGroupId": "replication_group_id",
            "ReplicationGroupDescription": first("description", "replication_group_description"),
            "Engine": "engine",
            "AtRestEncryptionEnabled": "at_rest_encryption_enabled",
            "TransitEncryptionEnabled": "transit_encryption_enabled",
            "KmsKeyId": "kms_key_id",
            "AuthToken": "auth_token",
            "Tags": tags,
        },
    ),
    *(
        Kind(terraform, "AWS::OpenSearchService::Domain", _SEARCH)
        for terraform in ("aws_opensearch_domain", "aws_elasticsearch_domain")
    ),
    Kind(
        "aws_redshiftserverless_workgroup",
        "AWS::RedshiftServerless::Workgroup",
        {
            "WorkgroupName": "workgroup_name",
            "NamespaceName": "namespace_name",
            "PubliclyAccessible": "publicly_accessible",
            "SubnetIds": "subnet_ids",
            "SecurityGroupIds": "security_group_ids",
            "Tags": tags,
        },
    ),
    Kind(
        "aws_redshift_cluster",
        "AWS::Redshift::Cluster",
        {
            "ClusterIdentifier": "cluster_identifier",
            "Encrypted": "encrypted",
            "KmsKeyId": "kms_key_id",
            "PubliclyAccessible": "publicly_accessible",
            "MasterUserPassword": first("master_password", "master_password_wo"),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_redshiftserverless_namespace",
        "AWS::RedshiftServerless::Namespace",
        {
            "NamespaceName": "namespace_name",
            "KmsKeyId": "kms_key_id",
            "AdminUserPassword": first("admin_user_password", "admin_user_password_wo"),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_timestreamwrite_database",
        "AWS::Timestream::Database",
        {"DatabaseName": "database_name", "KmsKeyId": "kms_key_id", "Tags": tags},
    ),
    Kind(
        "aws_msk_serverless_cluster",
        "AWS::MSK::ServerlessCluster",
        {
            "ClusterName": "cluster_name",
            "ClientAuthentication.Sasl.Iam.Enabled": "client_authentication.sasl.iam.enabled",
            "VpcConfigs": each(
                "vpc_config", {"SubnetIds": "subnet_ids", "SecurityGroups": "security_group_ids"}
            ),
            "Tags": tag_map,
        },
    ),
)
_RESULTS: Rows = {
    "OutputLocation": "output_location",
    "EncryptionConfiguration": one(
        "encryption_configuration",
        {"EncryptionOption": "encryption_option", "KmsKey": "kms_key_arn"},
    ),
}
_ANALYTICS: tuple[Kind, ...] = (
    Kind(
        "aws_athena_workgroup",
        "AWS::Athena::WorkGroup",
        {
            "Name": "name",
            "State": fallback("state", "ENABLED"),
            "WorkGroupConfiguration": one(
                "configuration",
                {
                    "EnforceWorkGroupConfiguration": fallback(
                        "enforce_workgroup_configuration", default=True
                    ),
                    "PublishCloudWatchMetricsEnabled": fallback(
                        "publish_cloudwatch_metrics_enabled", default=True
                    ),
                    "ResultConfiguration": one("result_configuration", _RESULTS),
                },
            ),
            "Tags": tags,
        },
    ),
    Kind(
        "aws_glue_job",
        "AWS::Glue::Job",
        {
            "Name": "name",
            "Role": "role_arn",
            "SecurityConfiguration": "security_configuration",
            "Tags": tag_map,
        },
    ),
    Kind(
        "aws_glue_security_configuration",
        "AWS::Glue::SecurityConfiguration",
        {
            "Name": "name",
            "EncryptionConfiguration": one(
                "encryption_configuration",
                {
                    "CloudWatchEncryption": one(
                        "cloudwatch_encryption",
                        {
                            "CloudWatchEncryptionMode": fallback(
                                "cloudwatch_encryption_mode", "DISABLED"
                            ),
                            "KmsKeyArn": "kms_key_arn",
                        },
                    ),
                    "JobBookmarksEncryption": one(
                        "job_bookmarks_encryption",
                        {
                            "JobBookmarksEncryptionMode": fallback(
                                "job_bookmarks_encryption_mode", "DISABLED"
                            ),
                            "KmsKeyArn": "kms_key_arn",
                        },
                    ),
                    "S3Encryptions": each(
                        "s3_encryption",
                        {
                            "S3EncryptionMode": fallback("s3_encryption_mode", "DISABLED"),
                            "KmsKeyArn": "kms_key_arn",
                        },
                    ),
                },
            ),
        },
    ),
)

TYPES: tuple[Kind | Part, ...] = (*_DATABASES, *_ANALYTICS)
