# METADATA
# title: Event data stores are protected from deletion
# description: Termination protection makes destroying the evidence take two calls that are both
#   recorded elsewhere.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/query-event-data-store.html
# custom:
#   check_id: PL-CLOUDTRAIL-011
#   control: cloudtrail-data-store-protection
#   severity: low
#   resource_types:
#     - AWS::CloudTrail::EventDataStore
#   reads:
#     - TerminationProtectionEnabled
#   remediation: Set TerminationProtectionEnabled to true.
#   hygiene: true
#   references: []
package plumbline.aws.cloudtrail.data_store_protection

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["TerminationProtectionEnabled"], true) in {false, "false", "False"}
	violation := {
		"message": sprintf("Event data store %s is not protected from deletion", [input.resource.Name]),
		"path": "TerminationProtectionEnabled",
		"facts": {"TerminationProtectionEnabled": false},
	}
}
