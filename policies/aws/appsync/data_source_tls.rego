# METADATA
# title: GraphQL data sources are called over TLS
# description: An HTTP data source without TLS sends queries and answers in the clear.
# related_resources:
#   - https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-http-resolvers.html
# custom:
#   check_id: PL-APPSYNC-012
#   control: appsync-data-source-tls
#   severity: medium
#   resource_types:
#     - AWS::AppSync::DataSource
#   reads:
#     - HttpConfig.Endpoint
#   remediation: Use an https endpoint.
#   hygiene: false
#   references: []
package plumbline.aws.appsync.data_source_tls

import data.plumbline.lib

deny contains violation if {
	endpoint := lib.value(input.resource, ["HttpConfig", "Endpoint"], "")
	startswith(lower(endpoint), "http://")
	violation := {
		"message": sprintf("Data source %s is called without TLS", [input.resource.Name]),
		"path": "HttpConfig.Endpoint",
		"facts": {"Endpoint": endpoint},
	}
}
