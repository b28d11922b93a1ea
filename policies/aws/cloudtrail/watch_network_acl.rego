# METADATA
# title: Changes of network ACLs raise an alarm
# description: A metric filter on the trail's log group counts changes of network ACLs, and an alarm on its
#   metric tells somebody.
# related_resources:
#   - https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
# custom:
#   check_id: PL-CLOUDTRAIL-030
#   control: cloudtrail-watch-network-acl
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
package plumbline.aws.cloudtrail.watch_network_acl

import data.plumbline.lib.watch

deny contains violation if {
	watch.asked
	unseen := watch.missing(words)
	count(unseen) > 0
	violation := {
		"message": sprintf("No alarm tells of changes of network ACLs that trail %s records", [input.resource.Name]),
		"path": "CloudWatchLogsLogGroupArn",
		"facts": {"unseen": unseen},
	}
}

words := [
	"CreateNetworkAcl",
	"CreateNetworkAclEntry",
	"DeleteNetworkAcl",
	"DeleteNetworkAclEntry",
	"ReplaceNetworkAclEntry",
	"ReplaceNetworkAclAssociation",
]
