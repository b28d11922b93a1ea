# METADATA
# title: Buckets have ACLs switched off
# description: With BucketOwnerEnforced the policy alone says who has access, and the bucket owner
#   owns every object. It is the default of new buckets since April 2023; older ones have
#   none.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
# custom:
#   check_id: PL-S3-015
#   control: s3-acls-disabled
#   severity: low
#   resource_types:
#     - AWS::S3::Bucket
#   reads:
#     - OwnershipControls.Rules
#   remediation: Set OwnershipControls with ObjectOwnership BucketOwnerEnforced, after moving grants
#     into the policy.
#   hygiene: true
#   references:
#     - CKV2_AWS_65
package plumbline.aws.s3.acls_disabled

import data.plumbline.lib

deny contains violation if {
	some rule in lib.items(input.resource, ["OwnershipControls", "Rules"])
	rule.ObjectOwnership in {"BucketOwnerPreferred", "ObjectWriter"}
	violation := {
		"message": sprintf("Bucket %s heeds ACLs", [input.resource.Name]),
		"path": "OwnershipControls.Rules",
		"facts": {"ObjectOwnership": rule.ObjectOwnership},
	}
}

# A live bucket without the setting is older than the default.
deny contains violation if {
	input.resource.Live
	lib.absent(input.resource, ["OwnershipControls", "Rules"])
	violation := {
		"message": sprintf("Bucket %s heeds ACLs", [input.resource.Name]),
		"path": "OwnershipControls",
		"facts": {"OwnershipControls": null},
	}
}

# CloudFormation refuses an ACL on a bucket that has ACLs switched off.
deny contains violation if {
	not input.resource.Live
	acl := lib.value(input.resource, ["AccessControl"], "Private")
	acl != "Private"
	lib.absent(input.resource, ["OwnershipControls", "Rules"])
	violation := {
		"message": sprintf("Bucket %s heeds ACLs", [input.resource.Name]),
		"path": "AccessControl",
		"facts": {"AccessControl": acl},
	}
}
