# METADATA
# title: REST API stages keep request bodies out of their logs
# description: Data tracing writes whole requests and answers, with the tokens and personal data in them,
#   to CloudWatch Logs; AWS advises against it in production.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
# custom:
#   check_id: PL-APIGATEWAY-013
#   control: apigateway-data-trace
#   severity: medium
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - MethodSettings.DataTraceEnabled
#   remediation: Set DataTraceEnabled to false; use access logs with chosen fields instead.
#   hygiene: false
#   references:
#     - CKV_AWS_276
package plumbline.aws.apigateway.data_trace

import data.plumbline.lib

deny contains violation if {
	some i, setting in lib.items(input.resource, ["MethodSettings"])
	lib.is_true(setting.DataTraceEnabled)
	violation := {
		"message": sprintf("Stage %s writes whole requests and answers to its logs", [input.resource.Name]),
		"path": sprintf("MethodSettings.%d.DataTraceEnabled", [i]),
		"facts": {"HttpMethod": object.get(setting, "HttpMethod", "*"), "ResourcePath": object.get(setting, "ResourcePath", "/*")},
	}
}
