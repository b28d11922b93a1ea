# METADATA
# title: Express state machines log every event with its data
# description: 'The history of an express execution exists in its logs only: without level ALL and execution
#   data nobody can say what it did.'
# related_resources:
#   - https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
# custom:
#   check_id: PL-STATES-003
#   control: stepfunctions-express-logging
#   severity: low
#   resource_types:
#     - AWS::StepFunctions::StateMachine
#   reads:
#     - StateMachineType
#     - LoggingConfiguration.Level
#     - LoggingConfiguration.IncludeExecutionData
#   remediation: Set LoggingConfiguration with Level ALL and IncludeExecutionData true, and limit who reads
#     the log group.
#   hygiene: true
#   references: []
package plumbline.aws.stepfunctions.express_logging

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["StateMachineType"], "STANDARD") == "EXPRESS"
	lib.known_at(input.resource, [["LoggingConfiguration", "Level"], ["LoggingConfiguration", "IncludeExecutionData"]])
	not complete
	violation := {
		"message": sprintf("Express state machine %s does not log what its executions do", [input.resource.Name]),
		"path": "LoggingConfiguration",
		"facts": {"LoggingConfiguration": object.get(input.resource.Properties, "LoggingConfiguration", null)},
	}
}

complete if {
	lib.value(input.resource, ["LoggingConfiguration", "Level"], "OFF") == "ALL"
	lib.is_true(lib.value(input.resource, ["LoggingConfiguration", "IncludeExecutionData"], false))
}
