# METADATA
# title: Functions do not run as administrator
# description: 'Whoever finds a flaw in the function''s code, or in a library it uses, gets what its
#   role may do: with an administrator''s role, the account.'
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   check_id: PL-LAMBDA-014
#   control: lambda-role-admin
#   severity: critical
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - Role
#     - related.AWS::IAM::Role.ManagedPolicyArns
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Effect
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Role.Policies.PolicyDocument.Statement.Resource
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument.Statement.Effect
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument.Statement.Action
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument.Statement.Resource
#     - related.AWS::IAM::Policy.PolicyDocument.Statement.Effect
#     - related.AWS::IAM::Policy.PolicyDocument.Statement.Action
#     - related.AWS::IAM::Policy.PolicyDocument.Statement.Resource
#   remediation: Give the function a role with the actions and resources that its code uses.
#   hygiene: false
#   references:
#     - CKV_AWS_274
package plumbline.aws.lambda.role_admin

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.role_allows
	iam.full_admin(allow.statement)
	violation := {
		"message": sprintf("Function %s may do anything in the account through %s", [input.resource.Name, allow.holder.Name]),
		"path": "Role",
		"facts": {"holder": allow.holder.uid, "statement": iam.at(allow.place)},
	}
}

deny contains violation if {
	some role in lib.related("AWS::IAM::Role")
	some attached in iam.admin_arns(role)
	violation := {
		"message": sprintf("Function %s may do anything in the account: its role %s has %s", [input.resource.Name, role.Name, attached.arn]),
		"path": "Role",
		"facts": {"holder": role.uid, "policy": attached.arn},
	}
}
