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
#   compliance:
#     SOC2: [CC6.1, CC6.6]
#     NIST 800-53: [AC-3, IA-2]
#     PCI DSS: [8.2.1]
#     HIPAA: [164.312(d)]
#     GDPR: [32(1)(b)]
#     ISO 27001: [A.8.5]
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
