# METADATA
# title: The account's password policy requires fourteen characters
# description: Short passwords are guessed offline in hours.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
# custom:
#   check_id: PL-IAM-035
#   control: iam-password-policy-length
#   severity: medium
#   resource_types:
#     - AWS::IAM::AccountPasswordPolicy
#   reads:
#     - MinimumPasswordLength
#   remediation: Set MinimumPasswordLength to 14 or more.
#   hygiene: false
#   references: []
package plumbline.aws.iam.password_policy_length

import data.plumbline.lib

deny contains violation if {
	length := to_number(lib.value(input.resource, ["MinimumPasswordLength"], default_length))
	length < least
	violation := {
		"message": sprintf("The account accepts console passwords of %v characters", [length]),
		"path": "MinimumPasswordLength",
		"facts": {"MinimumPasswordLength": length, "least": least},
	}
}

# Source: CIS AWS Foundations 3.0, 1.8.
least := 14

# What IAM requires when the policy says nothing, from the documentation above.
default_length := 6
