# METADATA
# title: Changes of VPCs raise an alarm
# description: A metric filter on the trail's log group counts changes of VPCs, and an alarm on its metric
#   tells somebody.
# related_resources:
#   - https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
# custom:
#   check_id: PL-CLOUDTRAIL-033
#   control: cloudtrail-watch-vpc
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
package plumbline.aws.cloudtrail.watch_vpc

import data.plumbline.lib.watch

deny contains violation if {
	watch.asked
	unseen := watch.missing(words)
	count(unseen) > 0
	violation := {
		"message": sprintf("No alarm tells of changes of VPCs that trail %s records", [input.resource.Name]),
		"path": "CloudWatchLogsLogGroupArn",
		"facts": {"unseen": unseen},
	}
}

words := [
	"CreateVpc",
	"DeleteVpc",
	"ModifyVpcAttribute",
	"AcceptVpcPeeringConnection",
	"CreateVpcPeeringConnection",
	"DeleteVpcPeeringConnection",
	"RejectVpcPeeringConnection",
]
