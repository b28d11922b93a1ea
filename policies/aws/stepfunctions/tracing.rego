# METADATA
# title: State machines trace their executions with X-Ray
# description: Without tracing nobody can follow an execution through the services it calls.
# related_resources:
#   - https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
# custom:
#   check_id: PL-STATES-002
#   control: stepfunctions-tracing
#   severity: low
#   resource_types:
#     - AWS::StepFunctions::StateMachine
#   reads:
#     - TracingConfiguration.Enabled
#   remediation: Set TracingConfiguration.Enabled to true.
#   hygiene: true
#   references: []
package plumbline.aws.stepfunctions.tracing

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["TracingConfiguration", "Enabled"])
	violation := {
		"message": sprintf("State machine %s does not trace its executions", [input.resource.Name]),
		"path": "TracingConfiguration.Enabled",
		"facts": {"Enabled": false},
	}
}
