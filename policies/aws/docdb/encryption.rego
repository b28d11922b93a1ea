# METADATA
# title: Document databases are encrypted at rest
# description: Storage and snapshots of a cluster without encryption lie in the clear.
# related_resources:
#   - https://docs.aws.amazon.com/documentdb/latest/developerguide/encryption-at-rest.html
# custom:
#   check_id: PL-DOCDB-001
#   control: docdb-encryption
#   severity: medium
#   resource_types:
#     - AWS::DocDB::DBCluster
#   reads:
#     - StorageEncrypted
#   remediation: Restore a snapshot into an encrypted cluster; StorageEncrypted cannot be changed.
#   hygiene: false
#   references: []
package plumbline.aws.docdb.encryption

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["StorageEncrypted"])
	violation := {
		"message": sprintf("Document database %s is not encrypted at rest", [input.resource.Name]),
		"path": "StorageEncrypted",
		"facts": {"StorageEncrypted": false},
	}
}
