# METADATA
# title: Roles that nobody uses are removed
# description: What a role may do stays possible for whoever can take it, long after its program is gone.
#   When a role was last used is known of live roles only, for 400 days.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage_delete.html
# custom:
#   check_id: PL-IAM-033
#   control: iam-unused-role
#   severity: low
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - RoleLastUsed.LastUsedDate
#   remediation: Remove the role once its owner agrees.
#   hygiene: true
#   references: []
package plumbline.aws.iam.unused_role

import data.plumbline.lib

deny contains violation if {
	used := lib.value(input.resource, ["RoleLastUsed", "LastUsedDate"], "")
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T`, used)
	days := (time.parse_rfc3339_ns(input.now) - time.parse_rfc3339_ns(used)) / day_ns
	days > most_days
	violation := {
		"message": sprintf("Nobody has used role %s for %d days", [input.resource.Name, floor(days)]),
		"path": "RoleName",
		"facts": {"LastUsedDate": used, "most_days": most_days},
	}
}

# A quarter: longer than any holiday, shorter than a yearly job.
most_days := 90

day_ns := (24 * 3600) * 1000000000
