# METADATA
# title: Streams are encrypted with a customer managed key
# description: Only a customer managed key can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html
# custom:
#   check_id: PL-KINESIS-002
#   control: kinesis-cmk
#   severity: low
#   resource_types:
#     - AWS::Kinesis::Stream
#   reads:
#     - StreamEncryption.KeyId
#     - StreamEncryption.EncryptionType
#   remediation: Set StreamEncryption.KeyId to a customer managed key.
#   hygiene: true
#   references:
#     - CKV_AWS_185
package plumbline.aws.kinesis.customer_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["StreamEncryption", "KeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Stream %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "StreamEncryption.KeyId",
		"facts": {"KeyId": key},
	}
}
