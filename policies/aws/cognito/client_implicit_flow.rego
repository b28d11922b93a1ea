# METADATA
# title: App clients do not use the implicit grant
# description: The implicit grant puts tokens into the address of a page, where history, logs and scripts
#   read them; RFC 9700 forbids it.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints-oauth-grants.html
# custom:
#   check_id: PL-COGNITO-008
#   control: cognito-client-implicit-flow
#   severity: medium
#   resource_types:
#     - AWS::Cognito::UserPoolClient
#   reads:
#     - AllowedOAuthFlows
#     - AllowedOAuthFlowsUserPoolClient
#   remediation: Use the code flow with PKCE.
#   hygiene: false
#   references: []
package plumbline.aws.cognito.client_implicit_flow

import data.plumbline.lib

deny contains violation if {
	"implicit" in lib.items(input.resource, ["AllowedOAuthFlows"])
	not switched_off
	violation := {
		"message": sprintf("App client %s uses the implicit grant", [input.resource.Name]),
		"path": "AllowedOAuthFlows",
		"facts": {"AllowedOAuthFlows": "implicit"},
	}
}

# The flows count for nothing while OAuth is off; unknown is taken for on by saying nothing here.
switched_off if lib.off(input.resource, ["AllowedOAuthFlowsUserPoolClient"])

switched_off if lib.unknown(object.get(input.resource.Properties, "AllowedOAuthFlowsUserPoolClient", null))
