# METADATA
# title: Graph databases are encrypted at rest
# description: Storage and snapshots of a cluster without encryption lie in the clear.
# related_resources:
#   - https://docs.aws.amazon.com/neptune/latest/userguide/encrypt.html
# custom:
#   check_id: PL-NEPTUNE-002
#   control: neptune-encryption
#   severity: medium
#   resource_types:
#     - AWS::Neptune::DBCluster
#   reads:
#     - StorageEncrypted
#   remediation: Restore a snapshot into an encrypted cluster; StorageEncrypted cannot be changed.
#   hygiene: false
#   references: []
package plumbline.aws.neptune.encryption

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["StorageEncrypted"])
	violation := {
		"message": sprintf("Graph database %s is not encrypted at rest", [input.resource.Name]),
		"path": "StorageEncrypted",
		"facts": {"StorageEncrypted": false},
	}
}
