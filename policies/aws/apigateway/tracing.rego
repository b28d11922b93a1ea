# METADATA
# title: REST API stages trace their requests with X-Ray
# description: Without tracing nobody can follow a request from the API to what it touched.
# related_resources:
#   - https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-xray.html
# custom:
#   check_id: PL-APIGATEWAY-003
#   control: apigateway-tracing
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::Stage
#   reads:
#     - TracingEnabled
#   remediation: Set TracingEnabled to true.
#   hygiene: true
#   references:
#     - CKV_AWS_73
package plumbline.aws.apigateway.tracing

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["TracingEnabled"])
	violation := {
		"message": sprintf("Stage %s does not trace its requests", [input.resource.Name]),
		"path": "TracingEnabled",
		"facts": {"TracingEnabled": false},
	}
}
