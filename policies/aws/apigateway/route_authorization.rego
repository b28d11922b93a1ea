# METADATA
# title: HTTP API routes authorize their callers
# description: A route with AuthorizationType NONE can be called by anyone on the internet. Preflight
#   requests (OPTIONS) and the messages of a WebSocket connection, which is authorized once at $connect,
#   are left out.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
# custom:
#   check_id: PL-APIGATEWAY-007
#   control: apigatewayv2-authorizer
#   severity: high
#   resource_types:
#     - AWS::ApiGatewayV2::Route
#   reads:
#     - AuthorizationType
#     - RouteKey
#     - ApiKeyRequired
#     - related.AWS::ApiGatewayV2::Api.ProtocolType
#   remediation: Set AuthorizationType to JWT, AWS_IAM or CUSTOM with an authorizer.
#   hygiene: false
#   references:
#     - CKV_AWS_309
package plumbline.aws.apigateway.route_authorization

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AuthorizationType"], "NONE") == "NONE"
	key := lib.value(input.resource, ["RouteKey"], "$default")
	not startswith(key, "OPTIONS ")
	not within_connection(key)
	lib.off(input.resource, ["ApiKeyRequired"])
	violation := {
		"message": sprintf("Route %s lets anyone call: its AuthorizationType is NONE", [key]),
		"path": "AuthorizationType",
		"facts": {"AuthorizationType": "NONE", "RouteKey": key},
	}
}

within_connection(key) if {
	some api in lib.related("AWS::ApiGatewayV2::Api")
	api.Properties.ProtocolType == "WEBSOCKET"
	key != "$connect"
}

# What kind of API it is may not be known; the verdict is then unknown, not a violation.
within_connection(key) if {
	lib.unlisted("AWS::ApiGatewayV2::Api")
	key != "$connect"
}

within_connection(key) if {
	some api in lib.related("AWS::ApiGatewayV2::Api")
	lib.unknown(api.Properties.ProtocolType)
	key != "$connect"
}
