# METADATA
# title: Public GraphQL APIs do not describe their schema to callers
# description: Introspection hands out every type, query and mutation of the API, which is where an attack
#   begins. Clients in production do not need it.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/graphql-overview.html
# custom:
#   check_id: PL-APPSYNC-008
#   control: appsync-introspection
#   severity: low
#   resource_types:
#     - AWS::AppSync::GraphQLApi
#   reads:
#     - IntrospectionConfig
#     - Visibility
#   remediation: Set IntrospectionConfig to DISABLED.
#   hygiene: true
#   references: []
package plumbline.aws.appsync.introspection

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["IntrospectionConfig"], "ENABLED") in {"ENABLED", null}
	lib.value(input.resource, ["Visibility"], "GLOBAL") != "PRIVATE"
	violation := {
		"message": sprintf("GraphQL API %s describes its schema to every caller", [input.resource.Name]),
		"path": "IntrospectionConfig",
		"facts": {"IntrospectionConfig": "ENABLED"},
	}
}
