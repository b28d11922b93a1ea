# METADATA
# title: Buckets with a public policy are closed to other accounts
# description: With this setting a bucket whose policy is public still answers only its own account
#   and AWS services. One of the four settings of the public access block, counted by
#   itself.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   check_id: PL-S3-011
#   control: s3-restrict-public-buckets
#   severity: medium
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - PublicAccessBlockConfiguration.RestrictPublicBuckets
#   remediation: Set PublicAccessBlockConfiguration.RestrictPublicBuckets to true.
#   hygiene: true
#   references:
#     - CKV_AWS_56
package plumbline.aws.s3.restrict_public_buckets

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["PublicAccessBlockConfiguration", "RestrictPublicBuckets"])
	violation := {
		"message": sprintf("Bucket %s stays open to other accounts under a public policy", [input.resource.Name]),
		"path": "PublicAccessBlockConfiguration.RestrictPublicBuckets",
		"facts": {"RestrictPublicBuckets": false},
	}
}
