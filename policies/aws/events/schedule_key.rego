# METADATA
# title: Schedules are encrypted with a customer managed key
# description: A schedule's input is stored until it ends, for years perhaps; with a key of your own a key
#   policy says who reads it.
# related_resources:
#   - https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html
# custom:
#   check_id: PL-SCHEDULER-002
#   control: scheduler-key
#   severity: low
#   resource_types:
#     - AWS::Scheduler::Schedule
#   reads:
#     - KmsKeyArn
#   remediation: Set KmsKeyArn.
#   hygiene: true
#   references: []
package plumbline.aws.events.schedule_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["KmsKeyArn"], "") in {"", null}
	violation := {
		"message": sprintf("Schedule %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyArn",
		"facts": {"KmsKeyArn": null},
	}
}
