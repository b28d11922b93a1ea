# METADATA
# title: Layer versions are shared with named accounts only
# description: A layer that everyone may use shows everyone the code and whatever was packed with it.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/permissions-layer-cross-account.html
# custom:
#   check_id: PL-LAMBDA-021
#   control: lambda-layer-public
#   severity: high
#   resource_types:
#     - AWS::Lambda::LayerVersionPermission
#   reads:
#     - Principal
#     - OrganizationId
#   remediation: Name the account in Principal, or set OrganizationId.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.layer_public

import data.plumbline.lib

deny contains violation if {
	lib.value(input.resource, ["Principal"], "") == "*"
	lib.absent(input.resource, ["OrganizationId"])
	violation := {
		"message": sprintf("Layer permission %s lets everyone read the layer", [input.resource.Name]),
		"path": "Principal",
		"facts": {"Principal": "*"},
	}
}
