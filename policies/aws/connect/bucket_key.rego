# METADATA
# title: Contact centers keep recordings under a customer managed key
# description: Recordings and transcripts of customers lie in this bucket; only a customer managed key
#   can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/connect/latest/adminguide/encryption-at-rest.html
# custom:
#   check_id: PL-CONNECT-002
#   control: connect-s3-cmk
#   severity: low
#   resource_types:
#     - AWS::Connect::InstanceStorageConfig
#   reads:
#     - S3Config
#   remediation: Set S3Config.EncryptionConfig with EncryptionType KMS and a key of your own.
#   hygiene: true
#   references:
#     - CKV_AWS_270
package plumbline.aws.connect.bucket_key

import data.plumbline.lib

deny contains violation if {
	is_object(lib.value(input.resource, ["S3Config"], null))
	key := lib.value(input.resource, ["S3Config", "EncryptionConfig", "KeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Storage %s keeps recordings without a key of your own", [input.resource.Name]),
		"path": "S3Config.EncryptionConfig",
		"facts": {"KeyId": key},
	}
}
