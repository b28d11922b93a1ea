# METADATA
# title: Functions trace their requests with X-Ray
# description: Without active tracing nobody can say afterwards which service called the function and
#   what it called.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
# custom:
#   check_id: PL-LAMBDA-009
#   control: lambda-tracing
#   severity: low
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - TracingConfig.Mode
#   remediation: Set TracingConfig.Mode to Active and allow the role xray:PutTraceSegments and xray:PutTelemetryRecords.
#   hygiene: true
#   references:
#     - CKV_AWS_50
package plumbline.aws.lambda.tracing

import data.plumbline.lib

deny contains violation if {
	mode := lib.value(input.resource, ["TracingConfig", "Mode"], "PassThrough")
	mode != "Active"
	violation := {
		"message": sprintf("Function %s does not trace its requests", [input.resource.Name]),
		"path": "TracingConfig.Mode",
		"facts": {"Mode": mode},
	}
}
