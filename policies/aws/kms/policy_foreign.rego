# METADATA
# title: Key policies do not admit other accounts
# description: An account that is not in the list of trusted accounts may use the key.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
# custom:
#   check_id: PL-KMS-007
#   control: kms-policy-foreign
#   severity: medium
#   resource_types:
#     - AWS::KMS::Key
#   reads:
#     - KeyPolicy.Statement.Effect
#     - KeyPolicy.Statement.Principal
#     - KeyPolicy.Statement.Condition
#   remediation: Remove the account, add a condition on aws:PrincipalOrgID, or add it to the trusted
#     accounts.
#   hygiene: false
#   references: []
package plumbline.aws.kms.policy_foreign

import data.plumbline.lib.grants

deny contains violation if {
	some found in grants.foreign(input.resource.Properties.KeyPolicy)
	violation := {
		"message": sprintf("Key policy of %s admits account %s", [input.resource.Name, found.account]),
		"path": sprintf("KeyPolicy.Statement.%d.Principal", [found.index]),
		"facts": {"account": found.account, "Action": object.get(found.statement, "Action", null)},
	}
}
