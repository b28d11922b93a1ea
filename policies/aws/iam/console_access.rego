# METADATA
# title: IAM users have no console password
# description: People sign in through an identity provider, whose sessions end and whose leavers are gone
#   the same day; a console password outlives both.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   check_id: PL-IAM-019
#   control: iam-console-access
#   severity: low
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - LoginProfile!
#   remediation: Remove the login profile and let people sign in through IAM Identity Center.
#   hygiene: true
#   references:
#     - CKV2_AWS_22
package plumbline.aws.iam.console_access

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["LoginProfile"], null) != null
	violation := {
		"message": sprintf("User %s has a password for the console", [input.resource.Name]),
		"path": "LoginProfile",
		"facts": {"LoginProfile": "present"},
	}
}
