# METADATA
# title: File systems are encrypted with a customer managed key
# description: Only a customer managed key can be audited, limited and revoked.
# related_resources:
#   - https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html
# custom:
#   check_id: PL-EFS-002
#   control: efs-cmk
#   severity: low
#   resource_types:
#     - AWS::EFS::FileSystem
#   reads:
#     - KmsKeyId
#   remediation: Set KmsKeyId to a customer managed key.
#   hygiene: true
#   references: []
package plumbline.aws.efs.customer_key

import data.plumbline.lib

deny contains violation if {
	key := lib.value(input.resource, ["KmsKeyId"], "")
	not lib.customer_key(key)
	violation := {
		"message": sprintf("File system %s is not encrypted with a key of your own", [input.resource.Name]),
		"path": "KmsKeyId",
		"facts": {"KmsKeyId": key},
	}
}
