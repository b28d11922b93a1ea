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
#   compliance:
#     SOC2: [CC6.1, CC6.7]
#     NIST 800-53: [SC-28]
#     PCI DSS: [3.5.1]
#     HIPAA: [164.312(a)(2)(iv)]
#     GDPR: [32(1)(a)]
#     ISO 27001: [A.8.24]
#     CIS AWS: [2.4.1]
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
