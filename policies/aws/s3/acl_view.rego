# METADATA
# title: Bucket ACLs do not show themselves to everyone
# description: Who may read an ACL learns which accounts and users have access, and where to look
#   next; FULL_CONTROL lets everyone change it as well.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
# custom:
#   check_id: PL-S3-014
#   control: s3-acl-view
#   severity: medium
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - AccessControlGrants
#     - PublicAccessBlockConfiguration.IgnorePublicAcls
#   remediation: Remove the grant to everyone and set ObjectOwnership to BucketOwnerEnforced.
#   hygiene: false
#   references:
#     - CKV_AWS_375
package plumbline.aws.s3.acl_view

import data.plumbline.lib

deny contains violation if {
	some i, grant in input.resource.Properties.AccessControlGrants
	grant.Permission in {"FULL_CONTROL", "READ_ACP"}
	endswith(grant.Grantee, "global/AllUsers")
	lib.off(input.resource, ["PublicAccessBlockConfiguration", "IgnorePublicAcls"])
	violation := {
		"message": sprintf("Bucket %s grants everyone %s through its ACL", [input.resource.Name, grant.Permission]),
		"path": sprintf("AccessControlGrants.%d", [i]),
		"facts": {"Permission": grant.Permission},
	}
}
