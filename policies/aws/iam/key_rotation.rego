# METADATA
# title: Access keys are rotated every 90 days
# description: A key that leaks works until somebody changes it. When a key was made is known of live users
#   only.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
# custom:
#   check_id: PL-IAM-020
#   control: iam-key-rotation
#   severity: medium
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - AccessKeys.Status
#     - AccessKeys.LastRotated
#   remediation: Make a new key, move its users over, deactivate the old one; better, use a role.
#   hygiene: false
#   references: []
package plumbline.aws.iam.key_rotation

import data.plumbline.lib

deny contains violation if {
	some i, key in lib.items(input.resource, ["AccessKeys"])
	key.Status == "Active"
	made_ns := at_ns(key.LastRotated)
	days := (time.parse_rfc3339_ns(input.now) - made_ns) / day_ns
	days > most_days
	violation := {
		"message": sprintf("User %s has an access key that was last changed on %s", [input.resource.Name, key.LastRotated]),
		"path": sprintf("AccessKeys.%d", [i]),
		"facts": {"LastRotated": key.LastRotated, "most_days": most_days},
	}
}

at_ns(text) := time.parse_rfc3339_ns(text) if regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T`, text)

# Source: CIS AWS Foundations 3.0, 1.14.
most_days := 90

day_ns := (24 * 3600) * 1000000000
