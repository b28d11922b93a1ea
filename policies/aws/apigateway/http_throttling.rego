# METADATA
# title: HTTP API stages limit the rate of requests
# description: Without a limit of its own a stage can use up the account's request quota, stopping every
#   other API, and run up the bill of what stands behind it.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
# custom:
#   check_id: PL-APIGATEWAY-009
#   control: apigatewayv2-throttling
#   severity: low
#   resource_types:
#     - AWS::ApiGatewayV2::Stage
#   reads:
#     - DefaultRouteSettings.ThrottlingRateLimit
#   remediation: Set ThrottlingRateLimit and ThrottlingBurstLimit in DefaultRouteSettings.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.http_throttling

import data.plumbline.lib

deny contains violation if {
	limit := lib.value(input.resource, ["DefaultRouteSettings", "ThrottlingRateLimit"], 0)
	limit in {0, null}
	violation := {
		"message": sprintf("Stage %s has no request limit of its own", [input.resource.Name]),
		"path": "DefaultRouteSettings",
		"facts": {"ThrottlingRateLimit": null},
	}
}
