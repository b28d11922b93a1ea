# Reads what the policy of a resource grants: to other accounts, and how much of it.
#
# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
package plumbline.lib.grants

import data.plumbline.lib
import data.plumbline.lib.iam

# What the statements of a document allow to accounts that are neither this one nor trusted.
foreign(document) := [{"index": i, "statement": statement, "account": account} |
	some i, statement in iam.statements(document)
	statement.Effect == "Allow"
	some principal in iam.aws_principals(statement)
	account := account_in(principal)
	lib.foreign_account(account)
	not same_organization(statement)
]

account_in(principal) := lib.account_of(principal)

account_in(principal) := principal if regex.match(`^[0-9]{12}$`, principal)

same_organization(statement) if lib.unknown(statement.Condition)

same_organization(statement) if {
	some operator, keys in statement.Condition
	trim_prefix(lower(operator), "foranyvalue:") in {"stringequals", "stringlike"}
	some key, wanted in keys
	lower(key) in {"aws:principalorgid", "aws:principalorgpaths"}
	not "*" in lib.as_array(wanted)
}

# The statements that allow every action of a service, or all but a few. Leaving the decision to the
# IAM of the own account, as default policies do, gives nobody anything yet and is left out.
every_action(document) := [{"index": i, "statement": statement} |
	some i, statement in iam.statements(document)
	statement.Effect == "Allow"
	unbounded(statement)
	not lib.doubtful(object.get(statement, "Principal", null))
	not delegated(statement)
]

unbounded(statement) if "*" in iam.actions(statement)

unbounded(statement) if {
	some action in iam.actions(statement)
	endswith(action, ":*")
}

unbounded(statement) if statement.NotAction

delegated(statement) if {
	principals := iam.aws_principals(statement)
	count(principals) > 0
	count([principal | some principal in principals; own_root(principal)]) == count(principals)
}

own_root(principal) if endswith(principal, ":iam::${AWS::AccountId}:root")

own_root(principal) if principal == "${AWS::AccountId}"

own_root(principal) if {
	endswith(principal, ":root")
	lib.account_of(principal) == input.resource.Account
}

own_root(principal) if {
	principal == input.resource.Account
	principal != ""
}
