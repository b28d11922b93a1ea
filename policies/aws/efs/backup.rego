# METADATA
# title: File systems are backed up
# description: Without backups a file that was deleted or encrypted for ransom is gone.
# related_resources:
#   - https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html
# custom:
#   check_id: PL-EFS-003
#   control: efs-backup
#   severity: low
#   resource_types:
#     - AWS::EFS::FileSystem
#   reads:
#     - BackupPolicy.Status
#   remediation: Set BackupPolicy.Status to ENABLED.
#   hygiene: true
#   references: []
package plumbline.aws.efs.backup

import data.plumbline.lib

deny contains violation if {
	status := lib.value(input.resource, ["BackupPolicy", "Status"], "DISABLED")
	status != "ENABLED"
	violation := {
		"message": sprintf("File system %s is not backed up", [input.resource.Name]),
		"path": "BackupPolicy.Status",
		"facts": {"Status": status},
	}
}
