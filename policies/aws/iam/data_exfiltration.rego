# METADATA
# title: IAM policies do not read all data there is
# description: Reading every object, item, secret or parameter of the account lets whoever gets the identity
#   carry it all away. Denies, boundaries and limiting conditions are respected.
# related_resources:
#   - https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
# custom:
#   check_id: PL-IAM-011
#   control: iam-data-exfiltration
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
#     - Policies.PolicyDocument.Statement.NotAction
#     - PolicyDocument.Statement.NotAction
#     - Policies.PolicyDocument.Statement.Resource
#     - PolicyDocument.Statement.Resource
#     - Policies.PolicyDocument.Statement.Condition
#     - PolicyDocument.Statement.Condition
#     - PermissionsBoundary
#     - related.AWS::IAM::ManagedPolicy.PolicyDocument
#   remediation: Name the buckets, tables, secrets and parameters that are read.
#   hygiene: false
#   references:
#     - CKV_AWS_108
#     - CKV_AWS_288
#     - CKV_AWS_355
#     - CKV_AWS_356
package plumbline.aws.iam.data_exfiltration

import data.plumbline.lib
import data.plumbline.lib.iam
import data.plumbline.lib.sensitive

deny contains violation if {
	not lib.unlisted("AWS::IAM::ManagedPolicy")
	some granted in iam.grants(sensitive.data_reading)
	listed := concat(", ", granted.actions)
	violation := {
		"message": sprintf("%s may read all data of a kind: %s", [input.resource.Name, listed]),
		"path": iam.at(granted.place),
		"facts": {"actions": granted.actions},
	}
}
