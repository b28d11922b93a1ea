# METADATA
# title: Trails send events to CloudWatch Logs
# description: In a bucket events wait to be searched; in a log group metric filters and alarms see
#   them within minutes.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html
# custom:
#   check_id: PL-CLOUDTRAIL-006
#   control: cloudtrail-log-group
#   severity: low
#   resource_types:
#     - AWS::CloudTrail::Trail
#   reads:
#     - CloudWatchLogsLogGroupArn
#   remediation: Set CloudWatchLogsLogGroupArn and CloudWatchLogsRoleArn.
#   hygiene: false
#   references:
#     - CKV2_AWS_10
package plumbline.aws.cloudtrail.log_group

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["CloudWatchLogsLogGroupArn"], "") in {"", null}
	violation := {
		"message": sprintf("Trail %s does not send events to CloudWatch Logs", [input.resource.Name]),
		"path": "CloudWatchLogsLogGroupArn",
		"facts": {"CloudWatchLogsLogGroupArn": null},
	}
}
