# METADATA
# title: Warehouses have no public address
# description: A warehouse with a public address is one rule of a security group from the internet.
# related_resources:
#   - https://docs.aws.amazon.com/redshift/latest/mgmt/managing-clusters-vpc.html
# custom:
#   check_id: PL-REDSHIFT-003
#   control: redshift-public
#   severity: high
#   resource_types:
#     - AWS::Redshift::Cluster
#     - AWS::RedshiftServerless::Workgroup
#   reads:
#     - PubliclyAccessible
#   remediation: Set PubliclyAccessible to false.
#   hygiene: false
#   references: []
package plumbline.aws.redshift.public

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["PubliclyAccessible"], false))
	violation := {
		"message": sprintf("Warehouse %s has a public address", [input.resource.Name]),
		"path": "PubliclyAccessible",
		"facts": {"PubliclyAccessible": true},
	}
}
