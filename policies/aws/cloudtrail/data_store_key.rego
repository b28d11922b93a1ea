# METADATA
# title: Event data stores are encrypted with a customer managed key
# description: With a key of your own, reading the events needs the permission of the key as well.
# related_resources:
#   - https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
# custom:
#   check_id: PL-CLOUDTRAIL-007
#   control: cloudtrail-data-store-cmk
#   severity: low
#   resource_types:
#     - AWS::CloudTrail::EventDataStore
#   reads:
#     - KmsKeyId
#   remediation: Set KmsKeyId to a customer managed key.
#   hygiene: true
#   references:
#     - CKV_AWS_294
package plumbline.aws.cloudtrail.data_store_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KmsKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Event data store %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyId",
		"facts": {"KmsKeyId": key},
	}
}
