# METADATA
# title: File systems are encrypted at rest
# description: Files that functions share lie in the clear unless the file system is made with
#   encryption.
# related_resources:
#   - https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html
# custom:
#   check_id: PL-EFS-001
#   control: efs-encryption
#   severity: medium
#   resource_types:
#     - AWS::EFS::FileSystem
#   reads:
#     - Encrypted
#   remediation: Recreate the file system with Encrypted true.
#   hygiene: false
#   references: []
package plumbline.aws.efs.encryption

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["Encrypted"])
	violation := {
		"message": sprintf("File system %s is not encrypted at rest", [input.resource.Name]),
		"path": "Encrypted",
		"facts": {"Encrypted": false},
	}
}
