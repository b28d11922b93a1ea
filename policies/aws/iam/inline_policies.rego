# METADATA
# title: Users, roles and groups take managed policies, not inline ones
# description: An inline policy cannot be reused, has no versions to go back to, and is easily
#   overlooked. SAM writes them for every function, so this is hygiene.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
# custom:
#   check_id: PL-IAM-039
#   control: iam-inline-policies
#   severity: info
#   resource_types:
#     - AWS::IAM::Role
#     - AWS::IAM::User
#     - AWS::IAM::Group
#   reads:
#     - Policies!
#     - related.AWS::IAM::Policy.PolicyName!
#   remediation: Move the document into an AWS::IAM::ManagedPolicy and attach it.
#   hygiene: true
#   references: []
package plumbline.aws.iam.inline_policies

import data.plumbline.lib

deny contains violation if {
	held := lib.value(input.resource, ["Policies"], [])
	count(held) > 0
	violation := {
		"message": sprintf("%s has inline policies", [input.resource.Name]),
		"path": "Policies",
		"facts": {"policies": count(held)},
	}
}

# AWS::IAM::Policy and Terraform's aws_iam_role_policy are inline policies written apart.
deny contains violation if {
	some policy in lib.related("AWS::IAM::Policy")
	not lib.unknown(object.get(policy.Properties, "PolicyName", null))
	violation := {
		"message": sprintf("%s has the inline policy %s", [input.resource.Name, policy.Name]),
		"path": "Policies",
		"facts": {"policy": policy.uid},
	}
}
