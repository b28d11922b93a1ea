# METADATA
# title: User pools act on suspicious sign-ins
# description: Threat protection blocks sign-ins with leaked passwords and from unlikely places; audit
#   mode only counts them.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-threat-protection.html
# custom:
#   check_id: PL-COGNITO-003
#   control: cognito-threat-protection
#   severity: low
#   resource_types:
#     - AWS::Cognito::UserPool
#   reads:
#     - UserPoolAddOns.AdvancedSecurityMode
#   remediation: Set UserPoolAddOns.AdvancedSecurityMode to ENFORCED (a paid feature of the Plus plan).
#   hygiene: true
#   references: []
package plumbline.aws.cognito.threat_protection

import data.plumbline.lib

deny contains violation if {
	mode := lib.value(input.resource, ["UserPoolAddOns", "AdvancedSecurityMode"], "OFF")
	mode != "ENFORCED"
	violation := {
		"message": sprintf("User pool %s does not act on suspicious sign-ins", [input.resource.Name]),
		"path": "UserPoolAddOns.AdvancedSecurityMode",
		"facts": {"AdvancedSecurityMode": mode},
	}
}
