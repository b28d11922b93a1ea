# METADATA
# title: Buckets are not websites of their own
# description: The website endpoint of a bucket answers over plain HTTP only, and the bucket must be
#   public for it. CloudFront serves the same files over HTTPS from a private bucket.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
# custom:
#   check_id: PL-S3-026
#   control: s3-website
#   severity: medium
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - WebsiteConfiguration!
#   remediation: Remove WebsiteConfiguration and serve the bucket through CloudFront with origin access
#     control.
#   hygiene: false
#   references: []
package plumbline.aws.s3.website

import data.plumbline.lib

deny contains violation if {
	website := lib.value(input.resource, ["WebsiteConfiguration"], null)
	is_object(website)
	not website.RedirectAllRequestsTo
	violation := {
		"message": sprintf("Bucket %s is a website over plain HTTP", [input.resource.Name]),
		"path": "WebsiteConfiguration",
		"facts": {"WebsiteConfiguration": "declared"},
	}
}
