# METADATA
# title: Identity pools give no credentials to guests
# description: With unauthenticated identities everyone on the internet gets AWS credentials for the pool's
#   guest role.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/identity-pools.html
# custom:
#   check_id: PL-COGNITO-004
#   control: cognito-guest-identities
#   severity: high
#   resource_types:
#     - AWS::Cognito::IdentityPool
#   reads:
#     - AllowUnauthenticatedIdentities
#   remediation: Set AllowUnauthenticatedIdentities to false.
#   hygiene: false
#   references:
#     - CKV_AWS_366
package plumbline.aws.cognito.guest_identities

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["AllowUnauthenticatedIdentities"], false))
	violation := {
		"message": sprintf("Identity pool %s gives AWS credentials to anyone", [input.resource.Name]),
		"path": "AllowUnauthenticatedIdentities",
		"facts": {"AllowUnauthenticatedIdentities": true},
	}
}
