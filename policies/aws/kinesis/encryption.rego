# METADATA
# title: Streams are encrypted at rest
# description: A stream keeps its records for a day to a year; without encryption they lie in the clear.
# related_resources:
#   - https://docs.aws.amazon.com/streams/latest/dg/server-side-encryption.html
# custom:
#   check_id: PL-KINESIS-001
#   control: kinesis-encryption
#   severity: medium
#   resource_types:
#     - AWS::Kinesis::Stream
#   reads:
#     - StreamEncryption.EncryptionType
#   remediation: Set StreamEncryption with EncryptionType KMS and a key.
#   hygiene: false
#   references:
#     - CKV_AWS_43
package plumbline.aws.kinesis.encryption

import data.plumbline.lib

deny contains violation if {
	type := lib.value(input.resource, ["StreamEncryption", "EncryptionType"], "NONE")
	type != "KMS"
	violation := {
		"message": sprintf("Stream %s is not encrypted at rest", [input.resource.Name]),
		"path": "StreamEncryption",
		"facts": {"EncryptionType": type},
	}
}
