# METADATA
# title: Dead-letter queues keep messages longer than their source
# description: 'A message takes its age along when it moves to a dead-letter queue: with the same
#   retention there is little time left to look at it, with a shorter one none.'
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
# custom:
#   check_id: PL-SQS-008
#   control: sqs-dead-letter-retention
#   severity: low
#   resource_types:
#     - AWS::SQS::Queue
#   reads:
#     - MessageRetentionPeriod
#     - RedriveAllowPolicy!
#     - related.AWS::SQS::Queue.RedrivePolicy.deadLetterTargetArn
#     - related.AWS::SQS::Queue.MessageRetentionPeriod
#   remediation: Set MessageRetentionPeriod of the dead-letter queue to 1209600, 14 days.
#   hygiene: true
#   references: []
package plumbline.aws.sqs.dead_letter_retention

import data.plumbline.lib

deny contains violation if {
	some source in lib.related("AWS::SQS::Queue")
	source.Properties.RedrivePolicy.deadLetterTargetArn
	not input.resource.Properties.RedrivePolicy
	own := to_number(lib.value(input.resource, ["MessageRetentionPeriod"], 345600))
	theirs := to_number(lib.value(source, ["MessageRetentionPeriod"], 345600))
	own <= theirs
	violation := {
		"message": sprintf("Dead-letter queue %s keeps messages no longer than %s", [input.resource.Name, source.Name]),
		"path": "MessageRetentionPeriod",
		"facts": {"MessageRetentionPeriod": own, "source": theirs},
	}
}
