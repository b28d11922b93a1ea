# METADATA
# title: Functions state how much memory they have
# description: Memory decides processor time and price alike; the default of 128 MB is the slowest there
#   is and often not the cheapest.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
# custom:
#   check_id: PL-LAMBDA-026
#   control: lambda-memory
#   severity: info
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - MemorySize
#   remediation: Set MemorySize to what measurements show to be best.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.memory

import data.plumbline.lib

deny contains violation if {
	lib.absent(input.resource, ["MemorySize"])
	violation := {
		"message": sprintf("Function %s leaves its memory to the default of 128 MB", [input.resource.Name]),
		"path": "MemorySize",
		"facts": {"MemorySize": null},
	}
}
