# METADATA
# title: Queues are encrypted with a KMS key
# description: Keys of SQS itself encrypt as well; with KMS, uses of the key are on record and can
#   be refused.
# related_resources:
#   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
# custom:
#   check_id: PL-SQS-010
#   control: sqs-kms-key
#   severity: low
#   resource_types:
#     - AWS::SQS::Queue
#   reads:
#     - KmsMasterKeyId
#   remediation: Set KmsMasterKeyId.
#   hygiene: true
#   references: []
package plumbline.aws.sqs.kms_key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["KmsMasterKeyId"], "") in {"", null}
	violation := {
		"message": sprintf("Queue %s is not encrypted with KMS", [input.resource.Name]),
		"path": "KmsMasterKeyId",
		"facts": {"KmsMasterKeyId": null},
	}
}
