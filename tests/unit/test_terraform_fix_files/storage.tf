# Storage of the shop. Do not reorder.
variable "recover" {
  type    = bool
  default = false # costs by the gigabyte
}

locals {
  tag_mutability = "MUTABLE"
}

resource "aws_s3_bucket" "uploads" {
  bucket = "shop-uploads-eu" # customers' files

  tags = {
    team = "shop"
  }
}

resource "aws_s3_bucket" "by_country" {
  for_each = toset(["de", "fr"])
  bucket   = "shop-${each.key}"
}

resource "aws_s3_bucket" "public" {
  bucket = "shop-public-read"
}

resource "aws_s3_bucket_acl" "public" {
  bucket = aws_s3_bucket.public.id
  acl    = "public-read"
}

resource "aws_s3_bucket_policy" "public" {
  bucket = aws_s3_bucket.public.id
  policy = data.aws_iam_policy_document.public.json
}

data "aws_iam_policy_document" "public" {
  statement {
    sid       = "ReadOfTheAccount"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.public.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = var.recover
  }
}

resource "aws_ecr_repository" "images" {
  name                 = "images"
  image_tag_mutability = local.tag_mutability
}

resource "aws_kms_key" "plain" {
  description = "Signs nothing"
}

resource "aws_secretsmanager_secret" "database" {
  name = "database"
}

resource "aws_cloudwatch_log_group" "jobs" {
  count = 2
  name  = "/jobs/${count.index}"
}

resource "aws_cloudtrail" "account" {
  name           = "account"
  s3_bucket_name = "trails"
}

resource "aws_cognito_user_pool" "customers" {
  name = "customers"
}

resource "aws_cloudfront_distribution" "shop" {
  enabled = true

  default_cache_behavior {
    target_origin_id       = "shop"
    viewer_protocol_policy = "allow-all"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
  }

  ordered_cache_behavior {
    path_pattern           = "/a/*"
    target_origin_id       = "shop"
    viewer_protocol_policy = "https-only"
    allowed_methods        = ["GET"]
    cached_methods         = ["GET"]
  }

  ordered_cache_behavior {
    path_pattern           = "/b/*"
    target_origin_id       = "shop"
    viewer_protocol_policy = "allow-all" # old
    allowed_methods        = ["GET"]
    cached_methods         = ["GET"]
  }

  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    minimum_protocol_version = "TLSv1"
    ssl_support_method       = "sni-only"
  }
}
