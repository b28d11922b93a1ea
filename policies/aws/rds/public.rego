# METADATA
# title: Databases have no public address
# description: A database with a public address is one rule of a security group from the internet.
# related_resources:
#   - https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
# custom:
#   check_id: PL-RDS-004
#   control: rds-public
#   severity: high
#   resource_types:
#     - AWS::RDS::DBInstance
#     - AWS::RDS::DBCluster
#   reads:
#     - PubliclyAccessible
#   remediation: Set PubliclyAccessible to false.
#   hygiene: false
#   references: []
package plumbline.aws.rds.public

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["PubliclyAccessible"], false))
	violation := {
		"message": sprintf("Database %s has a public address", [input.resource.Name]),
		"path": "PubliclyAccessible",
		"facts": {"PubliclyAccessible": true},
	}
}
