# METADATA
# title: REST APIs without a domain of their own require TLS 1.2 or later
# description: Unless a security policy says otherwise, the default endpoint of a REST API that is not private
#   takes callers with TLS 1.0, which RFC 8996 deprecates. (APIs behind a domain should close the default
#   endpoint, which PL-APIGATEWAY-019 asks for.)
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html
# custom:
#   check_id: PL-APIGATEWAY-032
#   control: apigateway-endpoint-tls
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::RestApi
#   reads:
#     - SecurityPolicy
#     - DisableExecuteApiEndpoint
#     - EndpointConfiguration.Types
#     - Body.x-amazon-apigateway-security-policy
#     - related.AWS::ApiGateway::BasePathMapping
#   remediation: Set SecurityPolicy to one that starts with SecurityPolicy_TLS13 and EndpointAccessMode to STRICT.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.endpoint_tls

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["DisableExecuteApiEndpoint"])
	lib.none_related("AWS::ApiGateway::BasePathMapping")
	not private
	policy in weak
	violation := {
		"message": sprintf("API %s accepts TLS 1.0 at its default endpoint", [input.resource.Name]),
		"path": "SecurityPolicy",
		"facts": {"SecurityPolicy": policy},
	}
}

weak := {"SSL_3_0", "TLS_1_0", "TLS_1_1"}

policy := lib.value(input.resource, ["SecurityPolicy"], imported)

# What an OpenAPI document says, and what API Gateway takes without it, from the documentation above.
imported := lib.value(input.resource, ["Body", "x-amazon-apigateway-security-policy"], "TLS_1_0")

private if "PRIVATE" in lib.items(input.resource, ["EndpointConfiguration", "Types"])
