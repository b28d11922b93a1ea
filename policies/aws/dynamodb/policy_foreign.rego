# METADATA
# title: Table policies do not admit other accounts
# description: An account that is not in the list of trusted accounts has access to the items.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-cross-account-access.html
# custom:
#   check_id: PL-DYNAMODB-009
#   control: dynamodb-policy-foreign
#   severity: medium
#   resource_types:
#     - AWS::DynamoDB::Table
#   reads:
#     - ResourcePolicy.PolicyDocument.Statement.Effect
#     - ResourcePolicy.PolicyDocument.Statement.Principal
#     - ResourcePolicy.PolicyDocument.Statement.Condition
#   remediation: Remove the account, add a condition on aws:PrincipalOrgID, or add it to the trusted
#     accounts.
#   hygiene: false
#   references: []
package plumbline.aws.dynamodb.policy_foreign

import data.plumbline.lib.grants

deny contains violation if {
	some found in grants.foreign(input.resource.Properties.ResourcePolicy.PolicyDocument)
	violation := {
		"message": sprintf("Policy of table %s admits account %s", [input.resource.Name, found.account]),
		"path": sprintf("ResourcePolicy.PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"account": found.account, "Action": object.get(found.statement, "Action", null)},
	}
}
