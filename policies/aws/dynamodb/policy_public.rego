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
#   compliance:
#     SOC2: [CC6.1, CC6.6]
#     NIST 800-53: [AC-3, AC-6]
#     PCI DSS: [7.2.1]
#     HIPAA: [164.312(a)(1)]
#     GDPR: [25(2), 32(1)(b)]
#     ISO 27001: [A.5.15, A.8.3]
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
