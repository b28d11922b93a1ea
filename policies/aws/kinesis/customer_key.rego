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
#   compliance:
#     SOC2: [CC6.1]
#     NIST 800-53: [SC-12, SC-28]
#     PCI DSS: [3.6.1]
#     HIPAA: [164.312(a)(2)(iv)]
#     GDPR: [32(1)(a)]
#     ISO 27001: [A.8.24]
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
