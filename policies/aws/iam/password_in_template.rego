# METADATA
# title: Console passwords are not written in templates
# description: A password in a template is in its repository and in every copy of it. Values are classified
#   when they are read and replaced by fingerprints; this rule sees that there is one.
# related_resources:
#   - https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
# custom:
#   check_id: PL-IAM-027
#   control: iam-password-in-template
#   severity: high
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - LoginProfile.Password
#   remediation: Remove the password, or refer to a secret with a dynamic reference; change it, since it
#     has been exposed.
#   hygiene: false
#   references: []
package plumbline.aws.iam.password_in_template

import data.plumbline.lib

deny contains violation if {
	password := lib.value(input.resource, ["LoginProfile", "Password"], "")
	startswith(password, "secret:")
	violation := {
		"message": sprintf("The template holds the password of user %s", [input.resource.Name]),
		"path": "LoginProfile.Password",
		"facts": {"Password": "written out"},
	}
}
