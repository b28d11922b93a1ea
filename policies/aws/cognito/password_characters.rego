# METADATA
# title: User pools require several kinds of characters
# description: A policy that names a length and no kinds of characters accepts words. Pools without a policy
#   require all four kinds.
# related_resources:
#   - https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
# custom:
#   check_id: PL-COGNITO-013
#   control: cognito-password-characters
#   severity: low
#   resource_types:
#     - AWS::Cognito::UserPool
#   reads:
#     - Policies.PasswordPolicy.RequireLowercase
#     - Policies.PasswordPolicy.RequireUppercase
#     - Policies.PasswordPolicy.RequireNumbers
#     - Policies.PasswordPolicy.RequireSymbols
#   remediation: Set RequireLowercase, RequireUppercase, RequireNumbers and RequireSymbols to true.
#   hygiene: true
#   references: []
package plumbline.aws.cognito.password_characters

import data.plumbline.lib

deny contains violation if {
	not lib.absent(input.resource, ["Policies", "PasswordPolicy"])
	missing := [kind |
		some kind in ["RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols"]
		lib.off(input.resource, ["Policies", "PasswordPolicy", kind])
	]
	missing != []
	violation := {
		"message": sprintf("User pool %s accepts passwords of few kinds of characters: lacks %s", [input.resource.Name, concat(", ", missing)]),
		"path": "Policies.PasswordPolicy",
		"facts": {"missing": missing},
	}
}
