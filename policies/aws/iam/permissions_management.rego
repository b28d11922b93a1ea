# METADATA
# title: IAM policies do not change permissions of everything
# description: Whoever may change policies, attach them, pass roles or share resources without a limit decides
#   what everyone else may do. Denies, boundaries and limiting conditions are respected.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
# custom:
#   check_id: PL-IAM-012
#   control: iam-permissions-management
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
#   remediation: Name the resources, or require a boundary by a condition on iam:PermissionsBoundary.
#   hygiene: false
#   references:
#     - CKV_AWS_109
#     - CKV_AWS_289
package plumbline.aws.iam.permissions_management

import data.plumbline.lib
import data.plumbline.lib.iam
import data.plumbline.lib.sensitive

deny contains violation if {
	not lib.unlisted("AWS::IAM::ManagedPolicy")
	some granted in iam.grants(sensitive.permissions)
	listed := concat(", ", granted.actions)
	violation := {
		"message": sprintf("%s may change permissions of everything: %s", [input.resource.Name, listed]),
		"path": iam.at(granted.place),
		"facts": {"actions": granted.actions},
	}
}
