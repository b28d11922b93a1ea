# METADATA
# title: The account's password policy requires a lowercase letter
# description: Console passwords of one kind of character are guessed sooner. Length counts for
#   more (PL-IAM-035), so this is hygiene.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
# custom:
#   check_id: PL-IAM-043
#   control: iam-password-policy-lowercase
#   severity: low
#   resource_types:
#     - AWS::IAM::AccountPasswordPolicy
#   reads:
#     - RequireLowercaseCharacters
#   remediation: Set RequireLowercaseCharacters to true.
#   hygiene: true
#   references: []
package plumbline.aws.iam.password_policy_lowercase

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["RequireLowercaseCharacters"])
	violation := {
		"message": "The account accepts console passwords without a lowercase letter",
		"path": "RequireLowercaseCharacters",
		"facts": {"RequireLowercaseCharacters": false},
	}
}
