# METADATA
# title: IAM groups have members
# description: A group without members keeps permissions ready for whoever is added to it.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html
# custom:
#   check_id: PL-IAM-025
#   control: iam-group-members
#   severity: info
#   resource_types:
#     - AWS::IAM::Group
#   reads:
#     - related.AWS::IAM::User.Groups
#     - related.AWS::IAM::UserToGroupAddition.Users
#   remediation: Remove the group, or add its members.
#   hygiene: true
#   references:
#     - CKV2_AWS_14
package plumbline.aws.iam.group_members

import data.plumbline.lib

deny contains violation if {
	lib.none_related("AWS::IAM::User")
	lib.none_related("AWS::IAM::UserToGroupAddition")
	violation := {
		"message": sprintf("Group %s has no members", [input.resource.Name]),
		"path": "Members",
		"facts": {"members": 0},
	}
}
