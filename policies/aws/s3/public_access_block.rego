# METADATA
# title: Buckets block public access
# description: With all four settings on, no ACL and no policy, whoever writes it, can make the bucket
#   public.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   check_id: PL-S3-002
#   control: s3-public-access-block
#   severity: high
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - PublicAccessBlockConfiguration
#   remediation: Set all four settings of PublicAccessBlockConfiguration to true.
#   hygiene: false
#   references:
#     - CKV2_AWS_6
package plumbline.aws.s3.public_access_block

import data.plumbline.lib

deny contains violation if {
	open := [setting |
		some setting in settings
		lib.off(input.resource, ["PublicAccessBlockConfiguration", setting])
	]
	count(open) > 0
	violation := {
		"message": sprintf("Bucket %s does not block public access: %s off", [input.resource.Name, concat(", ", open)]),
		"path": "PublicAccessBlockConfiguration",
		"facts": {"off": open},
	}
}

settings := ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
