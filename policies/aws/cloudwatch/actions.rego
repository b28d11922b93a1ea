# METADATA
# title: Alarms tell somebody
# description: An alarm without an action is a picture on a dashboard. Alarms that feed a composite
#   alarm or a dashboard only may be accepted.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
# custom:
#   check_id: PL-CLOUDWATCH-002
#   control: alarm-actions
#   severity: low
#   resource_types:
#     - AWS::CloudWatch::Alarm
#     - AWS::CloudWatch::CompositeAlarm
#   reads:
#     - AlarmActions!
#     - OKActions!
#     - InsufficientDataActions!
#   remediation: Set AlarmActions to a topic or another action.
#   hygiene: true
#   references: []
package plumbline.aws.cloudwatch.actions

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AlarmActions"], []) in {[], null}
	lib.value(input.resource, ["OKActions"], []) in {[], null}
	lib.value(input.resource, ["InsufficientDataActions"], []) in {[], null}
	violation := {
		"message": sprintf("Alarm %s tells nobody", [input.resource.Name]),
		"path": "AlarmActions",
		"facts": {"AlarmActions": []},
	}
}
