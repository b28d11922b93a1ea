# METADATA
# title: REST API stages log access
# description: Without access logs nobody can say afterwards who called what.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
# custom:
#   check_id: PL-APIGATEWAY-002
#   control: apigateway-access-logging
#   severity: medium
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - AccessLogSetting.DestinationArn
#   remediation: Set AccessLogSetting with a log group and a format.
#   hygiene: false
#   references:
#     - CKV_AWS_76
package plumbline.aws.apigateway.access_logging

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["AccessLogSetting", "DestinationArn"], "") in {"", null}
	violation := {
		"message": sprintf("Stage %s does not log access", [input.resource.Name]),
		"path": "AccessLogSetting",
		"facts": {"DestinationArn": null},
	}
}
