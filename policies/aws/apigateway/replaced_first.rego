# METADATA
# title: Terraform replaces APIs and deployments before it destroys them
# description: A replaced deployment cannot be destroyed while a stage points to it, and a replaced API takes its
#   callers with it until the new one answers. CloudFormation replaces in that order by itself.
# related_resources:
#   - https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
# custom:
#   check_id: PL-APIGATEWAY-033
#   control: apigateway-replaced-first
#   severity: low
#   resource_types:
#     - AWS::ApiGateway::Deployment
#     - AWS::ApiGateway::RestApi
#   reads:
#     - Lifecycle.CreateBeforeDestroy
#   remediation: Add lifecycle { create_before_destroy = true }.
#   hygiene: true
#   references:
#     - CKV_AWS_217
#     - CKV_AWS_237
package plumbline.aws.apigateway.replaced_first

import data.plumbline.lib

# Only what Terraform declares has a Lifecycle here, and always has one.
deny contains violation if {
	lib.value(input.resource, ["Lifecycle", "CreateBeforeDestroy"], null) in {false, "false"}
	violation := {
		"message": sprintf("%s is destroyed before its replacement is there", [input.resource.Name]),
		"path": "Lifecycle.CreateBeforeDestroy",
		"facts": {"CreateBeforeDestroy": false},
	}
}
