# METADATA
# title: Identity pools use the enhanced flow only
# description: In the classic flow the caller chooses the role and no session policy narrows what guests
#   may do.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow.html
# custom:
#   check_id: PL-COGNITO-005
#   control: cognito-classic-flow
#   severity: medium
#   resource_types:
#     - AWS::Cognito::IdentityPool
#   reads:
#     - AllowClassicFlow
#   remediation: Set AllowClassicFlow to false.
#   hygiene: false
#   references: []
package plumbline.aws.cognito.classic_flow

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["AllowClassicFlow"], false))
	violation := {
		"message": sprintf("Identity pool %s allows the classic flow", [input.resource.Name]),
		"path": "AllowClassicFlow",
		"facts": {"AllowClassicFlow": true},
	}
}
