# METADATA
# title: Secrets rotate at least every 90 days
# description: The longer a secret stays the same, the longer it is useful to whoever once saw it.
# related_resources:
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
# custom:
#   check_id: PL-SECRETS-003
#   control: secret-rotation-interval
#   severity: low
#   resource_types:
#     - AWS::SecretsManager::RotationSchedule
#   reads:
#     - RotationRules.AutomaticallyAfterDays
#     - RotationRules.ScheduleExpression
#   remediation: Set RotationRules.AutomaticallyAfterDays to 90 or less.
#   hygiene: false
#   references:
#     - CKV_AWS_304
package plumbline.aws.secretsmanager.rotation_interval

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["RotationRules", "ScheduleExpression"])
	days := to_number(lib.value(input.resource, ["RotationRules", "AutomaticallyAfterDays"], 0))
	days > longest
	violation := {
		"message": sprintf("Rotation of %s waits %v days", [input.resource.Name, days]),
		"path": "RotationRules.AutomaticallyAfterDays",
		"facts": {"AutomaticallyAfterDays": days},
	}
}

deny contains violation if {
	schedule := lib.value(input.resource, ["RotationRules", "ScheduleExpression"], "")
	regex.match(`^rate\([0-9]+ days?\)$`, schedule)
	to_number(regex.replace(schedule, `[^0-9]`, "")) > longest
	violation := {
		"message": sprintf("Rotation of %s has the schedule %s", [input.resource.Name, schedule]),
		"path": "RotationRules.ScheduleExpression",
		"facts": {"ScheduleExpression": schedule},
	}
}

deny contains violation if {
	lib.absent(input.resource, ["RotationRules", "ScheduleExpression"])
	lib.absent(input.resource, ["RotationRules", "AutomaticallyAfterDays"])
	violation := {
		"message": sprintf("Rotation of %s has no schedule", [input.resource.Name]),
		"path": "RotationRules",
		"facts": {"RotationRules": null},
	}
}

# Days. Source: AWS Security Hub, control SecretsManager.4, read 2026-11-24.
longest := 90
