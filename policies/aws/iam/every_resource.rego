# METADATA
# title: IAM policies name the resources they reach
# description: Resource * grants an action on everything there is, reading included. Some actions
#   name no resource and need it, so this is hygiene; what may be written everywhere is PL-IAM-003.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
# custom:
#   check_id: PL-IAM-040
#   control: iam-every-resource
#   severity: low
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
#     - Policies.PolicyDocument.Statement.Resource
#     - PolicyDocument.Statement.Resource
#   remediation: Name the resources; keep * for the actions that name none, in a statement of their
#     own.
#   hygiene: true
#   references: []
package plumbline.aws.iam.every_resource

import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.own_allows
	"*" in iam.resources(allow.statement)
	violation := {
		"message": sprintf("%s reaches every resource", [input.resource.Name]),
		"path": sprintf("%s.Resource", [iam.at(allow)]),
		"facts": {"Action": object.get(allow.statement, "Action", null)},
	}
}
