# METADATA
# title: Console passwords of templates must be changed at first sign-in
# description: Everyone who reads the template or its parameters knows the first password.
# related_resources:
#   - https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-iam-user-loginprofile.html
# custom:
#   check_id: PL-IAM-026
#   control: iam-password-reset
#   severity: low
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - LoginProfile.PasswordResetRequired
#   remediation: Set LoginProfile.PasswordResetRequired to true.
#   hygiene: true
#   references: []
package plumbline.aws.iam.password_reset

import data.plumbline.lib

deny contains violation if {
	not input.resource.Live
	lib.value(input.resource, ["LoginProfile"], null) != null
	lib.off(input.resource, ["LoginProfile", "PasswordResetRequired"])
	violation := {
		"message": sprintf("User %s keeps the password that the template gives", [input.resource.Name]),
		"path": "LoginProfile.PasswordResetRequired",
		"facts": {"PasswordResetRequired": false},
	}
}
