# METADATA
# title: People and programs use roles, not IAM users, unless tagged for bypass
# description: An IAM user's credentials do not expire and are missed when people leave. People sign in
#   through an identity provider, programs take a role. Users that must exist, for an emergency or a partner
#   without roles, carry the tag iam-user-bypass with the tag prefix.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
# custom:
#   check_id: PL-IAM-023
#   control: iam-user-exists
#   severity: low
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - Tags
#   remediation: Move the user to a role; tag it where it must stay.
#   hygiene: true
#   references:
#     - CKV_AWS_273
package plumbline.aws.iam.user_exists

import data.plumbline.lib

deny contains violation if {
	not bypassed
	not lib.tags_unknown(input.resource)
	violation := {
		"message": sprintf("%s is an IAM user without the tag that makes it an exception", [input.resource.Name]),
		"path": "Tags",
		"facts": {"bypass_tag": bypass_tag},
	}
}

bypass_tag := sprintf("%siam-user-bypass", [input.settings.tag_prefix])

bypassed if {
	some key, answer in input.resource.Tags
	lower(key) == lower(bypass_tag)
	not lower(answer) in {"false", "no", "0"}
}
