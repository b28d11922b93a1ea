# What is stated wrongly, one of each.

resource "aws_athena_workgroup" "reports" {
  name = "reports"

  configuration {
    enforce_workgroup_configuration = false # analysts choose
  }
}

resource "aws_codebuild_project" "build" {
  name         = "build"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
  }

  logs_config {
    s3_logs {
      status              = "ENABLED"
      location            = "logs/build"
      encryption_disabled = true
    }
  }

  source {
    type = "NO_SOURCE"
  }
}

resource "aws_dlm_lifecycle_policy" "copies" {
  description        = "copies"
  execution_role_arn = "arn:aws:iam::123456789012:role/dlm"

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { Snapshot = "true" }

    schedule {
      name = "daily"

      cross_region_copy_rule {
        target    = "eu-central-1"
        encrypted = false
      }
    }
  }
}

resource "aws_dynamodb_table" "world" {
  name             = "world"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "id"
    type = "S"
  }

  replica {
    region_name = "eu-central-1"
  }

  replica {
    region_name            = "us-east-1"
    point_in_time_recovery = true
  }
}

resource "aws_kinesis_firehose_delivery_stream" "clicks" {
  name        = "clicks"
  destination = "extended_s3"

  extended_s3_configuration {
    bucket_arn = "arn:aws:s3:::clicks"
    role_arn   = "arn:aws:iam::123456789012:role/firehose"
  }
}

resource "aws_kinesis_stream" "short" {
  name             = "short"
  shard_count      = 1
  encryption_type  = "KMS"
  kms_key_id       = "alias/aws/kinesis"
  retention_period = 24
}

resource "aws_kms_key" "hasty" {
  enable_key_rotation     = true
  deletion_window_in_days = 7
}

resource "aws_cloudwatch_log_group" "brief" {
  name              = "brief"
  retention_in_days = 30
}

resource "aws_opensearch_domain" "search" {
  domain_name = "search"

  encrypt_at_rest {
    enabled = true
  }

  domain_endpoint_options {
    tls_security_policy = "Policy-Min-TLS-1-0-2019-07"
    enforce_https       = false
  }
}

resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  instance_class          = "db.t4g.micro"
  storage_encrypted       = true
  publicly_accessible     = true
  backup_retention_period = 1
}

resource "aws_rds_cluster" "orders" {
  cluster_identifier = "orders"
  engine             = "aurora-postgresql"
  storage_encrypted  = true
}

resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier  = "warehouse"
  node_type           = "ra3.large"
  encrypted           = true
  publicly_accessible = true
}

resource "aws_sqs_queue" "jobs" {
  name                      = "jobs"
  message_retention_seconds = 604800

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "failed" {
  name = "failed"
}

resource "aws_api_gateway_usage_plan" "everyone" {
  name = "everyone"
}

resource "aws_appsync_graphql_api" "shop" {
  name                 = "shop"
  authentication_type  = "AWS_IAM"
  introspection_config = "ENABLED"

  log_config {
    cloudwatch_logs_role_arn = "arn:aws:iam::123456789012:role/appsync"
    field_log_level          = "ALL"
  }
}

resource "aws_cloudfront_distribution" "site" {
  enabled = true

  origin {
    origin_id   = "site"
    domain_name = "example.com"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }

  default_cache_behavior {
    target_origin_id       = "site"
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:123456789012:certificate/x"
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "vip"
  }
}

resource "aws_cloudfront_response_headers_policy" "headers" {
  name = "headers"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 300
      override                   = false
    }
  }
}

resource "aws_cloudtrail" "quiet" {
  name                          = "quiet"
  s3_bucket_name                = "somebody-elses"
  enable_logging                = false
  enable_log_file_validation    = true
  is_multi_region_trail         = true
  include_global_service_events = true
}

resource "aws_cloudtrail_event_data_store" "events" {
  name                           = "events"
  termination_protection_enabled = false
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "errors"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  threshold           = 1
  actions_enabled     = false
}

resource "aws_lambda_code_signing_config" "ours" {
  allowed_publishers {
    signing_profile_version_arns = ["arn:aws:signer:eu-west-1:123456789012:/signing-profiles/ours/1"]
  }
}

resource "aws_subnet" "outer" {
  vpc_id                  = "vpc-1"
  cidr_block              = "10.0.0.0/24"
  map_public_ip_on_launch = true
}

resource "aws_wafv2_web_acl" "guard" {
  name  = "guard"
  scope = "REGIONAL"

  default_action {
    allow {}
  }

  visibility_config {
    cloudwatch_metrics_enabled = false
    metric_name                = "guard"
    sampled_requests_enabled   = true
  }
}

resource "aws_cognito_identity_pool" "guests" {
  identity_pool_name               = "guests"
  allow_unauthenticated_identities = true
  allow_classic_flow               = true
}

resource "aws_cognito_user_pool" "people" {
  name              = "people"
  mfa_configuration = "OPTIONAL"

  password_policy {
    minimum_length = 14
  }

  admin_create_user_config {
    allow_admin_create_user_only = false
  }
}

resource "aws_cognito_user_pool_client" "web" {
  name                          = "web"
  user_pool_id                  = aws_cognito_user_pool.people.id
  enable_token_revocation       = false
  prevent_user_existence_errors = "LEGACY"
}
