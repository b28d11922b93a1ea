# METADATA
# title: REST API stages log how requests are executed
# description: Access logs say who called; only execution logs, at level ERROR or INFO, say why a request
#   failed or what its authorizer answered.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
# custom:
#   check_id: PL-APIGATEWAY-012
#   control: apigateway-execution-logging
#   severity: medium
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - MethodSettings.LoggingLevel
#   remediation: Add a MethodSettings entry for ResourcePath /* and HttpMethod * with LoggingLevel ERROR.
#   hygiene: false
#   references:
#     - CKV2_AWS_4
package plumbline.aws.apigateway.execution_logging

import data.plumbline.lib

deny contains violation if {
	logged := [setting |
		some setting in lib.as_array(object.get(input.resource.Properties, "MethodSettings", []))
		decided(setting)
	]
	logged == []
	violation := {
		"message": sprintf("Stage %s does not log the execution of its requests", [input.resource.Name]),
		"path": "MethodSettings",
		"facts": {"LoggingLevel": null},
	}
}

decided(setting) if setting.LoggingLevel in {"ERROR", "INFO"}

decided(setting) if lib.unknown(setting)

decided(setting) if lib.unknown(setting.LoggingLevel)
