# METADATA
# title: Secrets that nobody reads are removed
# description: A secret that nobody has read for 90 days opens doors for no purpose, and costs 0.40
#   dollars a month.
# related_resources:
#   - https://docs.aws.amazon.com/secretsmanager/latest/userguide/monitoring_unused-secrets.html
# custom:
#   check_id: PL-SECRETS-007
#   control: secret-unused
#   severity: low
#   resource_types:
#     - AWS::SecretsManager::Secret
#   reads:
#     - LastAccessedDate
#     - LastChangedDate
#   remediation: Delete the secret with a recovery window, after asking its owner.
#   hygiene: true
#   references: []
package plumbline.aws.secretsmanager.unused

import data.plumbline.lib

deny contains violation if {
	input.resource.Live
	last := lib.value(input.resource, ["LastAccessedDate"], lib.value(input.resource, ["LastChangedDate"], ""))
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T.*(Z|[+-][0-9]{2}:[0-9]{2})$`, last)
	days := floor((time.parse_rfc3339_ns(input.now) - time.parse_rfc3339_ns(last)) / day_ns)
	days > longest
	violation := {
		"message": sprintf("Nobody has read secret %s for %d days", [input.resource.Name, days]),
		"path": "LastAccessedDate",
		"facts": {"LastAccessedDate": last, "days": days},
	}
}

day_ns := ((24 * 60) * 60) * 1000000000

# Days. Source: AWS Security Hub, control SecretsManager.3, read 2026-11-24.
longest := 90
