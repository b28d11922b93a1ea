# METADATA
# title: User pools offer or require MFA
# description: A password alone is guessed, reused and phished; a pool with MFA off gives nobody a second
#   factor.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
# custom:
#   check_id: PL-COGNITO-001
#   control: cognito-mfa
#   severity: medium
#   resource_types:
#     - AWS::Cognito::UserPool
#   reads:
#     - MfaConfiguration
#   remediation: Set MfaConfiguration to ON, or OPTIONAL with EnabledMfas.
#   hygiene: false
#   references: []
package plumbline.aws.cognito.mfa

import data.plumbline.lib

deny contains violation if {
	mfa := lib.value(input.resource, ["MfaConfiguration"], "OFF")
	mfa in {"OFF", "false", false} # YAML 1.1 reads a bare OFF as false
	violation := {
		"message": sprintf("User pool %s offers no second factor", [input.resource.Name]),
		"path": "MfaConfiguration",
		"facts": {"MfaConfiguration": mfa},
	}
}
