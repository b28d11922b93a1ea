# METADATA
# title: Databases take minor versions automatically
# description: Minor versions carry the engine's security fixes.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html
# custom:
#   check_id: PL-RDS-007
#   control: rds-minor-upgrades
#   severity: low
#   resource_types:
#     - AWS::RDS::DBInstance
#   reads:
#     - AutoMinorVersionUpgrade
#   remediation: Leave AutoMinorVersionUpgrade on.
#   hygiene: false
#   references: []
package plumbline.aws.rds.minor_upgrades

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AutoMinorVersionUpgrade"], true) in {false, "false"}
	violation := {
		"message": sprintf("Database %s waits for somebody to install minor versions", [input.resource.Name]),
		"path": "AutoMinorVersionUpgrade",
		"facts": {"AutoMinorVersionUpgrade": false},
	}
}
