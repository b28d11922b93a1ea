# METADATA
# title: IAM users are members of a group
# description: Permissions are kept by group; a user outside every group has none, or has its own, which
#   nobody looks after.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html
# custom:
#   check_id: PL-IAM-024
#   control: iam-user-groups
#   severity: low
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - Groups!
#     - related.AWS::IAM::UserToGroupAddition.Users
#   remediation: Add the user to the group of its team, or remove it.
#   hygiene: true
#   references:
#     - CKV2_AWS_21
package plumbline.aws.iam.user_groups

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Groups"], []) in [[], null]
	lib.none_related("AWS::IAM::UserToGroupAddition")
	violation := {
		"message": sprintf("User %s is in no group", [input.resource.Name]),
		"path": "Groups",
		"facts": {"Groups": []},
	}
}
