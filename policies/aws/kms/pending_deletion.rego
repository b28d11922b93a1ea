# METADATA
# title: Keys are not about to be deleted
# description: When the waiting period ends, everything the key encrypted is lost for good. Attackers
#   delete keys to destroy.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys-creating-cloudwatch-alarm.html
# custom:
#   check_id: PL-KMS-008
#   control: kms-pending-deletion
#   severity: medium
#   resource_types:
#     - AWS::KMS::Key
#   reads:
#     - KeyState
#   remediation: 'Find out who scheduled the deletion, and cancel it unless nothing needs the key: aws
#     kms cancel-key-deletion.'
#   hygiene: false
#   references: []
package plumbline.aws.kms.pending_deletion

import data.plumbline.lib

deny contains violation if {
	state := lib.value(input.resource, ["KeyState"], "")
	state in {"PendingDeletion", "PendingReplicaDeletion"}
	violation := {
		"message": sprintf("Key %s is about to be deleted", [input.resource.Name]),
		"path": "KeyState",
		"facts": {"KeyState": state},
	}
}
