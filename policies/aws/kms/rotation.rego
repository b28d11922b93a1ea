# METADATA
# title: Customer managed keys rotate every year
# description: Rotation limits how much one key has encrypted. Keys that AWS cannot rotate (asymmetric,
#   HMAC, imported) are left out.
# related_resources:
#   - https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
# custom:
#   check_id: PL-KMS-001
#   control: kms-rotation
#   severity: medium
#   resource_types:
#     - AWS::KMS::Key
#   reads:
#     - EnableKeyRotation
#     - KeySpec
#     - KeyUsage
#     - Origin
#   remediation: Set EnableKeyRotation to true; nothing else changes.
#   hygiene: false
#   references:
#     - CKV_AWS_7
package plumbline.aws.kms.rotation

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["EnableKeyRotation"])
	lib.value(input.resource, ["KeySpec"], "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
	lib.value(input.resource, ["KeyUsage"], "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT"
	lib.value(input.resource, ["Origin"], "AWS_KMS") == "AWS_KMS"
	lib.value(input.resource, ["KeyManager"], "CUSTOMER") != "AWS"
	violation := {
		"message": sprintf("Key %s does not rotate", [input.resource.Name]),
		"path": "EnableKeyRotation",
		"facts": {"EnableKeyRotation": false},
	}
}
