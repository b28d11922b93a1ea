# What needs a block beside it, or is put right in another one.

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_wafv2_web_acl" "open" {
  name  = "open"
  scope = "REGIONAL"

  default_action {
    allow {}
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "open"
    sampled_requests_enabled   = true
  }
}

resource "aws_efs_file_system" "files" {
  encrypted = true
}

resource "aws_s3_bucket" "trails" {
  bucket = "trails"
  acl    = "public-read"
}

resource "aws_s3_bucket_public_access_block" "trails" {
  bucket            = aws_s3_bucket.trails.id
  block_public_acls = true
}

resource "aws_s3_bucket_policy" "trails" {
  bucket = aws_s3_bucket.trails.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${aws_s3_bucket.trails.arn}/*"
    }]
  })
}

resource "aws_s3_bucket_server_side_encryption_configuration" "trails" {
  bucket = aws_s3_bucket.trails.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "trails" {
  bucket = aws_s3_bucket.trails.id

  rule {
    id     = "old"
    status = "Enabled"

    filter {}

    expiration {
      days = 400 # the auditors'
    }
  }
}

resource "aws_cloudtrail" "all" {
  name                          = "all"
  s3_bucket_name                = aws_s3_bucket.trails.id
  enable_logging                = true
  enable_log_file_validation    = true
  is_multi_region_trail         = true
  include_global_service_events = true
}

resource "aws_iam_role" "caller" {
  name = "caller"

  assume_role_policy = data.aws_iam_policy_document.caller.json
}

data "aws_iam_policy_document" "caller" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com", "pipes.amazonaws.com"]
    }
  }
}

resource "aws_lambda_function" "worker" {
  function_name                  = "worker"
  role                           = aws_iam_role.caller.arn
  handler                        = "app.handler"
  runtime                        = "python3.13"
  filename                       = "app.zip"
  timeout                        = 20
  reserved_concurrent_executions = 5
}

resource "aws_sns_topic" "news" {
  name              = "news"
  kms_master_key_id = "alias/news"
}

resource "aws_sns_topic_subscription" "worker" {
  topic_arn = aws_sns_topic.news.arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.worker.arn
}

resource "aws_lambda_permission" "any" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.worker.function_name
  principal     = "s3.amazonaws.com"
  source_arn    = "arn:aws:s3:::uploads"
}

resource "aws_scheduler_schedule" "nightly" {
  name                = "nightly"
  schedule_expression = "rate(1 day)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.worker.arn
    role_arn = aws_iam_role.caller.arn
  }
}

resource "aws_pipes_pipe" "clicks" {
  name     = "clicks"
  role_arn = aws_iam_role.caller.arn
  source   = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
  target   = aws_lambda_function.worker.arn

  source_parameters {
    kinesis_stream_parameters {
      starting_position = "LATEST"
    }
  }
}

resource "aws_sqs_queue" "work" {
  name                       = "work"
  visibility_timeout_seconds = 60
}

resource "aws_lambda_event_source_mapping" "work" {
  event_source_arn        = aws_sqs_queue.work.arn
  function_name           = aws_lambda_function.worker.arn
  function_response_types = ["ReportBatchItemFailures"]
}

resource "aws_api_gateway_rest_api" "shop" {
  name = "shop"
}

resource "aws_api_gateway_stage" "shop" {
  rest_api_id          = aws_api_gateway_rest_api.shop.id
  stage_name           = "prod"
  deployment_id        = "abc"
  xray_tracing_enabled = true
}

resource "aws_api_gateway_method_settings" "carts" {
  rest_api_id = aws_api_gateway_rest_api.shop.id
  stage_name  = aws_api_gateway_stage.shop.stage_name
  method_path = "carts/GET"

  settings {
    data_trace_enabled = true
  }
}
