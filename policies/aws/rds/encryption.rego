# METADATA
# title: Databases are encrypted at rest
# description: Storage, snapshots and replicas of a database without encryption lie in the clear; it
#   cannot be switched on later.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
# custom:
#   check_id: PL-RDS-003
#   control: rds-encryption
#   severity: high
#   resource_types:
#     - AWS::RDS::DBInstance
#     - AWS::RDS::DBCluster
#   reads:
#     - StorageEncrypted
#     - DBClusterIdentifier
#   remediation: Restore a snapshot into an encrypted database; StorageEncrypted cannot be changed.
#   hygiene: false
#   references: []
package plumbline.aws.rds.encryption

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["StorageEncrypted"])
	not of_cluster
	violation := {
		"message": sprintf("Database %s is not encrypted at rest", [input.resource.Name]),
		"path": "StorageEncrypted",
		"facts": {"StorageEncrypted": false},
	}
}

# An instance of a cluster has the storage of the cluster.
of_cluster if {
	input.resource.Type == "AWS::RDS::DBInstance"
	input.resource.Properties.DBClusterIdentifier
}
