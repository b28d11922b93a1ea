# METADATA
# title: Streams are encrypted with a named key
# description: Encryption with KMS needs the name of a key; without one CloudFormation refuses the
#   stream, and nothing says whose key it was meant to be.
# related_resources:
#   - https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-kinesis-stream-streamencryption.html
# custom:
#   check_id: PL-KINESIS-005
#   control: kinesis-key
#   severity: low
#   resource_types:
#     - AWS::Kinesis::Stream
#   reads:
#     - StreamEncryption.EncryptionType
#     - StreamEncryption.KeyId!
#   remediation: Set KeyId to a key of your own, or to alias/aws/kinesis.
#   hygiene: true
#   references: []
package plumbline.aws.kinesis.key

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["StreamEncryption", "EncryptionType"], "NONE") == "KMS"
	lib.undeclared(input.resource, ["StreamEncryption", "KeyId"])
	violation := {
		"message": sprintf("Stream %s names no key", [input.resource.Name]),
		"path": "StreamEncryption.KeyId",
		"facts": {"KeyId": null},
	}
}
