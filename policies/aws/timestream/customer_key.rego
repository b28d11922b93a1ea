# METADATA
# title: Time series are encrypted with a customer managed key
# description: Timestream encrypts with a key of its own unless told otherwise; only a customer
#   managed key can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/timestream/latest/developerguide/EncryptionAtRest.html
# custom:
#   check_id: PL-TIMESTREAM-001
#   control: timestream-cmk
#   severity: low
#   resource_types:
#     - AWS::Timestream::Database
#   reads:
#     - KmsKeyId
#   remediation: Set KmsKeyId to a customer managed key.
#   hygiene: true
#   references:
#     - CKV_AWS_160
package plumbline.aws.timestream.customer_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KmsKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Time series database %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyId",
		"facts": {"KmsKeyId": key},
	}
}
