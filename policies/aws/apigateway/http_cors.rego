# METADATA
# title: HTTP APIs do not allow every web origin with credentials
# description: Pages of any origin that may send credentials act as their visitor. API Gateway refuses
#   the plain combination with *, but not patterns such as https://*.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
# custom:
#   check_id: PL-APIGATEWAY-011
#   control: apigatewayv2-cors
#   severity: medium
#   resource_types:
#     - AWS::ApiGatewayV2::Api
#   reads:
#     - CorsConfiguration.AllowCredentials
#     - CorsConfiguration.AllowOrigins
#   remediation: List the origins of your own pages in CorsConfiguration.AllowOrigins.
#   hygiene: false
#   references: []
package plumbline.aws.apigateway.http_cors

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["CorsConfiguration", "AllowCredentials"], false))
	some origin in lib.items(input.resource, ["CorsConfiguration", "AllowOrigins"])
	origin in {"*", "http://*", "https://*"}
	violation := {
		"message": sprintf("API %s answers pages of every origin with credentials", [input.resource.Name]),
		"path": "CorsConfiguration.AllowOrigins",
		"facts": {"AllowOrigins": origin},
	}
}
