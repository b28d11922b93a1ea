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
#   compliance:
#     SOC2: [CC6.1, CC6.7]
#     NIST 800-53: [SC-28]
#     PCI DSS: [3.5.1]
#     HIPAA: [164.312(a)(2)(iv)]
#     GDPR: [32(1)(a)]
#     ISO 27001: [A.8.24]
#     CIS AWS: [2.3.1]
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
