# METADATA
# title: Queues are encrypted with a customer managed key
# description: SQS encrypts with a key of its own unless told otherwise; only a customer managed key
#   can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
# custom:
#   check_id: PL-SQS-005
#   control: sqs-cmk
#   severity: low
#   resource_types:
#     - AWS::SQS::Queue
#   reads:
#     - KmsMasterKeyId
#   remediation: Set KmsMasterKeyId to a customer managed key.
#   hygiene: true
#   references:
#     - CKV2_AWS_73
package plumbline.aws.sqs.customer_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KmsMasterKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Queue %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsMasterKeyId",
		"facts": {"KmsMasterKeyId": key},
	}
}
