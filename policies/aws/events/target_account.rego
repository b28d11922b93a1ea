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
#   compliance:
#     SOC2: [CC6.1, CC6.6]
#     NIST 800-53: [AC-3, AC-6]
#     PCI DSS: [7.2.1]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [32(1)(b)]
#     ISO 27001: [A.5.15, A.8.3]
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
