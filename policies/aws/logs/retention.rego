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

deny contains violation if {
	days := lib.value(input.resource, ["RetentionInDays"], null)
	regex.match(`^[0-9]+$`, sprintf("%v", [days]))
	not to_number(days) in offered
	violation := {
		"message": sprintf("Log group %s has a retention that CloudWatch Logs refuses: %v days", [input.resource.Name, days]),
		"path": "RetentionInDays",
		"facts": {"RetentionInDays": days},
	}
}

# Days that may be asked for; Terraform's 0 stands for ever and is read as such.
# Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
offered := {
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}
