# METADATA
# title: Functions inside a VPC span two subnets
# description: A function in one subnet stops with its Availability Zone, and when the subnet runs out of
#   addresses.
# related_resources:
#   - https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
# custom:
#   check_id: PL-LAMBDA-029
#   control: lambda-subnets
#   severity: low
#   resource_types:
#     - AWS::Lambda::Function
#   reads:
#     - VpcConfig.SubnetIds!
#   remediation: Name subnets of two or more Availability Zones in VpcConfig.SubnetIds.
#   hygiene: true
#   references: []
package plumbline.aws.lambda.subnets

import data.plumbline.lib

deny contains violation if {
	subnets := lib.value(input.resource, ["VpcConfig", "SubnetIds"], [])
	is_array(subnets)
	count(subnets) == 1
	some subnet in subnets
	not lib.unknown(subnet)
	violation := {
		"message": sprintf("Function %s runs in one subnet only", [input.resource.Name]),
		"path": "VpcConfig.SubnetIds",
		"facts": {"subnets": subnets},
	}
}
