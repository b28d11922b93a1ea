# METADATA
# title: Access points of file systems enforce a user
# description: Without an enforced user a function acts as whatever user it says it is, root included.
# related_resources:
#   - https://docs.aws.amazon.com/efs/latest/ug/enforce-identity-access-points.html
# custom:
#   check_id: PL-EFS-004
#   control: efs-access-point-user
#   severity: medium
#   resource_types:
#     - AWS::EFS::AccessPoint
#   reads:
#     - PosixUser!
#   remediation: Set PosixUser with a Uid and a Gid other than 0.
#   hygiene: false
#   references: []
package plumbline.aws.efs.access_point_user

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["PosixUser"])
	violation := {
		"message": sprintf("Access point %s enforces no user", [input.resource.Name]),
		"path": "PosixUser",
		"facts": {"PosixUser": null},
	}
}
