# METADATA
# title: Bucket ACLs do not let everyone write
# description: Whoever may write to a bucket can replace what others read from it, fill it at your
#   cost, or store what you must answer for.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
# custom:
#   check_id: PL-S3-012
#   control: s3-acl-public-write
#   severity: critical
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - AccessControl
#     - PublicAccessBlockConfiguration.IgnorePublicAcls
#   remediation: Remove AccessControl and set ObjectOwnership to BucketOwnerEnforced.
#   hygiene: false
#   references:
#     - CKV_AWS_57
package plumbline.aws.s3.acl_public_write

import data.plumbline.lib

deny contains violation if {
	acl := lib.value(input.resource, ["AccessControl"], "Private")
	acl == "PublicReadWrite"
	lib.off(input.resource, ["PublicAccessBlockConfiguration", "IgnorePublicAcls"])
	violation := {
		"message": sprintf("Bucket %s lets everyone write through its ACL", [input.resource.Name]),
		"path": "AccessControl",
		"facts": {"AccessControl": acl},
	}
}
