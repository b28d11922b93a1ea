# METADATA
# title: Repositories are encrypted with KMS
# description: Images hold code, and often more than they should; with KMS reading them needs the key
#   as well, and is recorded.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html
# custom:
#   check_id: PL-ECR-004
#   control: ecr-kms
#   severity: low
#   resource_types:
#     - AWS::ECR::Repository
#   reads:
#     - EncryptionConfiguration.EncryptionType
#   remediation: Recreate the repository with EncryptionType KMS; it cannot be changed.
#   hygiene: true
#   references:
#     - CKV_AWS_136
package plumbline.aws.ecr.kms

import data.plumbline.lib

deny contains violation if {
	type := lib.value(input.resource, ["EncryptionConfiguration", "EncryptionType"], "AES256")
	not startswith(type, "KMS")
	violation := {
		"message": sprintf("Repository %s is not encrypted with KMS", [input.resource.Name]),
		"path": "EncryptionConfiguration",
		"facts": {"EncryptionType": type},
	}
}
