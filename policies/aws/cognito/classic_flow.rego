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
#   compliance:
#     SOC2: [CC6.3]
#     NIST 800-53: [AC-6]
#     PCI DSS: [7.2.2]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [32(1)(b)]
#     ISO 27001: [A.5.15, A.8.2]
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
