# METADATA
# title: Delivery streams are encrypted at rest
# description: Firehose keeps records until they are delivered, and for up to a day when that fails.
# related_resources:
#   - https://docs.aws.amazon.com/firehose/latest/dev/encryption.html
# custom:
#   check_id: PL-FIREHOSE-001
#   control: firehose-encryption
#   severity: medium
#   resource_types:
#     - AWS::KinesisFirehose::DeliveryStream
#   reads:
#     - DeliveryStreamEncryptionConfigurationInput!
#     - DeliveryStreamEncryptionConfigurationInput.KeyType!
#     - DeliveryStreamType
#   remediation: Set DeliveryStreamEncryptionConfigurationInput.
#   hygiene: false
#   references:
#     - CKV_AWS_240
package plumbline.aws.firehose.encryption

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["DeliveryStreamEncryptionConfigurationInput"])
	not from_stream
	violation := {
		"message": sprintf("Delivery stream %s is not encrypted at rest", [input.resource.Name]),
		"path": "DeliveryStreamEncryptionConfigurationInput",
		"facts": {"encryption": null},
	}
}

# Settings without a kind of key are refused.
deny contains violation if {
	is_object(object.get(input.resource.Properties, "DeliveryStreamEncryptionConfigurationInput", null))
	lib.undeclared(input.resource, ["DeliveryStreamEncryptionConfigurationInput", "KeyType"])
	not from_stream
	violation := {
		"message": sprintf("Delivery stream %s names no kind of key to encrypt with", [input.resource.Name]),
		"path": "DeliveryStreamEncryptionConfigurationInput",
		"facts": {"KeyType": null},
	}
}

# Firehose cannot encrypt what it takes from another stream; that stream does.
from_stream if input.resource.Properties.DeliveryStreamType in {"KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource"}

from_stream if lib.unknown(input.resource.Properties.DeliveryStreamType)
