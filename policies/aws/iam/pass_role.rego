# METADATA
# title: IAM policies limit which roles may be passed
# description: iam:PassRole on * lets an identity hand any role of the account, the strongest included,
#   to a service it controls.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
# custom:
#   check_id: PL-IAM-008
#   control: iam-pass-role
#   severity: high
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
#     - Policies.PolicyDocument.Statement.Resource
#     - PolicyDocument.Statement.Resource
#     - Policies.PolicyDocument.Statement.Condition
#     - PolicyDocument.Statement.Condition
#   remediation: Name the roles that may be passed and add a condition on iam:PassedToService.
#   hygiene: false
#   references:
#     - CKV_AWS_110
#     - CKV_AWS_286
#     - CKV_AWS_111
package plumbline.aws.iam.pass_role

import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.own_allows
	some action in iam.actions(allow.statement)
	action in {"iam:passrole", "iam:*", "iam:pass*"}
	iam.broad(allow.statement, "iam:passrole")
	not allow.statement.Condition
	violation := {
		"message": sprintf("%s may pass any role to any service", [input.resource.Name]),
		"path": sprintf("%s.Resource", [iam.at(allow)]),
		"facts": {"Action": action, "Resource": object.get(allow.statement, "Resource", null)},
	}
}
