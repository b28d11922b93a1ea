# METADATA
# title: Functions are invoked by one service each
# description: A function that several services invoke gets events of several shapes, and a role that is
#   the sum of what each event needs.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/concepts-event-driven-architectures.html
# custom:
#   check_id: PL-LAMBDA-035
#   control: lambda-several-callers
#   severity: info
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - related.AWS::Lambda::Permission.Principal
#   remediation: Split the function by event source.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.several_callers

import data.plumbline.lib

deny contains violation if {
	permissions := lib.related("AWS::Lambda::Permission")
	count(permissions) > 1
	callers := {principal | some permission in permissions; principal := permission.Properties.Principal; is_string(principal)}
	count(callers) > 1
	violation := {
		"message": sprintf("Function %s is invoked by %d services or accounts", [input.resource.Name, count(callers)]),
		"path": "Permissions",
		"facts": {"callers": sort([caller | some caller in callers])},
	}
}
