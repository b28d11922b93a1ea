# METADATA
# title: Queues are encrypted at rest
# description: SQS encrypts new queues by itself unless that is switched off; a queue with encryption
#   off keeps its messages in the clear.
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
# custom:
#   check_id: PL-SQS-001
#   control: sqs-encryption
#   severity: medium
#   resource_types:
#     - AWS::SQS::Queue
#   reads:
#     - SqsManagedSseEnabled
#     - KmsMasterKeyId
#   remediation: 'Remove SqsManagedSseEnabled: false, or set KmsMasterKeyId.'
#   hygiene: false
#   references:
#     - CKV_AWS_27
package plumbline.aws.sqs.encryption

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["KmsMasterKeyId"], "") in {"", null}
	managed := lib.value(input.resource, ["SqsManagedSseEnabled"], implied)
	not lib.is_true(managed)
	violation := {
		"message": sprintf("Queue %s does not encrypt its messages", [input.resource.Name]),
		"path": "SqsManagedSseEnabled",
		"facts": {"SqsManagedSseEnabled": managed},
	}
}

# A queue that a template leaves alone is encrypted by SQS; one that exists says what it is.
implied := input.resource.Live == false
