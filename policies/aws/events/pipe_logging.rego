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
#   compliance:
#     SOC2: [CC7.2]
#     NIST 800-53: [AU-2, AU-12]
#     PCI DSS: [10.2.1]
#     HIPAA: [164.312(b)]
#     ISO 27001: [A.8.15]
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
