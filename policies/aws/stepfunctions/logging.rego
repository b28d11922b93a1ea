# METADATA
# title: State machines log their executions
# description: Without logs nobody can say afterwards what an execution did; the history of express
#   executions exists nowhere else.
# related_resources:
#   - https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
# custom:
#   check_id: PL-STATES-001
#   control: stepfunctions-logging
#   severity: low
#   resource_types:
#     - AWS::StepFunctions::StateMachine
#   reads:
#     - LoggingConfiguration.Level
#   remediation: Set LoggingConfiguration with Level ERROR or ALL and a log group.
#   hygiene: false
#   references: []
package plumbline.aws.stepfunctions.logging

import data.plumbline.lib

deny contains violation if {
	level := lib.value(input.resource, ["LoggingConfiguration", "Level"], "OFF")
	level == "OFF"
	violation := {
		"message": sprintf("State machine %s does not log its executions", [input.resource.Name]),
		"path": "LoggingConfiguration.Level",
		"facts": {"Level": level},
	}
}
