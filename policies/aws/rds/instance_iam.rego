# METADATA
# title: Database instances take IAM authentication
# description: 'With IAM a function signs in with its role: there is no password to keep, to rotate,
#   or to leak. Engines that do not know it, and instances of a cluster, are left out.'
# related_resources:
#   - https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
# custom:
#   check_id: PL-RDS-001
#   control: rds-instance-iam
#   severity: low
#   resource_types:
#     - AWS::RDS::DBInstance
#   reads:
#     - EnableIAMDatabaseAuthentication
#     - Engine
#     - DBClusterIdentifier
#   remediation: Set EnableIAMDatabaseAuthentication to true.
#   hygiene: false
#   references:
#     - CKV_AWS_161
package plumbline.aws.rds.instance_iam

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["EnableIAMDatabaseAuthentication"])
	lib.absent(input.resource, ["DBClusterIdentifier"])
	not regex.match(`^(custom-)?(oracle|sqlserver|db2)`, lib.value(input.resource, ["Engine"], ""))
	lib.known_at(input.resource, [["Engine"]])
	violation := {
		"message": sprintf("Database instance %s does not take IAM authentication", [input.resource.Name]),
		"path": "EnableIAMDatabaseAuthentication",
		"facts": {"EnableIAMDatabaseAuthentication": false},
	}
}
