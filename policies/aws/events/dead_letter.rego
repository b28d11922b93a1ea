# METADATA
# title: Rule targets keep events that cannot be delivered
# description: An event that cannot be delivered within a day is dropped, unless the target has a dead-letter
#   queue.
# related_resources:
#   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
# custom:
#   check_id: PL-EVENTS-002
#   control: events-rule-dead-letter
#   severity: low
#   resource_types:
#     - AWS::Events::Rule
#   reads:
#     - Targets.DeadLetterConfig!
#   remediation: Set DeadLetterConfig.Arn on each target.
#   hygiene: true
#   references: []
package plumbline.aws.events.dead_letter

import data.plumbline.lib

deny contains violation if {
	some i, target in lib.items(input.resource, ["Targets"])
	not target.DeadLetterConfig
	violation := {
		"message": sprintf("Rule %s drops events that it cannot deliver to %s", [input.resource.Name, object.get(target, "Id", "a target")]),
		"path": sprintf("Targets.%d.DeadLetterConfig", [i]),
		"facts": {"target": object.get(target, "Id", null)},
	}
}
