# METADATA
# title: User pools are protected from deletion
# description: 'A deleted pool takes its users with it: passwords cannot be exported, so every person must
#   register again.'
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-deletion-protection.html
# custom:
#   check_id: PL-COGNITO-006
#   control: cognito-deletion-protection
#   severity: low
#   resource_types:
#     - AWS::Cognito::UserPool
#   reads:
#     - DeletionProtection
#   remediation: Set DeletionProtection to ACTIVE.
#   hygiene: true
#   references: []
package plumbline.aws.cognito.deletion_protection

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["DeletionProtection"], "INACTIVE") != "ACTIVE"
	violation := {
		"message": sprintf("User pool %s can be deleted in one call", [input.resource.Name]),
		"path": "DeletionProtection",
		"facts": {"DeletionProtection": "INACTIVE"},
	}
}
