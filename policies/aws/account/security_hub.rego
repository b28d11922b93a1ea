# METADATA
# title: AWS Security Hub is on
# description: Security Hub gathers findings of AWS's own detection in one place.
# related_resources:
#   - https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-settingup.html
# custom:
#   check_id: PL-ACCOUNT-006
#   control: account-security-hub
#   severity: low
#   resource_types:
#     - AWS::Account::Region
#   reads:
#     - SecurityHub
#   remediation: Turn Security Hub on in the Region.
#   hygiene: true
#   references: []
package plumbline.aws.account.security_hub

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["SecurityHub"], null) == false
	violation := {
		"message": sprintf("AWS Security Hub is off in %s", [input.resource.Name]),
		"path": "SecurityHub",
		"facts": {"SecurityHub": false},
	}
}
