# METADATA
# title: IAM roles trust named principals only
# description: A trust policy that admits every principal lets any AWS account assume the role.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-custom.html
# custom:
#   check_id: PL-IAM-005
#   control: iam-trust-public
#   severity: critical
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - AssumeRolePolicyDocument.Statement.Effect
#     - AssumeRolePolicyDocument.Statement.Principal
#     - AssumeRolePolicyDocument.Statement.Condition
#   remediation: Name the accounts, roles or services that may assume the role.
#   hygiene: false
#   references:
#     - CKV_AWS_60
#     - CKV_AWS_61
package plumbline.aws.iam.trust_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public_to_all(input.resource.Properties.AssumeRolePolicyDocument)
	violation := {
		"message": sprintf("Role %s can be assumed by anyone", [input.resource.Name]),
		"path": sprintf("AssumeRolePolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": found.statement.Principal},
	}
}
