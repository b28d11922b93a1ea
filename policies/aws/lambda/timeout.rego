# METADATA
# title: Functions state how long they may run
# description: 'The default of 3 seconds fits few functions: too short it fails work half done, and nobody
#   chose it.'
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
# custom:
#   check_id: PL-LAMBDA-025
#   control: lambda-timeout
#   severity: info
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - Timeout
#   remediation: Set Timeout to a little more than the slowest run you accept.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.timeout

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["Timeout"])
	violation := {
		"message": sprintf("Function %s leaves its timeout to the default of 3 seconds", [input.resource.Name]),
		"path": "Timeout",
		"facts": {"Timeout": null},
	}
}
