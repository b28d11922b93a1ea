# METADATA
# title: Bucket ACLs do not let every AWS customer read
# description: The group AuthenticatedUsers is everyone with an AWS account of any kind, not the users
#   of your own.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
# custom:
#   check_id: PL-S3-013
#   control: s3-acl-authenticated
#   severity: high
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - AccessControl
#     - PublicAccessBlockConfiguration.IgnorePublicAcls
#   remediation: Remove AccessControl and set ObjectOwnership to BucketOwnerEnforced.
#   hygiene: false
#   references:
#     - CKV2_AWS_43
package plumbline.aws.s3.acl_authenticated

import data.plumbline.lib

deny contains violation if {
	acl := lib.value(input.resource, ["AccessControl"], "Private")
	acl == "AuthenticatedRead"
	lib.off(input.resource, ["PublicAccessBlockConfiguration", "IgnorePublicAcls"])
	violation := {
		"message": sprintf("Bucket %s lets every AWS customer read through its ACL", [input.resource.Name]),
		"path": "AccessControl",
		"facts": {"AccessControl": acl},
	}
}
