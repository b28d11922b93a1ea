# METADATA
# title: App clients do not send passwords themselves
# description: In the USER_PASSWORD_AUTH flow the app handles the password and sends it; with SRP or the
#   hosted pages the app never has it.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
# custom:
#   check_id: PL-COGNITO-007
#   control: cognito-client-password-flow
#   severity: medium
#   resource_types:
#     - AWS::Cognito::UserPoolClient
#   reads:
#     - ExplicitAuthFlows
#   remediation: Remove ALLOW_USER_PASSWORD_AUTH; use ALLOW_USER_SRP_AUTH or the hosted pages.
#   hygiene: false
#   references: []
package plumbline.aws.cognito.client_password_flow

import data.plumbline.lib

deny contains violation if {
	some flow in lib.items(input.resource, ["ExplicitAuthFlows"])
	flow in {"ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"}
	violation := {
		"message": sprintf("App client %s takes plain passwords", [input.resource.Name]),
		"path": "ExplicitAuthFlows",
		"facts": {"flow": flow},
	}
}
