# METADATA
# title: Queues declare their encryption
# description: SQS encrypts a new queue unless told otherwise; what is written down cannot be lost
#   to another default. PL-SQS-001 tells of queues that are in the clear.
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-sqs-sse-queue.html
# custom:
#   check_id: PL-SQS-011
#   control: sqs-encryption-declared
#   severity: low
#   resource_types:
#     - AWS::SQS::Queue
#   reads:
#     - KmsMasterKeyId
#     - SqsManagedSseEnabled
#   remediation: Set SqsManagedSseEnabled to true, or KmsMasterKeyId.
#   hygiene: true
#   references: []
package plumbline.aws.sqs.encryption_declared

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["KmsMasterKeyId"], "") in {"", null}
	lib.off(input.resource, ["SqsManagedSseEnabled"])
	violation := {
		"message": sprintf("Queue %s declares no encryption", [input.resource.Name]),
		"path": "SqsManagedSseEnabled",
		"facts": {"SqsManagedSseEnabled": false},
	}
}
