# METADATA
# title: Alarms have their actions enabled
# description: An alarm whose actions are switched off turns red and tells nobody.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
# custom:
#   check_id: PL-CLOUDWATCH-001
#   control: alarm-actions-enabled
#   severity: medium
#   resource_types:
#     - AWS::CloudWatch::Alarm
#     - AWS::CloudWatch::CompositeAlarm
#   reads:
#     - ActionsEnabled
#   remediation: Set ActionsEnabled to true.
#   hygiene: false
#   references:
#     - CKV_AWS_319
package plumbline.aws.cloudwatch.actions_enabled

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["ActionsEnabled"], true) in {false, "false", "False"}
	violation := {
		"message": sprintf("Alarm %s has its actions switched off", [input.resource.Name]),
		"path": "ActionsEnabled",
		"facts": {"ActionsEnabled": false},
	}
}
