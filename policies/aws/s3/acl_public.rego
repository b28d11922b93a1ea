# METADATA
# title: Bucket ACLs do not let everyone read
# description: A public ACL opens the list of objects to everyone on the internet, unless the bucket
#   ignores public ACLs.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
# custom:
#   check_id: PL-S3-007
#   control: s3-acl-public
#   severity: high
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - AccessControl
#     - PublicAccessBlockConfiguration.IgnorePublicAcls
#   remediation: Remove AccessControl and set ObjectOwnership to BucketOwnerEnforced.
#   hygiene: false
#   references:
#     - CKV_AWS_20
package plumbline.aws.s3.acl_public

import data.plumbline.lib

deny contains violation if {
	acl := lib.value(input.resource, ["AccessControl"], "Private")
	acl in {"PublicRead", "PublicReadWrite"}
	lib.off(input.resource, ["PublicAccessBlockConfiguration", "IgnorePublicAcls"])
	violation := {
		"message": sprintf("Bucket %s has a public ACL", [input.resource.Name]),
		"path": "AccessControl",
		"facts": {"AccessControl": acl},
	}
}
