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
#     - AccessLogSettings.Format
#   remediation: Set AccessLogSettings with a log group and a format.
#   hygiene: false
#   references:
#     - CKV_AWS_95
#     - CKV_AWS_76
package plumbline.aws.apigateway.http_access_logging

import data.plumbline.lib

deny contains violation if {
	some property in ["DestinationArn", "Format"]
	not text(lib.value(input.resource, ["AccessLogSettings", property], ""))
	lib.known_at(input.resource, [["AccessLogSettings", property]])
	violation := {
		"message": sprintf("Stage %s does not log access: AccessLogSettings has no %s", [input.resource.Name, property]),
		"path": "AccessLogSettings",
		"facts": {property: null},
	}
}

# What is given as JSON is an object once it is read.
text(value) if {
	is_string(value)
	value != ""
}

text(value) if is_object(value)
