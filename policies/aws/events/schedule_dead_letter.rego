# METADATA
# title: Schedules keep invocations that fail
# description: An invocation that fails until its retries end is dropped, unless the schedule has a dead-letter
#   queue.
# related_resources:
#   - https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
# custom:
#   check_id: PL-SCHEDULER-001
#   control: scheduler-dead-letter
#   severity: low
#   resource_types:
#     - AWS::Scheduler::Schedule
#   reads:
#     - Target.DeadLetterConfig!
#   remediation: Set Target.DeadLetterConfig.Arn to a queue.
#   hygiene: true
#   references: []
package plumbline.aws.events.schedule_dead_letter

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["Target", "DeadLetterConfig"])
	violation := {
		"message": sprintf("Schedule %s drops invocations that fail", [input.resource.Name]),
		"path": "Target.DeadLetterConfig",
		"facts": {"DeadLetterConfig": null},
	}
}
