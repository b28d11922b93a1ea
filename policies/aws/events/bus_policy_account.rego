# METADATA
# title: Event bus policies admit trusted accounts only
# description: Whoever may put events on the bus triggers its rules. Accounts that are trusted are a setting
#   (`trusted_accounts`); an organization is taken for one's own.
# related_resources:
#   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
# custom:
#   check_id: PL-EVENTS-004
#   control: eventbus-policy-account
#   severity: medium
#   resource_types:
#     - AWS::Events::EventBus
#     - AWS::Events::EventBusPolicy
#   reads:
#     - Policy.Statement.Effect
#     - Policy.Statement.Principal
#     - Policy.Statement.Condition
#     - Statement.Effect
#     - Statement.Principal
#     - Statement.Condition
#     - Principal
#     - Condition!
#   remediation: Name the account in the setting trusted_accounts, or remove it.
#   hygiene: false
#   references: []
package plumbline.aws.events.bus_policy_account

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	some property in ["Policy", "Statement"]
	some statement in iam.statements(document(property))
	statement.Effect == "Allow"
	some principal in iam.aws_principals(statement)
	account := account_in(principal)
	foreign(account)
	not iam.limited(statement)
	violation := {
		"message": sprintf("Event bus %s takes events of account %s", [input.resource.Name, account]),
		"path": property,
		"facts": {"account": account},
	}
}

deny contains violation if {
	input.resource.Type == "AWS::Events::EventBusPolicy"
	account := account_in(sprintf("%v", [lib.value(input.resource, ["Principal"], "")]))
	foreign(account)
	lib.absent(input.resource, ["Condition"])
	violation := {
		"message": sprintf("Event bus policy %s takes events of account %s", [input.resource.Name, account]),
		"path": "Principal",
		"facts": {"account": account},
	}
}

document(property) := input.resource.Properties.Policy if property == "Policy"

document(property) := {"Statement": input.resource.Properties.Statement} if property == "Statement"

account_in(principal) := principal if regex.match(`^[0-9]{12}$`, principal)

account_in(principal) := lib.account_of(principal) if startswith(principal, "arn:")

foreign(account) if {
	input.resource.Account != ""
	lib.foreign_account(account)
}
