# METADATA
# title: App clients can revoke tokens
# description: Without revocation a stolen refresh token gives new access tokens until it expires, whoever
#   signs out.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html
# custom:
#   check_id: PL-COGNITO-011
#   control: cognito-client-revocation
#   severity: low
#   resource_types:
#     - AWS::Cognito::UserPoolClient
#   reads:
#     - EnableTokenRevocation
#   remediation: Remove EnableTokenRevocation or set it to true.
#   hygiene: true
#   references: []
package plumbline.aws.cognito.client_revocation

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["EnableTokenRevocation"], true) in {false, "false", "False"}
	violation := {
		"message": sprintf("App client %s cannot revoke tokens", [input.resource.Name]),
		"path": "EnableTokenRevocation",
		"facts": {"EnableTokenRevocation": false},
	}
}
