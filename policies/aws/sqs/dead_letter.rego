# METADATA
# title: Queues keep messages that cannot be processed
# description: A message that cannot be processed comes back until it expires, and is then lost. Dead-letter
#   queues themselves are left out.
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
# custom:
#   check_id: PL-SQS-002
#   control: sqs-dead-letter
#   severity: low
#   resource_types:
#     - AWS::SQS::Queue
#   reads:
#     - RedrivePolicy!
#     - related.AWS::SQS::Queue.RedrivePolicy!
#   remediation: Set RedrivePolicy with a dead-letter queue and an alarm on it.
#   hygiene: true
#   references: []
package plumbline.aws.sqs.dead_letter

import data.plumbline.lib

deny contains violation if {
	not input.resource.Properties.RedrivePolicy
	not is_dead_letter_queue
	violation := {
		"message": sprintf("Queue %s has no dead-letter queue", [input.resource.Name]),
		"path": "RedrivePolicy",
		"facts": {"RedrivePolicy": null},
	}
}

is_dead_letter_queue if input.resource.Properties.RedriveAllowPolicy

is_dead_letter_queue if lib.unlisted("AWS::SQS::Queue")

is_dead_letter_queue if {
	some other in lib.related("AWS::SQS::Queue")
	other.Properties.RedrivePolicy
}
