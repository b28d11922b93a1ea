# METADATA
# title: Buckets ignore public ACLs
# description: With this setting S3 acts as if public ACLs that stand on the bucket and its objects
#   were not there. One of the four settings of the public access block, counted by itself.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
# custom:
#   check_id: PL-S3-010
#   control: s3-ignore-public-acls
#   severity: medium
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - PublicAccessBlockConfiguration.IgnorePublicAcls
#   remediation: Set PublicAccessBlockConfiguration.IgnorePublicAcls to true.
#   hygiene: true
#   references:
#     - CKV_AWS_55
package plumbline.aws.s3.ignore_public_acls

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["PublicAccessBlockConfiguration", "IgnorePublicAcls"])
	violation := {
		"message": sprintf("Bucket %s heeds public ACLs", [input.resource.Name]),
		"path": "PublicAccessBlockConfiguration.IgnorePublicAcls",
		"facts": {"IgnorePublicAcls": false},
	}
}
