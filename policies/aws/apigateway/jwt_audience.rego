# METADATA
# title: JWT authorizers accept tokens for named audiences only
# description: Without an audience the API accepts every token of the issuer, those meant for other applications
#   included.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
# custom:
#   check_id: PL-APIGATEWAY-021
#   control: apigatewayv2-jwt-audience
#   severity: high
#   resource_types:
#     - AWS::ApiGatewayV2::Authorizer
#   reads:
#     - AuthorizerType
#     - JwtConfiguration.Audience!
#   remediation: List the client ids in JwtConfiguration.Audience.
#   hygiene: false
#   references: []
package plumbline.aws.apigateway.jwt_audience

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AuthorizerType"], "") == "JWT"
	lib.value(input.resource, ["JwtConfiguration", "Audience"], []) in [[], null]
	violation := {
		"message": sprintf("Authorizer %s accepts tokens that were issued for other applications", [input.resource.Name]),
		"path": "JwtConfiguration.Audience",
		"facts": {"Audience": []},
	}
}
