# METADATA
# title: IAM policies decrypt with named keys only
# description: kms:Decrypt on every key undoes the separation that keys of their own are there for. Conditions
#   such as kms:ViaService are respected.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies-best-practices.html
# custom:
#   check_id: PL-IAM-013
#   control: iam-decrypt-everything
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
#   remediation: Name the keys, or limit the use by kms:ViaService.
#   hygiene: false
#   references: []
package plumbline.aws.iam.decrypt_everything

import data.plumbline.lib
import data.plumbline.lib.iam
import data.plumbline.lib.sensitive

deny contains violation if {
	not lib.unlisted("AWS::IAM::ManagedPolicy")
	some granted in iam.grants(sensitive.decryption)
	listed := concat(", ", granted.actions)
	violation := {
		"message": sprintf("%s may decrypt with every key: %s", [input.resource.Name, listed]),
		"path": iam.at(granted.place),
		"facts": {"actions": granted.actions},
	}
}
