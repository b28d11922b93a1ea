# METADATA
# title: Workgroups enforce their settings
# description: Where settings are not enforced each client chooses where results go, and whether they
#   are encrypted.
# related_resources:
#   - https://docs.aws.amazon.com/athena/latest/ug/workgroups-settings-override.html
# custom:
#   check_id: PL-ATHENA-002
#   control: athena-enforced
#   severity: low
#   resource_types:
#     - AWS::Athena::WorkGroup
#   reads:
#     - WorkGroupConfiguration.EnforceWorkGroupConfiguration
#   remediation: Set EnforceWorkGroupConfiguration to true.
#   hygiene: true
#   references: []
package plumbline.aws.athena.enforced

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["WorkGroupConfiguration", "EnforceWorkGroupConfiguration"], true) in {false, "false", "False"}
	violation := {
		"message": sprintf("Workgroup %s lets clients choose", [input.resource.Name]),
		"path": "WorkGroupConfiguration.EnforceWorkGroupConfiguration",
		"facts": {"EnforceWorkGroupConfiguration": false},
	}
}
