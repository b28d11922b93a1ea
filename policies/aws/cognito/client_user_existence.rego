# METADATA
# title: App clients do not tell whether a user exists
# description: Without it the answer to a wrong sign-in says whether the name is registered, which gives
#   lists of customers away.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
# custom:
#   check_id: PL-COGNITO-009
#   control: cognito-client-user-existence
#   severity: low
#   resource_types:
#     - AWS::Cognito::UserPoolClient
#   reads:
#     - PreventUserExistenceErrors
#   remediation: Set PreventUserExistenceErrors to ENABLED.
#   hygiene: true
#   references: []
package plumbline.aws.cognito.client_user_existence

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["PreventUserExistenceErrors"], "LEGACY") != "ENABLED"
	violation := {
		"message": sprintf("App client %s tells who is registered", [input.resource.Name]),
		"path": "PreventUserExistenceErrors",
		"facts": {"PreventUserExistenceErrors": "LEGACY"},
	}
}
