# METADATA
# title: Snapshots are copied to another Region under a customer managed key
# description: Only a customer managed key can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-ami-policy.html
# custom:
#   check_id: PL-DLM-002
#   control: dlm-cmk
#   severity: low
#   resource_types:
#     - AWS::DLM::LifecyclePolicy
#   reads:
#     - PolicyDetails.Schedules.CrossRegionCopyRules.CmkArn
#     - PolicyDetails.Actions.CrossRegionCopy.EncryptionConfiguration.CmkArn
#   remediation: Set CmkArn in each CrossRegionCopyRule.
#   hygiene: true
#   references:
#     - CKV_AWS_256
package plumbline.aws.dlm.customer_key

import data.plumbline.lib

deny contains violation if {
	some i, schedule in input.resource.Properties.PolicyDetails.Schedules
	some j, rule in schedule.CrossRegionCopyRules
	is_object(rule)
	not lib.unknown(object.get(rule, "CmkArn", null))
	not own(rule)
	violation := {
		"message": sprintf("Lifecycle policy %s copies snapshots without a key of your own", [input.resource.Name]),
		"path": sprintf("PolicyDetails.Schedules.%d.CrossRegionCopyRules.%d", [i, j]),
		"facts": {"Target": object.get(rule, "TargetRegion", object.get(rule, "Target", null))},
	}
}

deny contains violation if {
	some i, action in input.resource.Properties.PolicyDetails.Actions
	some j, copied in action.CrossRegionCopy
	encryption := object.get(copied, "EncryptionConfiguration", {})
	not lib.doubtful(encryption)
	not own(encryption)
	violation := {
		"message": sprintf("Lifecycle policy %s copies snapshots without a key of your own", [input.resource.Name]),
		"path": sprintf("PolicyDetails.Actions.%d.CrossRegionCopy.%d", [i, j]),
		"facts": {"Target": object.get(copied, "Target", null)},
	}
}

own(rule) if lib.customer_key(rule.CmkArn)
