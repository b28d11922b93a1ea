# METADATA
# title: IAM policies name the actions they allow
# description: Action * allows deleting and opening up the resources it names, and every action AWS adds
#   to them. Without a limit on resources it is administrator access, which has a check of its own.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
# custom:
#   check_id: PL-IAM-037
#   control: iam-every-action
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
#     - Policies.PolicyDocument.Statement.Resource
#     - PolicyDocument.Statement.Resource
#     - Policies.PolicyDocument.Statement.Condition
#     - PolicyDocument.Statement.Condition
#   remediation: List the actions that are used.
#   hygiene: false
#   references:
#     - CKV_AWS_49
#     - CKV_AWS_63
package plumbline.aws.iam.every_action

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.own_allows
	some action in iam.actions(allow.statement)
	action in {"*", "*:*"}
	not iam.full_admin(allow.statement)
	not lib.doubtful(object.get(allow.statement, "Resource", null))
	violation := {
		"message": sprintf("%s allows every action on some resources", [input.resource.Name]),
		"path": sprintf("%s.Action", [iam.at(allow)]),
		"facts": {"Action": action, "Resource": object.get(allow.statement, "Resource", null)},
	}
}
