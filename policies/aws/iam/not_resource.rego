# METADATA
# title: IAM policies grant named resources, not all but a few
# description: Allow with NotResource covers everything that is not listed, what is made tomorrow included.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notresource.html
# custom:
#   check_id: PL-IAM-014
#   control: iam-not-resource
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
#     - Policies.PolicyDocument.Statement.NotResource!
#     - PolicyDocument.Statement.NotResource!
#   remediation: Write Resource with what is needed; put the exceptions into a Deny.
#   hygiene: false
#   references: []
package plumbline.aws.iam.not_resource

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some allow in iam.own_allows
	allow.statement.NotResource
	not lib.unknown(allow.statement.NotResource)
	violation := {
		"message": sprintf("%s allows every resource but a few (NotResource)", [input.resource.Name]),
		"path": sprintf("%s.NotResource", [iam.at(allow)]),
		"facts": {"NotResource": allow.statement.NotResource},
	}
}
