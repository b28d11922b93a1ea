"""Databases, streams, sign-in and APIs in Terraform: fixes that only state values.

Source: the resources' pages in the documentation of the AWS provider, version 6.
"""

from collections.abc import Mapping
from typing import Any

from remediation.blueprints.stated_data import BACKUP_DAYS, PENDING_DAYS, STREAM_HOURS
from remediation.blueprints.stated_delivery import (
    HSTS_S,
    PLAN_BURST,
    PLAN_RATE_PER_S,
    QUERY_DEPTH,
    SECURITY_HEADERS,
)
from remediation.blueprints.stated_identity import MEMORY_MB, TIMEOUT_S
from remediation.companion import LOG_RETENTION_DAYS
from remediation.terraform import Path
from remediation.terraform_setting import Rows, state

_HSTS = ("security_headers_config", "strict_transport_security")
_RESULTS = ("configuration", "result_configuration", "encryption_configuration")
_CHARACTERS: Mapping[Path, Any] = {
    ("password_policy", f"require_{kind}"): True
    for kind in ("lowercase", "uppercase", "numbers", "symbols")
}
_IAM_SIGN_IN: Mapping[Path, Any] = {("iam_database_authentication_enabled",): True}
_BACKUPS: Mapping[Path, Any] = {("backup_retention_period",): BACKUP_DAYS}
_PRIVATE: Mapping[Path, Any] = {("publicly_accessible",): False}
_SEARCH = ("aws_opensearch_domain", "aws_elasticsearch_domain")

_DATA: Mapping[str, Rows] = {
    "PL-ATHENA-001": {"aws_athena_workgroup": {(*_RESULTS, "encryption_option"): "SSE_S3"}},
    "PL-ATHENA-002": {
        "aws_athena_workgroup": {("configuration", "enforce_workgroup_configuration"): True}
    },
    "PL-CODEBUILD-001": {
        "aws_codebuild_project": {("logs_config", "s3_logs", "encryption_disabled"): False}
    },
    "PL-DLM-001": {
        "aws_dlm_lifecycle_policy": {
            (
                "policy_details",
                "schedule",
                "*",
                "cross_region_copy_rule",
                "*",
                "encrypted",
            ): True
        }
    },
    "PL-DYNAMODB-004": {
        "aws_dynamodb_table": {("replica", "*", "point_in_time_recovery"): True},
        "aws_dynamodb_table_replica": {("point_in_time_recovery",): True},
    },
    "PL-DYNAMODB-006": {
        "aws_dynamodb_table": {("replica", "*", "deletion_protection_enabled"): True},
        "aws_dynamodb_table_replica": {("deletion_protection_enabled",): True},
    },
    "PL-DYNAMODB-011": {"aws_dynamodb_table": {("server_side_encryption", "enabled"): True}},
    "PL-FIREHOSE-001": {
        "aws_kinesis_firehose_delivery_stream": {("server_side_encryption", "enabled"): True}
    },
    "PL-KINESIS-003": {"aws_kinesis_stream": {("retention_period",): STREAM_HOURS}},
    "PL-KMS-003": {"aws_kms_key": {("deletion_window_in_days",): PENDING_DAYS}},
    "PL-LOGS-003": {"aws_cloudwatch_log_group": {("retention_in_days",): LOG_RETENTION_DAYS}},
    "PL-OPENSEARCH-002": {
        kind: {("domain_endpoint_options", "enforce_https"): True} for kind in _SEARCH
    },
    "PL-OPENSEARCH-003": {kind: {("node_to_node_encryption", "enabled"): True} for kind in _SEARCH},
    "PL-OPENSEARCH-004": {
        "aws_opensearch_domain": {
            ("domain_endpoint_options", "tls_security_policy"): "Policy-Min-TLS-1-2-PFS-2023-10"
        },
        "aws_elasticsearch_domain": {
            ("domain_endpoint_options", "tls_security_policy"): "Policy-Min-TLS-1-2-2019-07"
        },
    },
    "PL-RDS-001": {"aws_db_instance": _IAM_SIGN_IN},
    "PL-RDS-004": {"aws_db_instance": _PRIVATE, "aws_rds_cluster_instance": _PRIVATE},
    "PL-RDS-006": {"aws_db_instance": _BACKUPS, "aws_rds_cluster": _BACKUPS},
    "PL-REDSHIFT-003": {
        "aws_redshift_cluster": _PRIVATE,
        "aws_redshiftserverless_workgroup": _PRIVATE,
    },
    "PL-SQS-011": {"aws_sqs_queue": {("sqs_managed_sse_enabled",): True}},
}
_DELIVERY: Mapping[str, Rows] = {
    "PL-APIGATEWAY-026": {
        "aws_api_gateway_usage_plan": {
            ("throttle_settings", "burst_limit"): PLAN_BURST,
            ("throttle_settings", "rate_limit"): PLAN_RATE_PER_S,
        }
    },
    "PL-APPSYNC-006": {"aws_appsync_graphql_api": {("xray_enabled",): True}},
    "PL-APPSYNC-008": {"aws_appsync_graphql_api": {("introspection_config",): "DISABLED"}},
    "PL-APPSYNC-009": {"aws_appsync_graphql_api": {("query_depth_limit",): QUERY_DEPTH}},
    "PL-APPSYNC-011": {
        "aws_appsync_graphql_api": {("log_config", "exclude_verbose_content"): True}
    },
    "PL-CLOUDFRONT-009": {
        "aws_cloudfront_distribution": {
            ("default_cache_behavior", "response_headers_policy_id"): SECURITY_HEADERS
        }
    },
    "PL-CLOUDFRONT-014": {
        "aws_cloudfront_response_headers_policy": {
            (*_HSTS, "access_control_max_age_sec"): HSTS_S,
            (*_HSTS, "include_subdomains"): True,
            (*_HSTS, "override"): True,
        }
    },
    "PL-CLOUDFRONT-015": {
        "aws_cloudfront_distribution": {("viewer_certificate", "ssl_support_method"): "sni-only"}
    },
    "PL-CLOUDTRAIL-004": {"aws_cloudtrail": {("enable_logging",): True}},
    "PL-CLOUDTRAIL-011": {
        "aws_cloudtrail_event_data_store": {("termination_protection_enabled",): True}
    },
    "PL-CLOUDTRAIL-102": {
        "aws_cloudtrail": {
            ("enable_logging",): True,
            ("include_global_service_events",): True,
            ("is_multi_region_trail",): True,
        }
    },
    "PL-CLOUDWATCH-001": {
        "aws_cloudwatch_metric_alarm": {("actions_enabled",): True},
        "aws_cloudwatch_composite_alarm": {("actions_enabled",): True},
    },
    "PL-LAMBDA-030": {
        "aws_lambda_code_signing_config": {
            ("policies", "untrusted_artifact_on_deployment"): "Enforce"
        }
    },
    "PL-VPC-008": {"aws_subnet": {("map_public_ip_on_launch",): False}},
    "PL-WAF-005": {
        "aws_wafv2_web_acl": {("visibility_config", "cloudwatch_metrics_enabled"): True}
    },
}
_IDENTITY: Mapping[str, Rows] = {
    "PL-COGNITO-004": {"aws_cognito_identity_pool": {("allow_unauthenticated_identities",): False}},
    "PL-COGNITO-005": {"aws_cognito_identity_pool": {("allow_classic_flow",): False}},
    "PL-COGNITO-006": {"aws_cognito_user_pool": {("deletion_protection",): "ACTIVE"}},
    "PL-COGNITO-009": {
        "aws_cognito_user_pool_client": {("prevent_user_existence_errors",): "ENABLED"}
    },
    "PL-COGNITO-011": {"aws_cognito_user_pool_client": {("enable_token_revocation",): True}},
    "PL-COGNITO-012": {
        "aws_cognito_user_pool": {
            ("admin_create_user_config", "allow_admin_create_user_only"): True
        }
    },
    "PL-COGNITO-013": {"aws_cognito_user_pool": _CHARACTERS},
    "PL-LAMBDA-025": {"aws_lambda_function": {("timeout",): TIMEOUT_S}},
    "PL-LAMBDA-026": {"aws_lambda_function": {("memory_size",): MEMORY_MB}},
    "PL-RDS-002": {"aws_rds_cluster": _IAM_SIGN_IN},
}

for _rows in (_DATA, _DELIVERY, _IDENTITY):
    for _check, _by_type in _rows.items():
        state(_check, _by_type)
