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
#   compliance:
#     SOC2: [CC7.2]
#     NIST 800-53: [AU-2, AU-12]
#     PCI DSS: [10.2.1]
#     HIPAA: [164.312(b)]
#     ISO 27001: [A.8.15]
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
