# METADATA
# title: Migrations write to S3 under a customer managed key
# description: What is migrated lies in the bucket; only a customer managed key can be audited,
#   limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.S3.html
# custom:
#   check_id: PL-DMS-001
#   control: dms-s3-cmk
#   severity: low
#   resource_types:
#     - AWS::DMS::Endpoint
#   reads:
#     - EngineName
#     - S3Settings.ServerSideEncryptionKmsKeyId
#   remediation: Set S3Settings with EncryptionMode SSE_KMS and ServerSideEncryptionKmsKeyId.
#   hygiene: true
#   references:
#     - CKV_AWS_298
package plumbline.aws.dms.s3_key

import data.plumbline.lib

deny contains violation if {
	lower(lib.value(input.resource, ["EngineName"], "")) == "s3"
	key := lib.value(input.resource, ["S3Settings", "ServerSideEncryptionKmsKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("Endpoint %s writes without a key of your own", [input.resource.Name]),
		"path": "S3Settings.ServerSideEncryptionKmsKeyId",
		"facts": {"ServerSideEncryptionKmsKeyId": key},
	}
}
