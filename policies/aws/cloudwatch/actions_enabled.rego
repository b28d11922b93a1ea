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
#   compliance:
#     SOC2: [CC7.2]
#     NIST 800-53: [AU-6, SI-4]
#     PCI DSS: [10.4.1]
#     HIPAA: [164.312(b)]
#     ISO 27001: [A.8.16]
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
