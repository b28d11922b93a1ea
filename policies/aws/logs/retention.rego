# METADATA
# title: Log groups keep logs for a stated time
# description: A log group without a retention is kept, and paid for, for ever; what data it holds is
#   kept for ever too.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
# custom:
#   check_id: PL-LOGS-001
#   control: log-retention
#   severity: low
#   resource_types:
#     - AWS::Logs::LogGroup
#   reads:
#     - RetentionInDays
#   remediation: Set RetentionInDays to what your rules ask for, often 365.
#   hygiene: true
#   references:
#     - CKV_AWS_66
package plumbline.aws.logs.retention

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["RetentionInDays"])
	violation := {
		"message": sprintf("Log group %s is kept for ever", [input.resource.Name]),
		"path": "RetentionInDays",
		"facts": {"RetentionInDays": null},
	}
}
