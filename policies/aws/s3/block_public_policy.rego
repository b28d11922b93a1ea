# METADATA
# title: Buckets refuse public policies
# description: With this setting S3 refuses a bucket policy that would make the bucket public. One of
#   the four settings of the public access block, counted by itself.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   check_id: PL-S3-009
#   control: s3-block-public-policy
#   severity: medium
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - PublicAccessBlockConfiguration.BlockPublicPolicy
#   remediation: Set PublicAccessBlockConfiguration.BlockPublicPolicy to true.
#   hygiene: true
#   references:
#     - CKV_AWS_54
package plumbline.aws.s3.block_public_policy

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["PublicAccessBlockConfiguration", "BlockPublicPolicy"])
	violation := {
		"message": sprintf("Bucket %s accepts a public policy", [input.resource.Name]),
		"path": "PublicAccessBlockConfiguration.BlockPublicPolicy",
		"facts": {"BlockPublicPolicy": false},
	}
}
