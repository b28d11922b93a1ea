# METADATA
# title: User pools require strong passwords
# description: Short passwords are guessed offline in hours. Twelve characters is the least PCI DSS
#   4.0 accepts; a pool that says nothing requires eight.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
# custom:
#   check_id: PL-COGNITO-002
#   control: cognito-password-policy
#   severity: medium
#   resource_types:
#     - AWS::Cognito::UserPool
#   reads:
#     - Policies.PasswordPolicy.MinimumLength
#   remediation: Set Policies.PasswordPolicy.MinimumLength to 12 or more.
#   hygiene: false
#   references: []
package plumbline.aws.cognito.password_policy

import data.plumbline.lib

# Source: PCI DSS 4.0, requirement 8.3.6, March 2022.
least := 12

# Cognito's default, from the documentation above.
default_length := 8

deny contains violation if {
	length := to_number(lib.value(input.resource, ["Policies", "PasswordPolicy", "MinimumLength"], default_length))
	length < least
	violation := {
		"message": sprintf("User pool %s accepts passwords of %d characters", [input.resource.Name, length]),
		"path": "Policies.PasswordPolicy.MinimumLength",
		"facts": {"MinimumLength": length, "least": least},
	}
}
