# METADATA
# title: The account's password policy forbids old passwords
# description: Without it a person who must change a leaked password takes it again.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
# custom:
#   check_id: PL-IAM-036
#   control: iam-password-policy-reuse
#   severity: low
#   resource_types:
#     - AWS::IAM::AccountPasswordPolicy
#   reads:
#     - PasswordReusePrevention
#   remediation: Set PasswordReusePrevention to 24.
#   hygiene: true
#   references: []
package plumbline.aws.iam.password_policy_reuse

import data.plumbline.lib

deny contains violation if {
	remembered := to_number(lib.value(input.resource, ["PasswordReusePrevention"], 0))
	remembered < most
	violation := {
		"message": sprintf("The account remembers %v old passwords", [remembered]),
		"path": "PasswordReusePrevention",
		"facts": {"PasswordReusePrevention": remembered, "most": most},
	}
}

# Source: CIS AWS Foundations 3.0, 1.9, which asks for the most that IAM remembers.
most := 24
