# METADATA
# title: Streams keep records for longer than a day
# description: When a consumer breaks on a Friday evening, records of a day are gone before anybody
#   looks.
# related_resources:
#   - https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html
# custom:
#   check_id: PL-KINESIS-003
#   control: kinesis-retention
#   severity: low
#   resource_types:
#     - AWS::Kinesis::Stream
#   reads:
#     - RetentionPeriodHours
#   remediation: Set RetentionPeriodHours to 72 or more.
#   hygiene: true
#   references: []
package plumbline.aws.kinesis.retention

import data.plumbline.lib

deny contains violation if {
	hours := to_number(lib.value(input.resource, ["RetentionPeriodHours"], 24))
	hours <= 24
	violation := {
		"message": sprintf("Stream %s keeps records for %v hours", [input.resource.Name, hours]),
		"path": "RetentionPeriodHours",
		"facts": {"RetentionPeriodHours": hours},
	}
}
