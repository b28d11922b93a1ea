# METADATA
# title: The account's password policy forbids the last five passwords
# description: The least that catalogues ask for; PL-IAM-036 asks for what CIS does, twenty-four.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
# custom:
#   check_id: PL-IAM-048
#   control: iam-password-policy-reuse-five
#   severity: low
#   resource_types:
#     - AWS::IAM::AccountPasswordPolicy
#   reads:
#     - PasswordReusePrevention
#   remediation: Set PasswordReusePrevention to 5 or more.
#   hygiene: true
#   references: []
package plumbline.aws.iam.password_policy_reuse_five

import data.plumbline.lib

deny contains violation if {
	remembered := to_number(lib.value(input.resource, ["PasswordReusePrevention"], 0))
	remembered < least
	violation := {
		"message": sprintf("The account remembers %v old passwords", [remembered]),
		"path": "PasswordReusePrevention",
		"facts": {"PasswordReusePrevention": remembered, "least": least},
	}
}

least := 5
