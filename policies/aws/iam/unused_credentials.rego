# METADATA
# title: Credentials that nobody uses are switched off
# description: What nobody has used for 45 days is missed by nobody but whoever finds it. When a credential
#   was last used is known of live users only.
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html
# custom:
#   check_id: PL-IAM-021
#   control: iam-unused-credentials
#   severity: medium
#   resource_types:
#     - AWS::IAM::User
#   reads:
#     - AccessKeys.Status
#     - AccessKeys.LastUsed
#     - AccessKeys.LastRotated
#     - LoginProfile!
#     - PasswordLastUsed
#   remediation: Deactivate the key, or remove the password, and delete it when nobody complains.
#   hygiene: false
#   references: []
package plumbline.aws.iam.unused_credentials

import data.plumbline.lib

deny contains violation if {
	some i, key in lib.items(input.resource, ["AccessKeys"])
	key.Status == "Active"
	days := days_since(last_sign(key))
	days > most_days
	violation := {
		"message": sprintf("User %s has an access key that nobody has used for %d days", [input.resource.Name, floor(days)]),
		"path": sprintf("AccessKeys.%d", [i]),
		"facts": {"LastUsed": object.get(key, "LastUsed", null), "most_days": most_days},
	}
}

deny contains violation if {
	lib.value(input.resource, ["LoginProfile"], null) != null
	used := lib.value(input.resource, ["PasswordLastUsed"], "")
	days := days_since(used)
	days > most_days
	violation := {
		"message": sprintf("User %s has a password that nobody has used for %d days", [input.resource.Name, floor(days)]),
		"path": "LoginProfile",
		"facts": {"PasswordLastUsed": used, "most_days": most_days},
	}
}

# A key that was never used counts from the day it was made.
last_sign(key) := key.LastUsed if dated(key.LastUsed)

last_sign(key) := key.LastRotated if not dated(object.get(key, "LastUsed", ""))

dated(text) if regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T`, text)

days_since(text) := (time.parse_rfc3339_ns(input.now) - time.parse_rfc3339_ns(text)) / day_ns if dated(text)

# Source: CIS AWS Foundations 3.0, 1.12.
most_days := 45

day_ns := (24 * 3600) * 1000000000
