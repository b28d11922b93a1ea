# METADATA
# title: Log groups keep logs for a year at least
# description: An intrusion is found after months more often than after days; PCI DSS asks for a year.
#   A group that keeps logs for ever passes here.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html
# custom:
#   check_id: PL-LOGS-003
#   control: log-retention-year
#   severity: low
#   resource_types:
#     - AWS::Logs::LogGroup
#   reads:
#     - RetentionInDays
#   remediation: Set RetentionInDays to 365 or more for logs that are evidence.
#   hygiene: true
#   references:
#     - CKV_AWS_338
package plumbline.aws.logs.retention_year

import data.plumbline.lib

deny contains violation if {
	days := to_number(lib.value(input.resource, ["RetentionInDays"], 0))
	days > 0
	days < 365
	violation := {
		"message": sprintf("Log group %s keeps logs for %v days", [input.resource.Name, days]),
		"path": "RetentionInDays",
		"facts": {"RetentionInDays": days},
	}
}
