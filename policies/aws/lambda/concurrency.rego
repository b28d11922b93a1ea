# METADATA
# title: Functions reserve a concurrency of their own
# description: A function without reserved concurrency can use up the account's, stopping all others,
#   and scales a mistake or an attack without bound.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
# custom:
#   check_id: PL-LAMBDA-011
#   control: lambda-concurrency
#   severity: low
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - ReservedConcurrentExecutions
#   remediation: Set ReservedConcurrentExecutions to what the function needs at its peak.
#   hygiene: true
#   references:
#     - CKV_AWS_115
package plumbline.aws.lambda.concurrency

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["ReservedConcurrentExecutions"])
	violation := {
		"message": sprintf("Function %s has no concurrency limit of its own", [input.resource.Name]),
		"path": "ReservedConcurrentExecutions",
		"facts": {"ReservedConcurrentExecutions": null},
	}
}
