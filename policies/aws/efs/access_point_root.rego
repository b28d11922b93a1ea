# METADATA
# title: Access points of file systems enforce a directory
# description: An access point to / shows a function the files of all others.
# related_resources:
#   - https://docs.aws.amazon.com/efs/latest/ug/enforce-root-directory-access-point.html
# custom:
#   check_id: PL-EFS-005
#   control: efs-access-point-root
#   severity: medium
#   resource_types:
#     - AWS::EFS::AccessPoint
#   reads:
#     - RootDirectory.Path
#   remediation: Set RootDirectory.Path to a directory of the function.
#   hygiene: false
#   references: []
package plumbline.aws.efs.access_point_root

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["RootDirectory", "Path"], "/") == "/"
	violation := {
		"message": sprintf("Access point %s shows the whole file system", [input.resource.Name]),
		"path": "RootDirectory.Path",
		"facts": {"Path": "/"},
	}
}
