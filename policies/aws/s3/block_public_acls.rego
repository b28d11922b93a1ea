# METADATA
# title: Buckets refuse public ACLs
# description: With this setting S3 refuses a request that would put a public ACL on the bucket or on
#   an object in it. One of the four settings of the public access block, counted by
#   itself.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   check_id: PL-S3-008
#   control: s3-block-public-acls
#   severity: medium
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - PublicAccessBlockConfiguration.BlockPublicAcls
#   remediation: Set PublicAccessBlockConfiguration.BlockPublicAcls to true.
#   hygiene: true
#   references:
#     - CKV_AWS_53
package plumbline.aws.s3.block_public_acls

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["PublicAccessBlockConfiguration", "BlockPublicAcls"])
	violation := {
		"message": sprintf("Bucket %s accepts public ACLs", [input.resource.Name]),
		"path": "PublicAccessBlockConfiguration.BlockPublicAcls",
		"facts": {"BlockPublicAcls": false},
	}
}
