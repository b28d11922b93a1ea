# METADATA
# title: IAM policies do not allow all actions of a service
# description: '`service:*` includes deleting, changing permissions and whatever AWS adds later.'
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
# custom:
#   check_id: PL-IAM-002
#   control: iam-wildcard-action
#   severity: medium
#   resource_types:
#     - AWS::IAM::Role
#     - AWS::IAM::User
#     - AWS::IAM::Group
#     - AWS::IAM::ManagedPolicy
#     - AWS::IAM::Policy
#     - AWS::IAM::RolePolicy
#     - AWS::IAM::UserPolicy
#     - AWS::IAM::GroupPolicy
#   reads:
#     - Policies.PolicyDocument.Statement.Effect
#     - PolicyDocument.Statement.Effect
#     - Policies.PolicyDocument.Statement.Action
#     - PolicyDocument.Statement.Action
#   remediation: List the actions that are used; IAM Access Analyzer can generate them from CloudTrail.
#   hygiene: false
#   references:
#     - CKV_AWS_49
#     - CKV_AWS_63
package plumbline.aws.iam.wildcard_action

import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.own_allows
	some action in iam.actions(allow.statement)
	endswith(action, ":*")
	action != "*:*"
	violation := {
		"message": sprintf("%s allows all actions of a service: %s", [input.resource.Name, action]),
		"path": sprintf("%s.Action", [iam.at(allow)]),
		"facts": {"Action": action},
	}
}

deny contains violation if {
	some allow in iam.own_allows
	allow.statement.NotAction
	violation := {
		"message": sprintf("%s allows all actions but a few (NotAction)", [input.resource.Name]),
		"path": sprintf("%s.NotAction", [iam.at(allow)]),
		"facts": {"NotAction": allow.statement.NotAction},
	}
}
