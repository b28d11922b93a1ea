# METADATA
# title: Delivery streams are encrypted with a customer managed key
# description: Only a customer managed key can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/firehose/latest/dev/encryption.html
# custom:
#   check_id: PL-FIREHOSE-002
#   control: firehose-cmk
#   severity: low
#   resource_types:
#     - AWS::KinesisFirehose::DeliveryStream
#   reads:
#     - DeliveryStreamEncryptionConfigurationInput.KeyType
#     - DeliveryStreamEncryptionConfigurationInput.KeyARN
#     - DeliveryStreamType
#   remediation: Set KeyType CUSTOMER_MANAGED_CMK and KeyARN.
#   hygiene: true
#   references:
#     - CKV_AWS_241
package plumbline.aws.firehose.customer_key

import data.plumbline.lib

deny contains violation if {
	type := lib.value(input.resource, ["DeliveryStreamEncryptionConfigurationInput", "KeyType"], "none")
	type != "CUSTOMER_MANAGED_CMK"
	not from_stream
	violation := {
		"message": sprintf("Delivery stream %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "DeliveryStreamEncryptionConfigurationInput",
		"facts": {"KeyType": type},
	}
}

# Firehose cannot encrypt what it takes from another stream; that stream does.
from_stream if input.resource.Properties.DeliveryStreamType in {"KinesisStreamAsSource", "MSKAsSource", "DatabaseAsSource"}

from_stream if input.resource.Properties.KinesisStreamSourceConfiguration

from_stream if lib.unknown(input.resource.Properties.DeliveryStreamType)
