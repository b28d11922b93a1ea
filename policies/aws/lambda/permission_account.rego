# METADATA
# title: Function permissions admit trusted accounts only
# description: Whoever holds the other account may invoke the function. Accounts that are trusted are a
#   setting (`trusted_accounts`); permissions within your organization are left out.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-cross-account.html
# custom:
#   check_id: PL-LAMBDA-022
#   control: lambda-permission-account
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Permission
#   reads:
#     - Principal
#     - PrincipalOrgID
#   remediation: Name the account in the setting trusted_accounts, or remove the permission.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.permission_account

import data.plumbline.lib

deny contains violation if {
	# YAML reads an account that is not quoted as a number.
	principal := sprintf("%v", [lib.value(input.resource, ["Principal"], "")])
	account := account_in(principal)
	input.resource.Account != ""
	lib.foreign_account(account)
	lib.absent(input.resource, ["PrincipalOrgID"])
	violation := {
		"message": sprintf("Permission %s lets account %s invoke", [input.resource.Name, account]),
		"path": "Principal",
		"facts": {"account": account, "Principal": principal},
	}
}

account_in(principal) := principal if regex.match(`^[0-9]{12}$`, principal)

account_in(principal) := lib.account_of(principal) if startswith(principal, "arn:")
