# METADATA
# title: Keys are enabled
# description: 'Nothing that a disabled key encrypted can be read: functions fail, and streams stop.'
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html
# custom:
#   check_id: PL-KMS-004
#   control: kms-enabled
#   severity: low
#   resource_types:
#     - AWS::KMS::Key
#   reads:
#     - Enabled
#     - KeyState
#   remediation: Enable the key, or schedule its deletion when nothing needs it.
#   hygiene: true
#   references:
#     - CKV_AWS_227
package plumbline.aws.kms.enabled

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Enabled"], true) in {false, "false", "False"}
	lib.value(input.resource, ["KeyState"], "Disabled") == "Disabled"
	violation := {
		"message": sprintf("Key %s is disabled", [input.resource.Name]),
		"path": "Enabled",
		"facts": {"Enabled": false},
	}
}
