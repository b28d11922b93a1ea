# METADATA
# title: AWS Config records every kind of resource
# description: Without a recorder nobody can say how a resource was set before an incident.
# related_resources:
#   - https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html
# custom:
#   check_id: PL-ACCOUNT-005
#   control: account-config-recorder
#   severity: medium
#   resource_types:
#     - AWS::Account::Region
#   reads:
#     - ConfigRecorders
#   remediation: Start a recorder that records all supported types in the Region.
#   hygiene: false
#   references: []
package plumbline.aws.account.config_recorder

import data.plumbline.lib

deny contains violation if {
	recorders := lib.value(input.resource, ["ConfigRecorders"], null)
	recorders != null
	count([each | some each in recorders; each.Recording; each.AllSupported]) == 0
	violation := {
		"message": sprintf("AWS Config does not record every kind of resource in %s", [input.resource.Name]),
		"path": "ConfigRecorders",
		"facts": {"recorders": count(recorders)},
	}
}
