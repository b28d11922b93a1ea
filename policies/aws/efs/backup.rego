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
#   compliance:
#     SOC2: [A1.2]
#     NIST 800-53: [CP-9, SI-13]
#     HIPAA: [164.308(a)(7)(ii)(A)]
#     GDPR: [32(1)(c)]
#     ISO 27001: [A.8.13]
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
