# METADATA
# title: Alarms have an action for some state
# description: An alarm without any action changes colour in a console that nobody watches.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
# custom:
#   check_id: PL-CLOUDWATCH-003
#   control: alarm-any-action
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
package plumbline.aws.cloudwatch.any_action

import data.plumbline.lib

deny contains violation if {
	every property in ["AlarmActions", "InsufficientDataActions", "OKActions"] {
		lib.value(input.resource, [property], []) in {[], null}
	}
	violation := {
		"message": sprintf("Alarm %s does nothing in any state", [input.resource.Name]),
		"path": "AlarmActions",
		"facts": {"actions": 0},
	}
}
