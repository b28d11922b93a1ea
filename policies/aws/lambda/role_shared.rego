# METADATA
# title: Execution roles serve one function each
# description: 'Functions that share a role share the sum of their permissions: a flaw in one opens
#   what the others may reach.'
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
# custom:
#   check_id: PL-LAMBDA-016
#   control: lambda-role-shared
#   severity: low
#   resource_types:
#     - AWS::IAM::Role
#   reads:
#     - related.AWS::Lambda::Function.Role
#   remediation: Give each function its own role.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.role_shared

import data.plumbline.lib

deny contains violation if {
	names := sort([function.Name |
		some function in lib.related("AWS::Lambda::Function")
		function.Properties.Role
		not lib.unknown(function.Properties.Role)
	])
	count(names) > 1
	violation := {
		"message": sprintf("Role %s is shared by %d functions", [input.resource.Name, count(names)]),
		"path": "RoleName",
		"facts": {"functions": names},
	}
}
