# METADATA
# title: Security groups do not open every port to everyone
# description: Every port and protocol of whatever joins the group is reachable from the internet.
# related_resources:
#   - https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
# custom:
#   check_id: PL-VPC-003
#   control: security-group-open
#   severity: high
#   resource_types:
#     - AWS::EC2::SecurityGroup
#     - AWS::EC2::SecurityGroupIngress
#   reads:
#     - SecurityGroupIngress.CidrIp
#     - SecurityGroupIngress.CidrIpv6
#     - SecurityGroupIngress.IpProtocol
#     - SecurityGroupIngress.FromPort
#     - SecurityGroupIngress.ToPort
#     - CidrIp
#     - CidrIpv6
#     - IpProtocol
#     - FromPort
#     - ToPort
#   remediation: Admit the ports that are served, and those who need them.
#   hygiene: false
#   references: []
package plumbline.aws.ec2.open_everything

import data.plumbline.lib.network

deny contains violation if {
	some found in network.open_rules
	every_port(found.rule)
	violation := {
		"message": sprintf("Security group %s opens every port to everyone", [input.resource.Name]),
		"path": found.path,
		"facts": {"IpProtocol": found.rule.IpProtocol},
	}
}

every_port(rule) if network.every_protocol(rule)

every_port(rule) if {
	network.known(rule)
	network.number(rule.FromPort) <= 1
	network.number(rule.ToPort) >= 65535
}
