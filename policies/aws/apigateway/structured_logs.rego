# METADATA
# title: API access logs are written as JSON
# description: Log queries and alarms read fields by name from JSON; from free text they read nothing.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
# custom:
#   check_id: PL-APIGATEWAY-024
#   control: apigateway-structured-logs
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::Stage
#     - AWS::ApiGatewayV2::Stage
#   reads:
#     - AccessLogSetting.Format
#     - AccessLogSettings.Format
#   remediation: Write the access log format as a JSON object of $context variables.
#   hygiene: true
#   references: []
package plumbline.aws.apigateway.structured_logs

import data.plumbline.lib

deny contains violation if {
	some property in ["AccessLogSetting", "AccessLogSettings"]
	format := lib.value(input.resource, [property, "Format"], "")
	format != ""
	not startswith(trim_space(format), "{")
	violation := {
		"message": sprintf("Stage %s writes its access log as free text", [input.resource.Name]),
		"path": sprintf("%s.Format", [property]),
		"facts": {"Format": format},
	}
}
