# METADATA
# title: Execution roles are taken by services only
# description: A person or account that may take a function's role does what the function may, unseen by
#   the function's code and logs.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
# custom:
#   check_id: PL-LAMBDA-023
#   control: lambda-role-trust
#   severity: medium
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - AssumeRolePolicyDocument.Statement.Effect
#     - AssumeRolePolicyDocument.Statement.Principal
#     - related.AWS::Lambda::Function.FunctionName!
#   remediation: Give people a role of their own and trust lambda.amazonaws.com alone.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.role_trust

import data.plumbline.lib
import data.plumbline.lib.iam

deny contains violation if {
	count(lib.related("AWS::Lambda::Function")) > 0
	some i, statement in iam.statements(input.resource.Properties.AssumeRolePolicyDocument)
	statement.Effect == "Allow"
	some kind in ["AWS", "Federated"]
	some principal in iam.texts(statement.Principal[kind])
	violation := {
		"message": sprintf("Role %s of a function can be taken by %s as well", [input.resource.Name, principal]),
		"path": sprintf("AssumeRolePolicyDocument.Statement.%d.Principal", [i]),
		"facts": {"Principal": principal},
	}
}
