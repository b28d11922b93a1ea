# METADATA
# title: Stream mappings stop retrying a batch that fails
# description: Without a limit one record that cannot be processed blocks its shard until it expires, a
#   day or up to a year.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
# custom:
#   check_id: PL-LAMBDA-027
#   control: lambda-esm-retries
#   severity: low
#   resource_types:
#     - AWS::Lambda::EventSourceMapping
#   reads:
#     - EventSourceArn
#     - MaximumRetryAttempts
#     - MaximumRecordAgeInSeconds
#     - related.AWS::Kinesis::Stream.Name!
#   remediation: Set MaximumRetryAttempts or MaximumRecordAgeInSeconds, with an on-failure destination.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.stream_retries

import data.plumbline.lib

deny contains violation if {
	arn := lib.value(input.resource, ["EventSourceArn"], "")
	stream(arn)
	every limit in ["MaximumRetryAttempts", "MaximumRecordAgeInSeconds"] {
		lib.value(input.resource, [limit], -1) in {-1, "-1", null}
	}
	violation := {
		"message": sprintf("Event source mapping %s retries a failing batch until its records expire", [input.resource.Name]),
		"path": "MaximumRetryAttempts",
		"facts": {"EventSourceArn": arn, "MaximumRetryAttempts": -1},
	}
}

stream(arn) if lib.arn_fields(arn)[2] in {"kinesis", "dynamodb"}

# A table's stream, in CloudFormation's and in Terraform's words.
stream(arn) if {
	some ending in [".StreamArn}", ".stream_arn}"]
	endswith(arn, ending)
}

stream(arn) if lib.refers(arn, "AWS::Kinesis::Stream")
