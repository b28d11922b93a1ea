# METADATA
# title: Failed console sign-ins raise an alarm
# description: A metric filter on the trail's log group counts failed console sign-ins, and an alarm on its
#   metric tells somebody.
# related_resources:
#   - https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
# custom:
#   check_id: PL-CLOUDTRAIL-025
#   control: cloudtrail-watch-failed-login
#   severity: low
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - IsMultiRegionTrail
#     - IsLogging
#     - CloudWatchLogsLogGroupArn
#     - related.AWS::Logs::LogGroup.LogGroupName!
#     - related.AWS::Logs::MetricFilter.FilterPattern
#     - related.AWS::Logs::MetricFilter.MetricTransformations
#     - related.AWS::CloudWatch::Alarm.MetricName!
#     - related.AWS::CloudWatch::Alarm.Namespace!
#     - related.AWS::CloudWatch::Alarm.AlarmActions!
#   remediation: Add a metric filter for these events to the trail's log group, and an alarm that notifies.
#   hygiene: true
#   references: []
package plumbline.aws.cloudtrail.watch_failed_login

import data.plumbline.lib.watch

deny contains violation if {
	watch.asked
	unseen := watch.missing(words)
	count(unseen) > 0
	violation := {
		"message": sprintf("No alarm tells of failed console sign-ins that trail %s records", [input.resource.Name]),
		"path": "CloudWatchLogsLogGroupArn",
		"facts": {"unseen": unseen},
	}
}

words := [
	"ConsoleLogin",
	"Failedauthentication",
]
