# METADATA
# title: Databases span availability zones
# description: A database in one zone is gone for as long as the zone is. (Aurora keeps its data in three zones
#   by itself.)
# related_resources:
#   - https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html
# custom:
#   check_id: PL-RDS-008
#   control: rds-multi-az
#   severity: low
#   resource_types:
#     - AWS::RDS::DBInstance
#   reads:
#     - MultiAZ
#     - Engine
#     - DBClusterIdentifier!
#   remediation: Set MultiAZ to true.
#   hygiene: true
#   references: []
package plumbline.aws.rds.multi_az

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["MultiAZ"])
	lib.absent(input.resource, ["DBClusterIdentifier"])
	not startswith(lower(lib.value(input.resource, ["Engine"], "")), "aurora")
	violation := {
		"message": sprintf("Database %s stands in one availability zone", [input.resource.Name]),
		"path": "MultiAZ",
		"facts": {"MultiAZ": false},
	}
}
