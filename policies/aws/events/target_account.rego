# METADATA
# title: Rules deliver to trusted accounts only
# description: Everything a rule matches leaves for the other account. Accounts that are trusted are a setting
#   (`trusted_accounts`).
# related_resources:
#   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
# custom:
#   check_id: PL-EVENTS-006
#   control: events-rule-target-account
#   severity: medium
#   resource_types:
#     - AWS::Events::Rule
#   reads:
#     - Targets.Arn
#   remediation: Name the account in the setting trusted_accounts, or remove the target.
#   hygiene: false
#   references: []
package plumbline.aws.events.target_account

import data.plumbline.lib

deny contains violation if {
	input.resource.Account != ""
	some i, target in lib.items(input.resource, ["Targets"])
	is_string(target.Arn)
	account := lib.account_of(target.Arn)
	lib.foreign_account(account)
	violation := {
		"message": sprintf("Rule %s sends events to account %s", [input.resource.Name, account]),
		"path": sprintf("Targets.%d.Arn", [i]),
		"facts": {"account": account, "Arn": target.Arn},
	}
}
