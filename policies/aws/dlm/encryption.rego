# METADATA
# title: Snapshots are encrypted when they are copied to another Region
# description: A copy of an unencrypted snapshot is as readable as its source, in one place more.
# related_resources:
#   - https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-ami-policy.html
# custom:
#   check_id: PL-DLM-001
#   control: dlm-encryption
#   severity: medium
#   resource_types:
#     - AWS::DLM::LifecyclePolicy
#   reads:
#     - PolicyDetails.Schedules.CrossRegionCopyRules.Encrypted
#     - PolicyDetails.Actions.CrossRegionCopy.EncryptionConfiguration.Encrypted
#   remediation: Set Encrypted to true in each CrossRegionCopyRule.
#   hygiene: false
#   references:
#     - CKV_AWS_255
package plumbline.aws.dlm.encryption

deny contains violation if {
	some i, schedule in input.resource.Properties.PolicyDetails.Schedules
	some j, rule in schedule.CrossRegionCopyRules
	is_object(rule)
	object.get(rule, "Encrypted", false) in {false, "false", null}
	violation := {
		"message": sprintf("Lifecycle policy %s copies snapshots in the clear", [input.resource.Name]),
		"path": sprintf("PolicyDetails.Schedules.%d.CrossRegionCopyRules.%d", [i, j]),
		"facts": {"Target": object.get(rule, "TargetRegion", object.get(rule, "Target", null))},
	}
}

# Policies that answer to events copy with actions rather than on a schedule.
deny contains violation if {
	some i, action in input.resource.Properties.PolicyDetails.Actions
	some j, copied in action.CrossRegionCopy
	copied.EncryptionConfiguration.Encrypted in {false, "false", null}
	violation := {
		"message": sprintf("Lifecycle policy %s copies snapshots in the clear", [input.resource.Name]),
		"path": sprintf("PolicyDetails.Actions.%d.CrossRegionCopy.%d", [i, j]),
		"facts": {"Target": object.get(copied, "Target", null)},
	}
}
