# METADATA
# title: Database passwords are not written in templates
# description: A password in a template is readable by everyone who may read the repository, its
#   history, or the stack.
# related_resources:
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/integrating_how-services-use-secrets_RS.html
# custom:
#   check_id: PL-RDS-005
#   control: database-password-literal
#   severity: high
#   resource_types:
#     - AWS::RDS::DBInstance
#     - AWS::RDS::DBCluster
#     - AWS::Redshift::Cluster
#     - AWS::RedshiftServerless::Namespace
#     - AWS::DocDB::DBCluster
#   reads:
#     - MasterUserPassword
#     - AdminUserPassword
#   remediation: Set ManageMasterUserPassword (ManageAdminPassword of Redshift Serverless) to true;
#     rotate the password that was written down.
#   hygiene: false
#   references: []
package plumbline.aws.rds.password

import data.plumbline.lib

deny contains violation if {
	some property in ["AdminUserPassword", "MasterUserPassword"]
	text := lib.value(input.resource, [property], "")
	startswith(text, "secret:")
	violation := {
		"message": sprintf("The password of %s is written in the template", [input.resource.Name]),
		"path": property,
		"facts": {"why": "a literal value"},
	}
}
