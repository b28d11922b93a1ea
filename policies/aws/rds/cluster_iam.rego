# METADATA
# title: Database clusters take IAM authentication
# description: 'With IAM a function signs in with its role: there is no password to keep, to rotate,
#   or to leak.'
# related_resources:
#   - https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html
# custom:
#   check_id: PL-RDS-002
#   control: rds-cluster-iam
#   severity: low
#   resource_types:
#     - AWS::RDS::DBCluster
#   reads:
#     - EnableIAMDatabaseAuthentication
#   remediation: Set EnableIAMDatabaseAuthentication to true.
#   hygiene: false
#   references:
#     - CKV_AWS_162
package plumbline.aws.rds.cluster_iam

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["EnableIAMDatabaseAuthentication"])
	violation := {
		"message": sprintf("Database cluster %s does not take IAM authentication", [input.resource.Name]),
		"path": "EnableIAMDatabaseAuthentication",
		"facts": {"EnableIAMDatabaseAuthentication": false},
	}
}
