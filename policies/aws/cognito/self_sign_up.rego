# METADATA
# title: User pools let administrators create users
# description: With self sign-up everyone can become a user, and whatever trusts every user of the pool
#   trusts everyone. Right for a shop, wrong for a back office.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-admin-create-user-policy.html
# custom:
#   check_id: PL-COGNITO-012
#   control: cognito-self-sign-up
#   severity: low
#   resource_types:
#     - AWS::Cognito::UserPool
#   reads:
#     - AdminCreateUserConfig.AllowAdminCreateUserOnly
#   remediation: Set AdminCreateUserConfig.AllowAdminCreateUserOnly to true, or accept the risk where customers
#     register.
#   hygiene: true
#   references: []
package plumbline.aws.cognito.self_sign_up

import data.plumbline.lib

deny contains violation if {
	lib.off(input.resource, ["AdminCreateUserConfig", "AllowAdminCreateUserOnly"])
	violation := {
		"message": sprintf("Everyone can register in user pool %s", [input.resource.Name]),
		"path": "AdminCreateUserConfig.AllowAdminCreateUserOnly",
		"facts": {"AllowAdminCreateUserOnly": false},
	}
}
