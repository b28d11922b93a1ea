# METADATA
# title: Permissions of functions and layers name their principal
# description: Principal * leaves all to the other limits of the permission; one of them removed,
#   and everyone may. PL-LAMBDA-004 and PL-LAMBDA-021 tell of those without a limit.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
# custom:
#   check_id: PL-LAMBDA-037
#   control: lambda-wildcard-principal
#   severity: low
#   resource_types:
#     - AWS::Lambda::Permission
#     - AWS::Lambda::LayerVersionPermission
#   reads:
#     - Principal
#   remediation: Name the account, the service or the role in Principal.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.wildcard_principal

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Principal"], "") == "*"
	violation := {
		"message": sprintf("Permission %s names no principal", [input.resource.Name]),
		"path": "Principal",
		"facts": {"Principal": "*"},
	}
}
