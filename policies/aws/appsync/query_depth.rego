# METADATA
# title: GraphQL APIs limit the depth of queries
# description: A query nested without bound makes one request do the work of thousands.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/security-best-practices.html
# custom:
#   check_id: PL-APPSYNC-009
#   control: appsync-query-depth
#   severity: low
#   resource_types:
#     - AWS::AppSync::GraphQLApi
#   reads:
#     - QueryDepthLimit
#   remediation: Set QueryDepthLimit to the depth your clients use, and ResolverCountLimit.
#   hygiene: true
#   references: []
package plumbline.aws.appsync.query_depth

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["QueryDepthLimit"], 0) in {0, "0", null}
	violation := {
		"message": sprintf("GraphQL API %s accepts queries of any depth", [input.resource.Name]),
		"path": "QueryDepthLimit",
		"facts": {"QueryDepthLimit": 0},
	}
}
