# METADATA
# title: GraphQL APIs log errors of their fields
# description: Without field logs nobody can say afterwards who queried what.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/monitoring.html
# custom:
#   check_id: PL-APPSYNC-001
#   control: appsync-logging
#   severity: low
#   resource_types:
#     - AWS::AppSync::GraphQLApi
#   reads:
#     - LogConfig.FieldLogLevel
#   remediation: Set LogConfig with FieldLogLevel ERROR or ALL and a role.
#   hygiene: false
#   references:
#     - CKV_AWS_193
#     - CKV_AWS_194
package plumbline.aws.appsync.logging

import data.plumbline.lib

deny contains violation if {
	level := lib.value(input.resource, ["LogConfig", "FieldLogLevel"], "NONE")
	level == "NONE"
	violation := {
		"message": sprintf("GraphQL API %s does not log its fields", [input.resource.Name]),
		"path": "LogConfig.FieldLogLevel",
		"facts": {"FieldLogLevel": level},
	}
}
