# METADATA
# title: HTTP APIs answer named web origins
# description: An allowed origin of * lets the pages of every origin read the answers that need no credentials.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
# custom:
#   check_id: PL-APIGATEWAY-023
#   control: apigatewayv2-cors-origin
#   severity: low
#   resource_types:
#     - AWS::ApiGatewayV2::Api
#   reads:
#     - CorsConfiguration.AllowOrigins
#   remediation: List the origins of your own pages in CorsConfiguration.AllowOrigins.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.http_cors_origin

import data.plumbline.lib

deny contains violation if {
	some i, origin in lib.items(input.resource, ["CorsConfiguration", "AllowOrigins"])
	origin in {"*", "http://*", "https://*"}
	violation := {
		"message": sprintf("API %s answers pages of every origin", [input.resource.Name]),
		"path": sprintf("CorsConfiguration.AllowOrigins.%d", [i]),
		"facts": {"AllowOrigins": origin},
	}
}
