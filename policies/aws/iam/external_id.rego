# METADATA
# title: IAM roles trusted by other accounts require an external id
# description: A third party acts for many customers. Unless the trust policy requires the external
#   id it keeps for you, another of its customers can have it act on your account (confused deputy).
#   Accounts that are trusted are a setting (`trusted_accounts`).
# related_resources:
#   - https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
# custom:
#   check_id: PL-IAM-006
#   control: iam-trust-external-id
#   severity: medium
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - AssumeRolePolicyDocument.Statement.Effect
#     - AssumeRolePolicyDocument.Statement.Principal
#     - AssumeRolePolicyDocument.Statement.Condition
#   remediation: Add a StringEquals condition on sts:ExternalId, or name the account in the setting
#     trusted_accounts.
#   hygiene: false
#   references: []
package plumbline.aws.iam.external_id

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some i, statement in iam.statements(input.resource.Properties.AssumeRolePolicyDocument)
	statement.Effect == "Allow"
	some principal in iam.aws_principals(statement)
	account := account_in(principal)
	lib.foreign_account(account)
	not protected(statement)
	violation := {
		"message": sprintf("Role %s can be assumed from account %s without an external id", [input.resource.Name, account]),
		"path": sprintf("AssumeRolePolicyDocument.Statement.%d.Condition", [i]),
		"facts": {"account": account, "Principal": principal},
	}
}

account_in(principal) := lib.account_of(principal)

account_in(principal) := principal if regex.match(`^[0-9]{12}$`, principal)

protected(statement) if lib.unknown(statement.Condition)

protected(statement) if {
	some _, keys in statement.Condition
	some key, _ in keys
	lower(key) in {"sts:externalid", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount", "aws:sourcearn"}
}
