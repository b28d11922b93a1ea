# METADATA
# title: The account's password policy requires a digit
# description: Console passwords of one kind of character are guessed sooner. Length counts for
#   more (PL-IAM-035), so this is hygiene.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
# custom:
#   check_id: PL-IAM-045
#   control: iam-password-policy-number
#   severity: low
#   resource_types:
#     - AWS::IAM::AccountPasswordPolicy
#   reads:
#     - RequireNumbers
#   remediation: Set RequireNumbers to true.
#   hygiene: true
#   references: []
package plumbline.aws.iam.password_policy_number

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["RequireNumbers"])
	violation := {
		"message": "The account accepts console passwords without a digit",
		"path": "RequireNumbers",
		"facts": {"RequireNumbers": false},
	}
}
