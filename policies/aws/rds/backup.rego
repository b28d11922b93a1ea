# METADATA
# title: Databases keep backups for a week at least
# description: Backups of a day are overwritten before most mistakes are noticed. Instances of a
#   cluster are left out.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html
# custom:
#   check_id: PL-RDS-006
#   control: rds-backup
#   severity: low
#   resource_types:
#     - AWS::RDS::DBInstance
#     - AWS::RDS::DBCluster
#   reads:
#     - BackupRetentionPeriod
#     - DBClusterIdentifier
#   remediation: Set BackupRetentionPeriod to 7 or more.
#   hygiene: true
#   references: []
package plumbline.aws.rds.backup

import data.plumbline.lib

deny contains violation if {
	days := to_number(lib.value(input.resource, ["BackupRetentionPeriod"], 1))
	days < 7
	not of_cluster
	violation := {
		"message": sprintf("Database %s keeps backups for %v days", [input.resource.Name, days]),
		"path": "BackupRetentionPeriod",
		"facts": {"BackupRetentionPeriod": days},
	}
}

of_cluster if {
	input.resource.Type == "AWS::RDS::DBInstance"
	input.resource.Properties.DBClusterIdentifier
}
