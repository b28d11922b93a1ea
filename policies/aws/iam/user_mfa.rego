# METADATA
# title: IAM users with a console password have MFA
# description: A password alone is guessed, reused and phished. Whether a user has a second factor is known
#   of live users only.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html
# custom:
#   check_id: PL-IAM-018
#   control: iam-user-mfa
#   severity: high
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - LoginProfile!
#     - MfaActive
#   remediation: Have the user register a second factor, or remove the password.
#   hygiene: false
#   references: []
package plumbline.aws.iam.user_mfa

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["LoginProfile"], null) != null
	lib.value(input.resource, ["MfaActive"], null) == false
	violation := {
		"message": sprintf("User %s signs in to the console with a password alone", [input.resource.Name]),
		"path": "MfaActive",
		"facts": {"MfaActive": false},
	}
}
