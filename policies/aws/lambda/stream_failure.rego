# METADATA
# title: Event source mappings keep what they fail to process
# description: A batch of a stream that keeps failing is discarded after its retries or its age. Without
#   a destination nobody learns which records were lost. Queues keep failures through their own dead-letter
#   queue and are left out.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
# custom:
#   check_id: PL-LAMBDA-017
#   control: lambda-esm-failure
#   severity: medium
#   resource_types:
#     - AWS::Lambda::EventSourceMapping
#   reads:
#     - EventSourceArn
#     - DestinationConfig.OnFailure.Destination
#     - related.AWS::Kinesis::Stream.Name!
#   remediation: Set DestinationConfig.OnFailure.Destination to a queue, topic or bucket.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.stream_failure

import data.plumbline.lib

deny contains violation if {
	arn := lib.value(input.resource, ["EventSourceArn"], "")
	stream(arn)
	lib.value(input.resource, ["DestinationConfig", "OnFailure", "Destination"], "") in {"", null}
	violation := {
		"message": sprintf("Event source mapping %s discards the records it fails to process", [input.resource.Name]),
		"path": "DestinationConfig",
		"facts": {"EventSourceArn": arn},
	}
}

stream(arn) if lib.arn_fields(arn)[2] in {"kinesis", "dynamodb"}

# A table's stream, in CloudFormation's and in Terraform's words.
stream(arn) if {
	some ending in [".StreamArn}", ".stream_arn}"]
	endswith(arn, ending)
}

stream(arn) if lib.refers(arn, "AWS::Kinesis::Stream")
