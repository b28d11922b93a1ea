# METADATA
# title: Security configurations of EMR encrypt S3 data with KMS
# description: Results lie in the bucket with the keys of S3, or in the clear, otherwise.
# related_resources:
#   - https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-create-security-configuration.html
# custom:
#   check_id: PL-EMR-001
#   control: emr-kms
#   severity: medium
#   resource_types:
#     - AWS::EMR::SecurityConfiguration
#   reads:
#     - SecurityConfiguration.EncryptionConfiguration.AtRestEncryptionConfiguration.S3EncryptionConfiguration.EncryptionMode
#   remediation: Set S3EncryptionConfiguration with EncryptionMode SSE-KMS and a key.
#   hygiene: false
#   references:
#     - CKV_AWS_171
package plumbline.aws.emr.encryption

import data.plumbline.lib

deny contains violation if {
	mode := lib.value(input.resource, ["SecurityConfiguration", "EncryptionConfiguration", "AtRestEncryptionConfiguration", "S3EncryptionConfiguration", "EncryptionMode"], "none")
	mode != "SSE-KMS"
	violation := {
		"message": sprintf("Security configuration %s does not encrypt with SSE-KMS", [input.resource.Name]),
		"path": "SecurityConfiguration.EncryptionConfiguration.AtRestEncryptionConfiguration.S3EncryptionConfiguration",
		"facts": {"EncryptionMode": mode},
	}
}
