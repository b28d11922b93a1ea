# METADATA
# title: Pipes on streams keep what they fail to deliver
# description: A batch of a stream that fails until its retries end is dropped, unless the source has a
#   dead-letter queue.
# related_resources:
#   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dlq.html
# custom:
#   check_id: PL-PIPES-002
#   control: pipes-dead-letter
#   severity: low
#   resource_types:
#     - AWS::Pipes::Pipe
#   reads:
#     - SourceParameters.KinesisStreamParameters.DeadLetterConfig!
#     - SourceParameters.DynamoDBStreamParameters.DeadLetterConfig!
#   remediation: Set DeadLetterConfig in the parameters of the source.
#   hygiene: true
#   references: []
package plumbline.aws.events.pipe_dead_letter

import data.plumbline.lib

deny contains violation if {
	some kind in ["KinesisStreamParameters", "DynamoDBStreamParameters"]
	parameters := lib.value(input.resource, ["SourceParameters", kind], null)
	is_object(parameters)
	lib.absent(input.resource, ["SourceParameters", kind, "DeadLetterConfig"])
	violation := {
		"message": sprintf("Pipe %s drops records that it cannot deliver", [input.resource.Name]),
		"path": sprintf("SourceParameters.%s.DeadLetterConfig", [kind]),
		"facts": {"DeadLetterConfig": null},
	}
}
