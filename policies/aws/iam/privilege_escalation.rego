# METADATA
# title: IAM policies do not open a path to more privilege
# description: Some actions together let an identity give itself more than it was given, such as passing
#   a role to a function it creates. Denies, permission boundaries and limiting conditions are respected;
#   statements of all documents of the identity are taken together.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
# custom:
#   check_id: PL-IAM-004
#   control: iam-privilege-escalation
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
#   remediation: Limit the actions to named resources, add a condition such as iam:PassedToService or
#     iam:PermissionsBoundary, or set a permission boundary.
#   hygiene: false
#   references:
#     - CKV_AWS_110
#     - CKV_AWS_286
package plumbline.aws.iam.privilege_escalation

import data.plumbline.lib
import data.plumbline.lib.iam
import data.plumbline.lib.escalation

deny contains violation if {
	count(possible) > 0
	not lib.unlisted("AWS::IAM::ManagedPolicy")
	some name, actions in escalation.paths
	count(actions - possible) == 0
	count([allow | some allow in allowing; iam.full_admin(allow)]) == 0
	listed := concat(", ", sort([action | some action in actions]))
	violation := {
		"message": sprintf("%s can raise its own privilege: %s (%s)", [input.resource.Name, name, listed]),
		"path": iam.at(iam.own_allows[0]),
		"facts": {"escalation": name, "actions": listed},
	}
}

possible := {action |
	count(allowing) > 0
	some action in escalation.actions
	iam.allowed(allowing, iam.own_denials, action)
	iam.within_boundary(action)
}

# Statements about other services open no path, and most roles have no others.
allowing := [allow.statement | some allow in iam.own_allows; concerned(allow.statement)]

concerned(statement) if statement.NotAction

concerned(statement) if {
	some pattern in iam.actions(statement)
	service := split(pattern, ":")[0]
	reaches(service)
}

reaches(service) if service in escalation.services

reaches(service) if contains(service, "*")
