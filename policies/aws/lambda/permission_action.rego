# METADATA
# title: Function permissions allow invoking only
# description: A permission with a wildcard, or for anything but invoking, lets another account or service
#   read or change the function itself.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
# custom:
#   check_id: PL-LAMBDA-034
#   control: lambda-permission-action
#   severity: medium
#   resource_types:
#     - AWS::Lambda::Permission
#   reads:
#     - Action
#   remediation: Set Action to lambda:InvokeFunction, or lambda:InvokeFunctionUrl for a URL.
#   hygiene: false
#   references: []
package plumbline.aws.lambda.permission_action

import data.plumbline.lib

deny contains violation if {
	some action in lib.items(input.resource, ["Action"])
	not lower(action) in {"lambda:invokefunction", "lambda:invokefunctionurl", "lambda:invokeasync"}
	violation := {
		"message": sprintf("Permission %s allows %s, not only invoking", [input.resource.Name, action]),
		"path": "Action",
		"facts": {"Action": action},
	}
}
