# METADATA
# title: The account's password policy requires a symbol
# description: Console passwords of one kind of character are guessed sooner. Length counts for
#   more (PL-IAM-035), so this is hygiene.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
# custom:
#   check_id: PL-IAM-046
#   control: iam-password-policy-symbol
#   severity: low
#   resource_types:
#     - AWS::IAM::AccountPasswordPolicy
#   reads:
#     - RequireSymbols
#   remediation: Set RequireSymbols to true.
#   hygiene: true
#   references: []
package plumbline.aws.iam.password_policy_symbol

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["RequireSymbols"])
	violation := {
		"message": "The account accepts console passwords without a symbol",
		"path": "RequireSymbols",
		"facts": {"RequireSymbols": false},
	}
}
