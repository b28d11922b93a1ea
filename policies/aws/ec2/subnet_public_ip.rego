# METADATA
# title: Subnets do not give out public addresses
# description: Whatever is started in such a subnet is reachable from the internet, as far as its
#   security group lets it.
# related_resources:
#   - https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html
# custom:
#   check_id: PL-VPC-008
#   control: subnet-public-ip
#   severity: low
#   resource_types:
#     - AWS::EC2::Subnet
#   reads:
#     - MapPublicIpOnLaunch
#   remediation: Set MapPublicIpOnLaunch to false and give addresses to what needs one.
#   hygiene: true
#   references: []
package plumbline.aws.ec2.subnet_public_ip

import data.plumbline.lib

deny contains violation if {
	lib.is_true(lib.value(input.resource, ["MapPublicIpOnLaunch"], false))
	violation := {
		"message": sprintf("Subnet %s gives out public addresses", [input.resource.Name]),
		"path": "MapPublicIpOnLaunch",
		"facts": {"MapPublicIpOnLaunch": true},
	}
}
