# METADATA
# title: IAM policies do not hand out credentials of others
# description: Actions whose answer is something to sign in with (access keys, passwords, sessions of any
#   role, database logins), allowed on everything, turn one leaked identity into many. Denies, boundaries
#   and limiting conditions are respected.
# related_resources:
#   - https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
# custom:
#   check_id: PL-IAM-010
#   control: iam-credentials-exposure
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
#     - Policies.PolicyDocument.Statement.NotAction
#     - PolicyDocument.Statement.NotAction
#     - Policies.PolicyDocument.Statement.Resource
#     - PolicyDocument.Statement.Resource
#     - Policies.PolicyDocument.Statement.Condition
#     - PolicyDocument.Statement.Condition
#     - PermissionsBoundary
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument
#   remediation: Name the roles, users or databases whose credentials are needed.
#   hygiene: false
#   references:
#     - CKV_AWS_107
#     - CKV_AWS_287
package plumbline.aws.iam.credentials_exposure

import data.plumbline.lib
import data.plumbline.lib.iam
import data.plumbline.lib.sensitive

deny contains violation if {
	not lib.unlisted("AWS::IAM::ManagedPolicy")
	some granted in iam.grants(sensitive.credentials)
	listed := concat(", ", granted.actions)
	violation := {
		"message": sprintf("%s may get credentials of others: %s", [input.resource.Name, listed]),
		"path": iam.at(granted.place),
		"facts": {"actions": granted.actions},
	}
}
