# METADATA
# title: IAM policies are attached to groups and roles, not to users
# description: Permissions given to a user directly are missed when people change teams; groups and roles
#   are where they are looked for.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   check_id: PL-IAM-030
#   control: iam-policy-attached-to-user
#   severity: low
#   resource_types:
#     - AWS::IAM::Policy
#     - AWS::IAM::ManagedPolicy
#     - AWS::IAM::UserPolicy
#   reads:
#     - Users!
#     - UserName!
#   remediation: Attach the policy to a group or, better, to a role that people assume.
#   hygiene: true
#   references:
#     - CKV_AWS_40
package plumbline.aws.iam.attached_to_user

import data.plumbline.lib

deny contains violation if {
	users := lib.value(input.resource, ["Users"], [])
	count(users) > 0
	violation := {
		"message": sprintf("Policy %s is attached to users directly", [input.resource.Name]),
		"path": "Users",
		"facts": {"users": count(users)},
	}
}

deny contains violation if {
	input.resource.Type == "AWS::IAM::UserPolicy"
	user := lib.value(input.resource, ["UserName"], "")
	user != ""
	violation := {
		"message": sprintf("Policy %s belongs to one user", [input.resource.Name]),
		"path": "UserName",
		"facts": {"UserName": user},
	}
}
