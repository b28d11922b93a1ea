# METADATA
# title: HTTP API stages log access
# description: Without access logs nobody can say afterwards who called what.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
# custom:
#   check_id: PL-APIGATEWAY-008
#   control: apigatewayv2-access-logging
#   severity: medium
#   resource_types:
#     - AWS::ApiGatewayV2::Stage
#   reads:
#     - AccessLogSettings.DestinationArn
#   remediation: Set AccessLogSettings with a log group and a format.
#   hygiene: false
#   references:
#     - CKV_AWS_95
#     - CKV_AWS_76
package plumbline.aws.apigateway.http_access_logging

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AccessLogSettings", "DestinationArn"], "") in {"", null}
	violation := {
		"message": sprintf("Stage %s does not log access", [input.resource.Name]),
		"path": "AccessLogSettings",
		"facts": {"DestinationArn": null},
	}
}
