# METADATA
# title: Delivery streams log what they cannot deliver
# description: Without the error log nobody learns why records do not arrive.
# related_resources:
#   - https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-logs.html
# custom:
#   check_id: PL-FIREHOSE-003
#   control: firehose-error-logging
#   severity: low
#   resource_types:
#     - AWS::KinesisFirehose::DeliveryStream
#   reads:
#     - ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions.Enabled
#   remediation: Set CloudWatchLoggingOptions with a log group of your own.
#   hygiene: true
#   references: []
package plumbline.aws.firehose.error_logging

import data.plumbline.lib

deny contains violation if {
	is_object(lib.value(input.resource, ["ExtendedS3DestinationConfiguration"], null))
	lib.off(input.resource, ["ExtendedS3DestinationConfiguration", "CloudWatchLoggingOptions", "Enabled"])
	violation := {
		"message": sprintf("Delivery stream %s does not log what it cannot deliver", [input.resource.Name]),
		"path": "ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions",
		"facts": {"Enabled": false},
	}
}
