# METADATA
# title: Buckets declare a public access block
# description: The account or the default may block public access; what a bucket says itself
#   travels with it. PL-S3-002 tells of settings that are off.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   check_id: PL-S3-034
#   control: s3-public-access-block-declared
#   severity: low
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - PublicAccessBlockConfiguration!
#   remediation: Set PublicAccessBlockConfiguration, best with all four settings.
#   hygiene: true
#   references: []
package plumbline.aws.s3.public_access_block_declared

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["PublicAccessBlockConfiguration"])
	violation := {
		"message": sprintf("Bucket %s declares no public access block", [input.resource.Name]),
		"path": "PublicAccessBlockConfiguration",
		"facts": {"PublicAccessBlockConfiguration": null},
	}
}
