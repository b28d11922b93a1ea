# METADATA
# title: Keys wait at least 14 days before they are deleted
# description: What a deleted key encrypted is lost for good. The waiting period is the time to
#   notice, seven days at least and 30 by default.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
# custom:
#   check_id: PL-KMS-003
#   control: kms-pending-window
#   severity: low
#   resource_types:
#     - AWS::KMS::Key
#   reads:
#     - PendingWindowInDays
#   remediation: Set PendingWindowInDays to 30, or leave it out.
#   hygiene: true
#   references: []
package plumbline.aws.kms.pending_window

import data.plumbline.lib

deny contains violation if {
	days := to_number(lib.value(input.resource, ["PendingWindowInDays"], 30))
	days < 14
	violation := {
		"message": sprintf("Key %s would be gone after %v days", [input.resource.Name, days]),
		"path": "PendingWindowInDays",
		"facts": {"PendingWindowInDays": days},
	}
}
