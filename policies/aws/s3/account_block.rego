# METADATA
# title: Accounts block public access to buckets
# description: The block of the account holds for every bucket and access point in it, those made
#   tomorrow included.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html
# custom:
#   check_id: PL-S3-031
#   control: s3-account-block
#   severity: high
#   resource_types:
#     - AWS::S3::AccountPublicAccessBlock
#   reads:
#     - BlockPublicAcls
#     - BlockPublicPolicy
#     - IgnorePublicAcls
#     - RestrictPublicBuckets
#   remediation: Set all four settings to true.
#   hygiene: false
#   references: []
package plumbline.aws.s3.account_block

import data.plumbline.lib

deny contains violation if {
	open := [setting | some setting in settings; lib.off(input.resource, [setting])]
	count(open) > 0
	violation := {
		"message": sprintf("The account of %s does not block public access: %s off", [input.resource.Name, concat(", ", open)]),
		"path": open[0],
		"facts": {"off": open},
	}
}

settings := ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
