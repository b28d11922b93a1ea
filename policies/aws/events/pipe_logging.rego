# METADATA
# title: Pipes log their errors
# description: Without logs nobody can say which events a pipe dropped, and why.
# related_resources:
#   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs.html
# custom:
#   check_id: PL-PIPES-001
#   control: pipes-logging
#   severity: low
#   resource_types:
#     - AWS::Pipes::Pipe
#   reads:
#     - LogConfiguration.Level
#   remediation: Set LogConfiguration with Level ERROR and a log group.
#   hygiene: true
#   references: []
package plumbline.aws.events.pipe_logging

import data.plumbline.lib

deny contains violation if {
	level := lib.value(input.resource, ["LogConfiguration", "Level"], "OFF")
	level == "OFF"
	violation := {
		"message": sprintf("Pipe %s does not log", [input.resource.Name]),
		"path": "LogConfiguration.Level",
		"facts": {"Level": level},
	}
}
