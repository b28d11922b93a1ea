# METADATA
# title: Objects that templates upload are encrypted with a customer managed key
# description: An object that names no key has what its bucket says, often the keys of S3.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
# custom:
#   check_id: PL-S3-030
#   control: s3-object-cmk
#   severity: low
#   resource_types:
#     - AWS::S3::Object
#   reads:
#     - KMSMasterKeyID
#   remediation: Set KMSMasterKeyID to a customer managed key.
#   hygiene: true
#   references:
#     - CKV_AWS_181
#     - CKV_AWS_186
package plumbline.aws.s3.object_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KMSMasterKeyID"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Object %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KMSMasterKeyID",
		"facts": {"KMSMasterKeyID": key},
	}
}
