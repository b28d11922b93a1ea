# METADATA
# title: APIs behind a domain of their own close their default endpoint
# description: Callers who know the API's id reach it at execute-api past the domain, and so past its mutual
#   TLS, its minimum TLS version and whatever stands before it.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html
# custom:
#   check_id: PL-APIGATEWAY-019
#   control: apigateway-execute-endpoint
#   severity: medium
#   resource_types:
#     - AWS::ApiGateway::RestApi
#     - AWS::ApiGatewayV2::Api
#   reads:
#     - DisableExecuteApiEndpoint
#     - related.AWS::ApiGateway::BasePathMapping
#     - related.AWS::ApiGatewayV2::ApiMapping
#   remediation: Set DisableExecuteApiEndpoint to true once no caller uses the default endpoint.
#   hygiene: false
#   references: []
package plumbline.aws.apigateway.execute_endpoint

import data.plumbline.lib

deny contains violation if {
	some kind in ["AWS::ApiGateway::BasePathMapping", "AWS::ApiGatewayV2::ApiMapping"]
	some mapping in lib.related(kind)
	lib.off(input.resource, ["DisableExecuteApiEndpoint"])
	violation := {
		"message": sprintf("API %s has a domain of its own and answers at its default endpoint as well", [input.resource.Name]),
		"path": "DisableExecuteApiEndpoint",
		"facts": {"mapping": mapping.uid},
	}
}
