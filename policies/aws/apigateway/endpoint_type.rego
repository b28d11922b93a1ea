# METADATA
# title: REST APIs and their domains state a kind of endpoint
# description: 'Without a kind an API becomes edge-optimized: its traffic passes through CloudFront distributions
#   of AWS, whose location, TLS and firewall the account cannot set.'
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html
# custom:
#   check_id: PL-APIGATEWAY-029
#   control: apigateway-endpoint-type
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::DomainName
#     - AWS::ApiGateway::RestApi
#   reads:
#     - EndpointConfiguration.Types
#   remediation: Set EndpointConfiguration.Types to REGIONAL, PRIVATE or, on purpose, EDGE.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.endpoint_type

import data.plumbline.lib

deny contains violation if {
	types := object.get(input.resource.Properties, ["EndpointConfiguration", "Types"], [])
	lib.known_at(input.resource, [["EndpointConfiguration", "Types"]])
	not stated(types)
	violation := {
		"message": sprintf("%s leaves the kind of its endpoint to the default", [input.resource.Name]),
		"path": "EndpointConfiguration.Types",
		"facts": {"Types": types},
	}
}

stated(types) if lib.doubtful(types)

stated(types) if {
	some kind in lib.as_array(types)
	kind in {"REGIONAL", "EDGE", "PRIVATE"}
}
