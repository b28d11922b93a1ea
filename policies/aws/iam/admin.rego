# METADATA
# title: IAM policies do not grant administrator access
# description: Full access to every action on every resource makes each credential leak an account takeover.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
#   - https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
# custom:
#   check_id: PL-IAM-001
#   control: iam-admin
#   severity: critical
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
#     - ManagedPolicyArns
#   remediation: Replace the wildcard by the actions and resources that are used.
#   hygiene: false
#   references:
#     - CKV_AWS_1
#     - CKV_AWS_62
#     - CKV2_AWS_40
#     - CKV_AWS_274
#     - CKV_AWS_275
#     - CKV2_AWS_56
#     - CKV_AWS_49
#     - CKV_AWS_63
#     - CKV_AWS_107
#     - CKV_AWS_108
#     - CKV_AWS_109
#     - CKV_AWS_287
#     - CKV_AWS_288
#     - CKV_AWS_289
package plumbline.aws.iam.admin

import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.own_allows
	iam.full_admin(allow.statement)
	violation := {
		"message": sprintf("%s allows every action on every resource", [input.resource.Name]),
		"path": iam.at(allow),
		"facts": {"Action": allow.statement.Action},
	}
}

deny contains violation if {
	some attached in iam.admin_arns(input.resource)
	violation := {
		"message": sprintf("%s has the AWS managed policy %s", [input.resource.Name, attached.arn]),
		"path": attached.path,
		"facts": {"policy": attached.arn},
	}
}
