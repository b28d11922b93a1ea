# METADATA
# title: GraphQL APIs trace their requests with X-Ray
# description: Without tracing nobody can follow a request from the API to what it touched.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/x-ray-tracing.html
# custom:
#   check_id: PL-APPSYNC-006
#   control: appsync-tracing
#   severity: low
#   resource_types:
#     - AWS::AppSync::GraphQLApi
#   reads:
#     - XrayEnabled
#   remediation: Set XrayEnabled to true.
#   hygiene: true
#   references: []
package plumbline.aws.appsync.tracing

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["XrayEnabled"])
	violation := {
		"message": sprintf("GraphQL API %s does not trace its requests", [input.resource.Name]),
		"path": "XrayEnabled",
		"facts": {"XrayEnabled": false},
	}
}
