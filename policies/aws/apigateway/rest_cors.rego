# METADATA
# title: REST API methods answer named web origins
# description: Access-Control-Allow-Origin * lets the pages of every origin read the answers.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
# custom:
#   check_id: PL-APIGATEWAY-022
#   control: apigateway-cors
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::Method
#   reads:
#     - Integration.IntegrationResponses.ResponseParameters
#   remediation: Name the origin of your own pages in method.response.header.Access-Control-Allow-Origin.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.rest_cors

import data.plumbline.lib

deny contains violation if {
	some i, response in lib.as_array(object.get(input.resource.Properties, ["Integration", "IntegrationResponses"], []))
	some name, origin in response.ResponseParameters
	lower(name) == "method.response.header.access-control-allow-origin"
	origin == "'*'"
	violation := {
		"message": sprintf("Method %s answers pages of every origin", [input.resource.Name]),
		"path": sprintf("Integration.IntegrationResponses.%d.ResponseParameters", [i]),
		"facts": {"Access-Control-Allow-Origin": "*"},
	}
}
