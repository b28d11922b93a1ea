# METADATA
# title: The account's password policy requires an uppercase letter
# description: Console passwords of one kind of character are guessed sooner. Length counts for
#   more (PL-IAM-035), so this is hygiene.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
# custom:
#   check_id: PL-IAM-044
#   control: iam-password-policy-uppercase
#   severity: low
#   resource_types:
#     - AWS::IAM::AccountPasswordPolicy
#   reads:
#     - RequireUppercaseCharacters
#   remediation: Set RequireUppercaseCharacters to true.
#   hygiene: true
#   references: []
package plumbline.aws.iam.password_policy_uppercase

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["RequireUppercaseCharacters"])
	violation := {
		"message": "The account accepts console passwords without an uppercase letter",
		"path": "RequireUppercaseCharacters",
		"facts": {"RequireUppercaseCharacters": false},
	}
}
