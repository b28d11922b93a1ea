# METADATA
# title: Table policies do not admit everyone
# description: A table policy that admits everyone without a condition opens the items to every AWS
#   account, where block public access does not refuse it.
# related_resources:
#   - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-bpa-rbp.html
# custom:
#   check_id: PL-DYNAMODB-008
#   control: dynamodb-policy-public
#   severity: critical
#   resource_types:
#     - AWS::DynamoDB::Table
#   reads:
#     - ResourcePolicy.PolicyDocument.Statement.Effect
#     - ResourcePolicy.PolicyDocument.Statement.Principal
#     - ResourcePolicy.PolicyDocument.Statement.Condition
#   remediation: Name the principals, or add a condition on aws:PrincipalOrgID.
#   hygiene: false
#   references: []
package plumbline.aws.dynamodb.policy_public

import data.plumbline.lib.iam

deny contains violation if {
	some found in iam.public(input.resource.Properties.ResourcePolicy.PolicyDocument)
	violation := {
		"message": sprintf("Policy of table %s admits everyone", [input.resource.Name]),
		"path": sprintf("ResourcePolicy.PolicyDocument.Statement.%d.Principal", [found.index]),
		"facts": {"Principal": object.get(found.statement, "Principal", "NotPrincipal"), "Action": object.get(found.statement, "Action", null)},
	}
}
