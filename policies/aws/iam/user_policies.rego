# METADATA
# title: IAM users get permissions through groups or roles
# description: Permissions given to a user directly are missed when people change teams; groups and
#   roles are where they are looked for.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   check_id: PL-IAM-009
#   control: iam-user-policies
#   severity: low
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - Policies!
#     - ManagedPolicyArns!
#     - related.AWS::IAM::Policy.Users
#   remediation: Move the policies to a group or, better, to a role that people assume.
#   hygiene: true
#   references:
#     - CKV_AWS_40
package plumbline.aws.iam.user_policies

import data.plumbline.lib

deny contains violation if {
	some property in ["Policies", "ManagedPolicyArns"]
	held := lib.value(input.resource, [property], [])
	count(held) > 0
	violation := {
		"message": sprintf("User %s holds policies of its own", [input.resource.Name]),
		"path": property,
		"facts": {"policies": count(held)},
	}
}

deny contains violation if {
	some policy in lib.related("AWS::IAM::Policy")
	policy.Properties.Users
	not lib.unknown(policy.Properties.Users)
	violation := {
		"message": sprintf("User %s holds policy %s directly", [input.resource.Name, policy.Name]),
		"path": "Policies",
		"facts": {"policy": policy.uid},
	}
}
